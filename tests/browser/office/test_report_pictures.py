"""A report beside other days: bars that fit their names, a name that opens the rows behind it, and one of those its sale."""

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
    [
        (1366, 900, "light"),
        pytest.param(1024, 768, "dark", marks=pytest.mark.long),
        pytest.param(390, 844, "dark", marks=pytest.mark.long),
    ],
)
def test_report_is_compared_drawn_and_opened_down_to_the_sale(
    books: Clinic, base: str, browser: Browser, width: int, height: int, scheme: str
) -> None:
    page = enter(browser, base, books, width, height, scheme)
    page.goto(f"{base}/office/reports/sales-by-category?location=riverside&period=this-month")
    page.get_by_label("Compared with").select_option("before")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Compared with 1 May 2026 to ")).to_be_visible()
    expect(page.get_by_role("cell", name="nothing before").first).to_be_visible()
    picture = page.locator("figure.bars")
    expect(picture).to_have_count(1)
    names = picture.locator(".name").all()
    assert all(name.evaluate("one => one.scrollWidth <= one.clientWidth + 1") for name in names)
    # A reader of screens has the table alone.
    expect(page.get_by_role("figure")).to_have_count(0)
    assert flaws(page) == []
    assert not is_wider(page)
    keep_picture(page, f"report-compared-{width}-{scheme}", whole=True)
    picture.get_by_text("Treatment").click()
    expect(page.get_by_role("heading", name="Items", exact=True, level=1)).to_be_visible()
    expect(page.get_by_label("Category")).to_have_value("variant")
    assert flaws(page) == []
    assert not is_wider(page)
    keep_picture(page, f"report-behind-{width}-{scheme}", whole=True)
    page.get_by_role("cell").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="RIV-00000")).to_be_visible()
