"""Locations, desks, texts and taxes in a real browser: axe finds nothing, nothing is wider than the window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.office.test_pages import SIZES, base, enter
from tests.support.axe import flaws_at
from tests.support.clinic import Clinic

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
__all__ = ["base"]


@pytest.mark.long
def test_location_pages_every_screen_have_no_flaw(books: Clinic, base: str, browser: Browser) -> None:
    page = enter(browser, base, books, *SIZES["desk"], "light")
    wrong = []
    for name, path in (
        ("locations", "locations"),
        ("new", "locations/new?country=DE"),
        ("location", f"locations/{books.usd.location_id}"),
        ("desks", "desks"),
        ("printers", "printers"),
        ("texts", "public-pages"),
        ("receipts", "receipts"),
        ("tax", "tax"),
    ):
        page.goto(f"{base}/office/settings/{path}", wait_until="networkidle")
        wrong += flaws_at(page, f"places-{name}", SIZES, whole=True)
    assert wrong == []
