"""Locations, desks, texts and taxes in a real browser: axe finds nothing, nothing is wider than the window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.office.test_pages import SCREENS, base, enter
from tests.support.axe import flaws
from tests.support.clinic import Clinic
from tests.support.pictures import keep_picture

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
__all__ = ["base"]


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_location_pages_every_screen_have_no_flaw(
    books: Clinic, base: str, browser: Browser, width: int, height: int, scheme: str
) -> None:
    page = enter(browser, base, books, width, height, scheme)
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
        wrong += [f"{path}: {flaw}" for flaw in flaws(page)]
        keep_picture(page, f"places-{name}-{width}-{scheme}", whole=True)
    assert wrong == []
