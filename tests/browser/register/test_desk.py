"""The desk in Chromium: no answer, tap or keystroke is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from pos.domain.payments.models import Tender
from pos.domain.sales.models import Sale
from pos.domain.staff.models import StaffSession
from tests.browser.conftest import SIZES
from tests.support.axe import flaws_at
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser

pytestmark = CARDS


def test_staff_change_by_pin_keeps_ticket(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.press("Change the person")
    hands.page.keyboard.type(clinic.manager.pin)
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector(".desk-bar :text-is('Mara')")
    hands.due("81.00")


def test_credit_undo_key_removes_and_restores_credit(open_register: Callable[..., DeskUser], till: Till) -> None:
    till.clinic.buy("three", till.clinic.ana)
    hands = open_register()
    hands.find("ana", "Ana Núñez")
    hands.press("Trigger point therapy, 60 minutes")
    hands.page.wait_for_selector("button:has-text('Redeem 1 credit')")
    hands.key("u")
    hands.due("108.00")
    hands.key("u")
    hands.due("0.00")
    hands.key("Enter")
    hands.state("paid")
    hands.page.wait_for_selector("text=Visit redeemed")


def test_price_key_fast_taps_are_drawn_at_once_and_all_kept(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    hands = open_register()
    drawn = hands.page.evaluate(
        """() => {
          const keys = [60, 30].map((m) => document.querySelector(`.price-key[aria-label^='Foot massage, ${m}']`));
          return [...Array(8)].map((_, at) => (keys[at % 2].click(), document.querySelectorAll(".line-open").length));
        }"""
    )
    assert drawn == [1, 2, 3, 4, 5, 6, 7, 8]
    hands.due("518.40")
    hands.page.reload()
    hands.due("518.40")


def test_sign_in_ended_asks_for_pin_and_keeps_ticket(open_register: Callable[..., DeskUser], clinic: Clinic) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    clinic.write(lambda session: [session.delete(row) for row in session.scalars(select(StaffSession))])
    hands.press("Foot massage, 30 minutes")
    hands.page.wait_for_selector("#person-dialog[open] >> text=Your sign-in has ended")
    hands.page.keyboard.press("Escape")
    assert hands.page.locator("#person-dialog[open]").count() == 1
    hands.page.keyboard.type("000000")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector("#person-dialog >> text=That PIN is not right.")
    hands.page.keyboard.type(clinic.receptionist.pin)
    hands.page.keyboard.press("Enter")
    hands.due("129.60")


def test_ticket_changed_in_other_window_keeps_what_was_added_here(
    open_register: Callable[..., DeskUser], till: Till, clinic: Clinic
) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.page.evaluate(
        """async () => {
          const desk = document.querySelector("script[src*='register/desk.js']").src;
          const http = await import(desk.replace("register/desk.js", "http.js"));
          const {ticket} = await http.get("/register/api/state");
          const lines = [0, 1].map((at) => ({...ticket.lines[0], line_id: http.newKey(), credit: "auto"}));
          await http.put(`/register/api/tickets/${ticket.ticket_id}`, {lines, version: ticket.version});
        }"""
    )
    hands.press("Foot massage, 30 minutes")
    hands.page.wait_for_selector(".notice:has-text('What you did here was added to it')")
    hands.due("210.60")
    assert hands.page.locator(".line-open").count() == 3


def test_register_typing_goes_to_search_and_keys_with_modifier_to_ticket(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    hands = open_register()
    box = hands.page.locator("register-search input")
    hands.page.keyboard.type("a")
    assert box.input_value() == "a"
    hands.page.keyboard.press("Escape")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.page.keyboard.type("ac", delay=120)  # letters are a word, so neither aromatherapy nor cupping
    assert box.input_value() == "ac"
    hands.key("a")  # with the modifier: from the search too
    hands.due("93.96")
    assert hands.page.locator("[aria-keyshortcuts='Alt+A'] kbd").inner_text() == "Alt A"
    hands.page.keyboard.press("Escape")
    hands.page.keyboard.press("/")
    hands.page.keyboard.type("oil")
    hands.page.keyboard.press("Enter")
    hands.due("113.40")
    hands.page.keyboard.press("Backspace")
    hands.due("93.96")
    hands.press("Undo")
    hands.due("113.40")
    hands.page.get_by_role("button", name="Massage oil").first.dblclick()
    hands.due("132.84")
    hands.press("Add another")
    hands.due("152.28")
    assert hands.flaws() == []


@pytest.mark.parametrize("sizes", [["phone"], pytest.param(["desk", "tablet"], marks=pytest.mark.long)], ids=",".join)
def test_register_every_state_and_size_has_no_flaw(
    open_register: Callable[..., DeskUser], till: Till, clinic: Clinic, sizes: list[str]
) -> None:
    clinic.buy("three", clinic.ana)
    hands = open_register(size=sizes[0], theme="dark" if sizes == ["phone"] else "light")

    def look(name: str) -> None:
        assert flaws_at(hands.page, f"register-{name}", {size: SIZES[size] for size in sizes}) == []

    look("empty")
    hands.page.keyboard.type("ana")
    hands.page.wait_for_selector("[role=option]:has-text('3 left')")
    look("found")
    hands.page.keyboard.press("Enter")
    hands.press("Trigger point therapy, 60 minutes")
    hands.press("Cupping")
    if sizes == ["phone"]:
        hands.page.locator("[data-pane-choice=ticket]").click()
    hands.page.wait_for_selector(".ticket-foot button:has-text('21.60')")
    look("ticket")
    hands.page.locator(".line-open").first.click()
    hands.page.wait_for_selector("#line-dialog[open]")
    look("line")
    hands.page.keyboard.press("Escape")
    hands.page.locator("[data-focus=cash]").click()
    hands.page.wait_for_selector(".ticket-cash")
    look("cash")
    hands.page.locator("[data-focus=back]").click()
    hands.page.locator("[data-focus=pay]").click()
    hands.page.wait_for_selector("text=hold the card to the reader")
    look("waiting")
    hands.card_is_held(till)
    look("paid")
    small = hands.page.evaluate(
        """() => [...document.querySelectorAll("button, a.button, select")]
          .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 44)
          .map((element) => element.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_register_desk_without_reader_offers_cash_first(browser: Browser, base: str, clinic: Clinic) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    cookie = clinic.desk_cookie(clinic.eur_receptionist)
    context.add_cookies([{"name": "tp_register", "value": cookie, "url": f"{base}/register"}])
    page = context.new_page()
    page.goto(f"{base}/register/")
    page.get_by_role("button", name="Foot massage, 60 minutes").click()
    page.wait_for_selector("button:has-text('Take 75,00 in cash')")
    page.wait_for_selector("text=This desk has no card reader: take cash, or show a QR code to pay by.")
    page.wait_for_selector("text=Includes MwSt. 19 %")
    context.close()


def test_split_payment_canceled_then_repeated_takes_cash_first_and_rest_by_card(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("x")
    hands.page.wait_for_selector("#amount-own:focus")
    hands.page.keyboard.type("81")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector(".field-error:has-text('covers all of 81.00')")
    hands.page.locator("#amount-own").fill("31")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector("text=31.00 in cash, 50.00 by card")
    hands.key("Escape")
    # The cash was received: only the rest of it is due.
    hands.state("partly")
    hands.due("50.00")
    assert (till.charges(), till.clinic.count(Sale)) == ([], 0)
    hands.key("Enter")
    hands.card_is_held(till)
    with till.clinic.read() as session:
        taken = session.execute(select(Tender.kind, Tender.amount_minor).order_by(Tender.position)).all()
    assert [tuple(row) for row in taken] == [("cash", 31_00), ("card", 50_00)]
    assert till.charges() == [50_00]


def test_split_payment_paid_shows_cash_and_card_amounts(open_register: Callable[..., DeskUser], till: Till) -> None:
    """31.00 in cash and 50.00 by card: the screen names both, also after a reload, and the chip what ends first."""
    till.clinic.buy("ten", till.clinic.ana)
    till.clinic.buy("three", till.clinic.ana)
    till.clinic.sell(line("trigger_60", 2), client=till.clinic.ana)
    hands = open_register()
    hands.find("nunez", "Ana Núñez")
    hands.page.wait_for_selector("text=/11 left, 1 of them by \\d/")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("x")
    hands.page.wait_for_selector("#amount-own:focus")
    hands.page.keyboard.type("31")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector("text=31.00 in cash, 50.00 by card")
    hands.card_is_held(till)
    for _ in range(2):
        hands.page.wait_for_selector("text=50.00 of it by this card.")
        hands.page.wait_for_selector("text=31.00 of it in cash.")
        hands.page.wait_for_selector("text=Ana has 11 credits left, 1 of them valid to")
        hands.page.reload()


def test_visit_conversion_of_visit_just_paid_takes_three_actions(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    hands.find("ana", "Ana Núñez")
    hands.press("Trigger point therapy, 60 minutes")
    hands.key("Enter")
    hands.card_is_held(till)
    hands.page.wait_for_selector("text=Make it visit 1 of a package")
    assert hands.flaws() == []
    hands.actions = 0

    hands.press("Make it visit 1 of a package")
    assert hands.flaws() == []
    hands.press("864.00 to pay")
    hands.due("864.00")
    hands.page.wait_for_selector("text=Paid before")
    hands.key("Enter")
    hands.card_is_held(till)

    assert hands.actions <= 3
    assert sorted(till.charges()) == [108_00, 864_00]
    hands.page.wait_for_selector("text=Ana has 9 credits left")


def test_credit_on_longer_visit_charges_difference_and_key_undoes_it(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    till.clinic.buy("three", till.clinic.ana)
    hands = open_register()
    hands.find("ana", "Ana Núñez")
    hands.press("Trigger point therapy, 90 minutes")
    hands.due("43.20")
    hands.page.wait_for_selector("text=1 credit + upgrade 40.00")
    hands.key("u")
    hands.due("151.20")
