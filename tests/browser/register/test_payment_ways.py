"""The card at the desk in Chromium, when something stands in the way: the person always knows what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from pos.domain.locations.models import Location
from tests.support.axe import flaws_at
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser, first_desk, to_ticket
from tests.support.pictures import keep_picture

pytestmark = [CARDS, pytest.mark.usefixtures("looks")]
SIZES = {"desk": (1366, 768), "tablet": (1024, 768), "phone": (390, 844)}


@pytest.fixture
def open_register(browser: Browser, till: Till, clinic: Clinic) -> Iterator[Callable[..., DeskUser]]:
    """Open the register signed in at the first desk."""
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "reader_tips", True))
    with first_desk(browser, clinic) as page:
        page.set_default_timeout(15_000)
        yield lambda: DeskUser(page)


def look(hands: DeskUser, name: str) -> None:
    """Axe and the width at three sizes and in both themes; photographed where somebody asks for it."""
    assert flaws_at(hands.page, name, SIZES, arrange=to_ticket) == []


def begin(hands: DeskUser) -> None:
    hands.press("Trigger point therapy, 60 minutes")
    hands.due("108.00")


def test_card_payment_declined_and_retried_adds_reader_tip(open_register: Callable[..., DeskUser], till: Till) -> None:
    hands = open_register()
    begin(hands)
    assert hands.page.get_by_role("button", name="Ask for a tip on the reader").get_attribute("aria-pressed") == "true"
    look(hands, "tips")
    hands.key("Enter")
    hands.page.wait_for_selector("text=The reader asks for a tip first")
    look(hands, "waiting")
    till.decline("insufficient_funds")
    hands.state("declined")
    look(hands, "declined")
    hands.press("Another way")
    hands.page.wait_for_selector("text=Show the code")
    look(hands, "ways")
    hands.press("Back")
    hands.press("Ask again")
    hands.state("waiting")
    till.tap(tip=20_00)
    hands.state("paid")
    hands.page.wait_for_selector("text=20.00 of it is a tip chosen on the reader")
    assert hands.page.locator(".paid-change").text_content() == "128.00"
    look(hands, "paid-with-tip")


def test_card_payment_reader_unplugged_and_replugged_is_paid_once(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    begin(hands)
    hands.key("Enter")
    hands.page.wait_for_selector("text=hold the card to the reader")
    till.at_reader("present")
    hands.press("Stop, choose again")
    hands.page.wait_for_selector("text=The bank is being asked right now")
    till.at_reader("unplug")
    hands.state("checking")
    look(hands, "unplugged")
    till.at_reader("plug")
    hands.state("waiting")
    till.tap()
    hands.state("paid")
    assert till.charges() == [108_00]


def test_qr_payment_at_desk_is_paid(open_register: Callable[..., DeskUser], till: Till) -> None:
    hands = open_register()
    begin(hands)
    hands.key("Enter")
    hands.page.wait_for_selector("text=hold the card to the reader")
    hands.press("Another way")
    hands.press("Show the code")
    image = hands.page.locator(".ticket-code img")
    image.wait_for()
    image.evaluate("(picture) => picture.decode()")
    look(hands, "code")
    with hands.page.context.expect_page() as opened:
        hands.page.get_by_role("link", name="Print it").click()
    slip = DeskUser(opened.value)
    slip.page.wait_for_selector("text=Scan this and pay")
    assert slip.flaws() == []
    keep_picture(slip.page, "slip")
    slip.page.close()
    till.stripe.press(f"sessions/{till.stripe.simulator.world.store.all('checkout.session')[0]['id']}/pay")
    hands.state("paid")
    hands.page.wait_for_selector("text=Paid by QR code")


def test_card_payment_reader_busy_is_freed_by_manager(open_register: Callable[..., DeskUser], till: Till) -> None:
    """Somebody left a payment at this reader; who holds it is said, and a manager frees it from here."""
    other = till.charge(till.command(till.ticket(line("foot_30"), desk=1), reader_id=till.own_reader(0)))
    hands = open_register()
    begin(hands)
    hands.key("Enter")
    hands.state("declined")
    hands.page.wait_for_selector("text=The reader is busy with")
    hands.press("Another way")
    hands.page.wait_for_selector("text=Free it")
    look(hands, "stuck")
    hands.press("Free it")
    hands.page.wait_for_selector("#approval-dialog[open]")
    hands.page.locator("#approval-pin").fill(till.clinic.manager.pin)
    hands.page.get_by_role("button", name="Approve").click()
    hands.page.wait_for_selector("text=is free")
    assert till.attempt(other.order_id).state == "canceled"
    hands.page.locator(".way", has_text="Front").get_by_role("button", name="Ask here").click()
    hands.state("waiting")
    till.tap()
    hands.state("paid")
