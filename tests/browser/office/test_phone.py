"""The office on a phone: a bar at the foot, tables as rows of label and value. Its filters: choices apply at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.office.test_pages import base, enter
from tests.support.axe import flaws, is_wider
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def test_phone_has_a_bar_at_its_foot_and_tables_that_need_no_scrolling(
    books: Clinic, base: str, browser: Browser
) -> None:
    page = enter(browser, base, books, 390, 844, "light")
    page.goto(f"{base}/office/reports/items?location=riverside")
    bar = page.get_by_role("navigation", name="Office")
    assert bar.bounding_box() == {"x": 0, "y": 787, "width": 390, "height": 57}
    assert bar.get_by_role("link").all_inner_texts() == ["Today", "Sales", "Packages", "Money"]
    table = page.get_by_role("table", name="Items")
    row = table.get_by_role("row").nth(1)
    label = "e => getComputedStyle(e, '::before').content"
    assert row.locator("[data-label=Receipt]").evaluate(label) == '"Receipt"'
    assert row.get_by_role("cell").count() > 3, "rows and cells are no table to a screen reader any more"
    assert table.evaluate("e => e.scrollWidth <= innerWidth")
    assert not is_wider(page)
    assert flaws(page) == []
    keep_picture(page, "phone-items")
    bar.get_by_role("button", name="More").click()
    bar.get_by_role("link", name="Settings").wait_for()
    assert flaws(page) == []
    keep_picture(page, "phone-more")
    page.keyboard.press("Escape")
    expect(bar.get_by_role("link", name="Settings")).to_be_hidden()
    bar.get_by_role("button", name="More").click()
    bar.get_by_role("link", name="Clients").click()
    page.get_by_role("heading", name="Clients").wait_for()
    page.context.close()


def test_filter_applies_when_it_is_chosen_and_keeps_the_focus_but_a_typed_day_waits(
    books: Clinic, base: str, browser: Browser
) -> None:
    page = enter(browser, base, books, 1366, 900, "light")
    page.goto(f"{base}/office/reports/items?location=riverside")
    chosen = page.get_by_label("Category")
    chosen.select_option("retail")
    page.wait_for_url("**category=retail**")
    expect(chosen).to_be_focused()
    first = page.locator("form.sentence input[type=date]").first
    day = first.input_value()
    first.focus()
    page.keyboard.press("ArrowDown")  # its first part: a month, a year or a day
    expect(first).not_to_have_value(day)
    typed = first.input_value()
    assert f"from={day}" in page.url
    page.keyboard.press("Enter")
    page.wait_for_url(f"**from={typed}**")
    page.context.close()


def test_long_form_begins_with_links_to_its_parts(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, 390, 844, "light")
    page.goto(f"{base}/office/settings/plans/new")
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="On sale").click()
    expect(page.get_by_text("On sale", exact=True).last).to_be_in_viewport()
    assert flaws(page) == []
    page.context.close()
