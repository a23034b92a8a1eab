"""A gift card in the browser: sold at the desk, its code read from the screen, found by it, and paid with by one key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pos.domain.stored_value import queries
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser, first_desk
from tests.support.gift_card_desk import give_credit, on_account


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: what differs between the databases lies below the face."""
    return sqlite_database


@pytest.fixture
def page(browser: Browser, clinic: Clinic) -> Iterator[Page]:
    """The first desk with the receptionist."""
    with first_desk(browser, clinic) as opened:
        yield opened


def test_gift_card_sold_at_desk_pays_visit(page: Page, clinic: Clinic) -> None:
    hands = DeskUser(page)
    hands.press("Gift card")
    page.get_by_label("Worth").fill("150.00")
    page.get_by_label("For").fill("Mia")
    assert hands.flaws() == []
    page.get_by_role("button", name="Put it on the ticket").click()
    hands.due("150.00")
    hands.key("Enter")
    page.get_by_role("button", name="Exactly 150.00").click()
    hands.state("paid")
    code = page.locator("[data-code]").get_attribute("data-code") or ""
    assert len(code) == 19
    assert hands.flaws() == []
    hands.key("Enter")

    # The same box that finds clients finds the card; on a ticket it pays as far as it goes.
    give_credit(clinic, clinic.ana, 5_00)
    hands.find("nunez", "Ana Núñez")
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("108.00")
    page.locator("register-search input").fill(code.lower())
    page.wait_for_selector(".found [role=option]:has-text('Gift card')")
    page.keyboard.press("Enter")
    hands.due("0.00")
    hands.press("Take Gift card")
    hands.due("108.00")
    hands.key("w")
    hands.due("103.00")
    hands.key("g")
    page.get_by_label("Code", exact=True).fill(code)
    page.keyboard.press("Enter")
    hands.due("0.00")
    assert hands.flaws() == []
    expect(page.get_by_role("button", name="Take 108.00 from card and account")).to_be_visible()
    page.locator("#main").focus()
    hands.key("Enter")
    hands.state("paid")
    expect(page.get_by_text("103.00 from the gift card")).to_be_visible()
    assert on_account(clinic, clinic.ana) == 0
    with clinic.read() as session:
        assert queries.owed_on_cards(session, clinic.usd.location_id) == 47_00
