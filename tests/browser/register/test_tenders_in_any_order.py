"""One ticket paid by card, in cash and by a second card, and one given back, as a receptionist sees it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from pos.domain.payments.models import Tender
from tests.browser.conftest import SIZES
from tests.support.axe import asked_again, flaws_at
from tests.support.cards import CARDS, Till
from tests.support.desk_user import DeskUser, to_ticket
from tests.support.pictures import keep_picture

pytestmark = CARDS


def part(hands: DeskUser, minor: str, letter: str) -> None:
    hands.key("x")
    hands.page.wait_for_selector("#amount-own:focus")
    hands.page.keyboard.type(minor)
    keep_picture(hands.page, f"part-{letter}")
    hands.key(letter)


def half_by_card(hands: DeskUser, till: Till) -> None:
    """50.00 of 108.00 is paid by a card."""
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("108.00")
    part(hands, "50", "b")
    hands.page.wait_for_selector("text=50.00 by card: ask the client to hold the card to the reader.")
    till.tap()
    hands.state("partly")


def test_ticket_paid_by_card_cash_and_second_card_names_each_part(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    page = hands.page
    half_by_card(hands, till)
    hands.due("58.00")
    page.wait_for_selector(".parts :text('Visa •••• 9969')")
    assert hands.flaws() == []
    part(hands, "30", "k")
    hands.due("28.00")
    page.reload()
    hands.due("28.00")
    page.wait_for_selector(".parts :text('Cash')")
    with asked_again(True):
        assert flaws_at(page, "partly-paid", SIZES, arrange=to_ticket) == []
    # Locked: what is on it stays as it is, and it is not put aside.
    assert page.get_by_role("button", name="Park").count() == 0
    page.get_by_role("button", name="Foot massage, 60 minutes").click()
    page.wait_for_selector("text=This ticket is being paid. Finish or stop the payment first.")
    hands.key("Enter")
    page.wait_for_selector("text=28.00 by card: ask the client to hold the card to the reader.")
    till.decline()
    hands.state("declined")
    page.locator("[data-focus=stop]").click()
    hands.state("partly")
    hands.due("28.00")
    hands.key("Enter")
    hands.card_is_held(till)
    for _ in range(2):
        page.wait_for_selector("text=50.00 of it by Visa •••• 9969.")
        page.wait_for_selector("text=28.00 of it by Visa •••• 9969.")
        page.wait_for_selector("text=30.00 of it in cash.")
        assert hands.flaws() == []
        keep_picture(page, "paid-in-parts")
        page.reload()
    with till.clinic.read() as session:
        taken = session.execute(select(Tender.kind, Tender.amount_minor).order_by(Tender.position)).all()
    assert [tuple(row) for row in taken] == [("cash", 30_00), ("card", 50_00), ("card", 28_00)]


def test_partly_paid_ticket_given_back_says_what_goes_where(open_register: Callable[..., DeskUser], till: Till) -> None:
    hands = open_register()
    page = hands.page
    half_by_card(hands, till)
    part(hands, "30", "k")
    hands.due("28.00")
    page.locator("[data-focus=give-back]").click()
    page.wait_for_selector("text=You hand back 30.00 in cash.")
    assert hands.flaws() == []
    keep_picture(page, "give-parts-back")
    page.locator("[data-focus=give-back-now]").click()
    page.wait_for_selector(".notice:has-text('50.00 goes back to Visa •••• 9969. Hand back 30.00 in cash.')")
    hands.state("open")
    hands.due("108.00")
