"""An owner opens a clinic in a browser, from an empty database to the first receipt, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from pos.core.database.base import reading
from pos.reports.verify import verify
from pos.services.setup.setup_link import make_setup_link
from tests.browser.conftest import SIZES
from tests.support.axe import flaws
from tests.support.desk_user import DeskUser
from tests.support.loopback import on_loopback
from tests.support.pictures import keep_picture

ANSWERS = {
    "clinic_name": "Stillpoint Clinic",
    "location_name": "Riverside",
    "address": "12 Mill Street\nPortland, OR 97205",
    "tax_service": "8",
    "tax_add_on": "8",
    "tax_retail": "8",
    "owner_name": "Ruth Okafor",
    "owner_email": "ruth@stillpoint.example",
    "owner_password": "calm-ledger-2026",
    "owner_pin": "975310",
}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The empty application on a port, and its one-time address."""
    with app.app_context():
        token = make_setup_link(started_by="this test")
    with on_loopback(app) as address:
        yield f"{address}/setup/{token}"


def _look(page: Page, name: str) -> None:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        keep_picture(page, f"setup-{name}-{size}", whole=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, size)
    assert flaws(page) == [], name
    width, height = SIZES["desk"]
    page.set_viewport_size({"width": width, "height": height})


def test_setup_from_empty_database_to_first_receipt(address: str, browser: Browser, app: Flask) -> None:
    context = browser.new_context(locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(address)
    _look(page, "country")
    for name in ("clinic_name", "location_name"):
        page.locator(f"#{name}").fill(ANSWERS[name])
    page.get_by_label("Country").select_option("US")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector("#owner_pin")
    for name, answer in ANSWERS.items():
        page.locator(f"#{name}").fill(answer)
    page.locator("#owner_pin").fill("1")
    page.get_by_role("button", name="Open the clinic").click()
    page.wait_for_selector(".error-summary:has-text('One answer cannot be used')")
    _look(page, "wrong")
    assert page.locator("#address").input_value() == ANSWERS["address"]
    for name in ("owner_password", "owner_pin"):
        page.locator(f"#{name}").fill(ANSWERS[name])
    page.get_by_role("button", name="Open the clinic").click()
    page.wait_for_url("**/office/**")
    _look(page, "office")

    page.goto(address.partition("/setup/")[0] + "/register/")
    page.get_by_label("PIN", exact=True).fill(ANSWERS["owner_pin"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".price-key")
    hands = DeskUser(page)
    hands.press("Open the drawer")
    dialog = page.locator("#open-drawer-dialog")
    dialog.locator("[name=float]").fill("100")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ticket:not(:has-text('Open the drawer'))")
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("108.00")
    hands.key("k")
    page.wait_for_selector("#amount-own:focus")
    page.keyboard.type("110", delay=120)
    page.keyboard.press("Enter")
    hands.state("paid")
    page.wait_for_selector(".ticket-receipt:has-text('RIV-000001')")
    _look(page, "first-receipt")
    context.close()
    with app.app_context():
        assert [result.key for result in verify(reading()) if not result.holds] == []
