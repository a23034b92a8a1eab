"""The stock pages in a real browser: a delivery is entered by keyboard, axe finds nothing, nothing is too wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.office.test_pages import SCREENS, base, enter
from tests.support.axe import flaws
from tests.support.clinic import Clinic, line
from tests.support.pictures import keep_picture

__all__ = ["base"]  # fixtures
pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_stock_pages_every_screen_have_no_flaw(
    books: Clinic, base: str, browser: Browser, width: int, height: int, scheme: str
) -> None:
    page = enter(browser, base, books, width, height, scheme)
    page.goto(f"{base}/office/settings/stock?location=riverside")
    page.get_by_label("Pieces of Massage oil").fill("3")
    page.keyboard.press("Enter")
    page.get_by_text("The delivery is in the stock.").wait_for()
    books.sell(line("oil", 4))
    page.reload()
    page.get_by_text("Below zero").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"stock-{width}-{scheme}", whole=True)
    page.get_by_role("link", name="Massage oil").click()
    page.get_by_role("heading", name="History").wait_for()
    assert flaws(page) == []
    keep_picture(page, f"stock-article-{width}-{scheme}", whole=True)
    page.context.close()
