"""At the desk: a package sold for a part of its price, what waits for the rest; a missed visit; credit paid out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pos.services.stored_value.account_credit import give_goodwill
from tests.integration.instalments.conftest import allow_deposit
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser, first_desk
from tests.support.gift_card_desk import on_account
from tests.support.package_actions import package_action
from tests.support.pictures import keep_picture


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: what differs between the databases lies below the face."""
    return sqlite_database


@pytest.fixture
def page(browser: Browser, clinic: Clinic) -> Iterator[Page]:
    """The first desk with the receptionist."""
    allow_deposit(book_floats(clinic))
    with first_desk(browser, clinic) as opened:
        yield opened


def approve(page: Page, pin: str) -> None:
    """The manager's PIN."""
    page.get_by_label("PIN of a manager or owner").fill(pin)
    page.get_by_role("button", name="Approve").click()


def pay_cash(page: Page, hands: DeskUser, due: str) -> None:
    hands.due(due)
    hands.key("Enter")
    page.get_by_role("button", name=f"Exactly {due}").click()
    hands.state("paid")


def test_package_sale_in_instalments_is_paid_and_missed_visit_takes_credit(page: Page, clinic: Clinic) -> None:
    hands = DeskUser(page)
    hands.find("nunez", "Ana Núñez")
    hands.press("10 × 60 min")
    page.locator(".line-open").click()
    page.get_by_role("textbox", name="Paid now").fill("100")
    page.get_by_role("button", name="Change the line").click()
    hands.page.wait_for_selector("text=180.00 or more is paid at once.")
    expect(page.get_by_role("textbox", name="Paid now")).to_have_value("100")  # what was typed stays
    assert hands.flaws() == []
    keep_picture(page, "part-refused")
    page.get_by_role("textbox", name="Paid now").fill("300")
    assert hands.flaws() == []
    keep_picture(page, "part-line")
    page.get_by_role("button", name="Change the line").click()
    expect(page.locator(".ticket-line")).to_contain_text("of 900.00, 600.00 later")
    keep_picture(page, "part-ticket")
    pay_cash(page, hands, "324.00")
    hands.key("Enter")

    hands.find("nunez", "Ana Núñez")
    expect(page.locator(".ticket-client")).to_contain_text("3 left")
    expect(page.locator(".ticket-client")).to_contain_text("600.00 to pay")
    hands.key("i")
    sheet = page.locator("#client-sheet")
    expect(sheet).to_contain_text("3 of 10 can be used")
    expect(sheet).to_contain_text("60.00 for the next session")
    assert hands.flaws() == []
    keep_picture(page, "client-sheet")
    sheet.get_by_role("button", name="No-show").click()
    approve(page, clinic.manager.pin)
    page.wait_for_selector("text=Ana has 2 credits left of it")
    for lines in range(1, 4):
        hands.press("Trigger point therapy, 60 minutes")
        expect(page.locator(".line-open")).to_have_count(lines)
        hands.rest()
    expect(page.locator(".ticket-line").last).to_contain_text("60.00 to pay before the next credit can be used")
    keep_picture(page, "waits")
    page.keyboard.press("Backspace")
    hands.key("i")
    sheet.get_by_role("button", name="Take a payment").click()
    page.get_by_role("textbox", name="Paid now").fill("60")
    assert hands.flaws() == []
    keep_picture(page, "part-payment")
    page.get_by_role("button", name="Put it on the ticket").click()
    pay_cash(page, hands, "64.80")
    keep_picture(page, "part-paid")
    assert failing(clinic) == {}


def test_account_credit_payout_with_approval_is_paid_in_cash(page: Page, clinic: Clinic) -> None:
    with clinic.app.app_context():
        give_goodwill(
            package_action(clinic), client_id=clinic.ana, location_id=clinic.usd.location_id, amount_minor=25_00
        )
    hands = DeskUser(page)
    hands.find("nunez", "Ana Núñez")
    hands.key("i")
    page.get_by_role("button", name="Pay out in cash").click()
    page.get_by_role("button", name="Pay it out").click()
    page.wait_for_selector("text=Say why: a few words.")
    page.get_by_role("textbox", name="Why").fill("She moves away")
    assert hands.flaws() == []
    keep_picture(page, "pay-out")
    page.get_by_role("button", name="Pay it out").click()
    approve(page, clinic.manager.pin)
    page.wait_for_selector("text=Hand over $25.00")
    assert on_account(clinic, clinic.ana) == 0
    assert failing(clinic) == {}
