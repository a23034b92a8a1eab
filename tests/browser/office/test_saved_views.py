"""A report is saved as a view, opened from the head of the reports, and sent by mail: at a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.office.test_pages import base, enter
from tests.support.axe import flaws, is_wider
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(1366, 900, "light"), pytest.param(390, 844, "dark", marks=pytest.mark.long)],
)
def test_view_is_saved_opened_and_sent(
    books: Clinic, base: str, browser: Browser, width: int, height: int, scheme: str
) -> None:
    page = enter(browser, base, books, width, height, scheme)
    page.goto(f"{base}/office/reports/tips?location=riverside&period=last-month")
    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name").fill("Tips to pay")
    expect(page.get_by_label("Days")).to_have_value("last-month")
    page.get_by_label("Share with those at Riverside").check()
    assert flaws(page) == []
    keep_picture(page, f"view-new-{width}-{scheme}", whole=True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Saved views")).to_be_visible()
    assert flaws(page) == []
    keep_picture(page, f"view-list-{width}-{scheme}", whole=True)
    page.get_by_role("link", name="Change Tips to pay").click()
    page.get_by_label("How often").select_option("every week")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("by mail", exact=True)).to_be_visible()
    page.get_by_role("link", name="Change Tips to pay").click()
    expect(page.get_by_role("button", name="Send it no more")).to_be_visible()
    assert flaws(page) == []
    assert not is_wider(page)
    keep_picture(page, f"view-mails-{width}-{scheme}", whole=True)
    page.get_by_role("link", name="Open the view").click()
    expect(page.get_by_role("heading", name="Tips", exact=True, level=1)).to_be_visible()
    keep_picture(page, f"view-open-{width}-{scheme}", whole=True)
