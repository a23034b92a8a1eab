"""The desk in Chromium: a lost answer, a reload or an unknown payment loses no key and sells once."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route

from pos.domain.sales.models import Order, Sale
from tests.support.cards import CARDS, Till
from tests.support.clinic import Clinic
from tests.support.desk_user import DeskUser

pytestmark = CARDS


def lose_first_answer(page: Page, address: str) -> list[Route]:
    """Have the server do what it is asked first at an address, and the page not hear of it; gives what was lost."""
    lost: list[Route] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route)
        route.fetch()
        route.abort()

    page.route(address, lose)
    return lost


def test_price_key_pressed_while_last_sale_is_looked_up_stays(open_register: Callable[..., DeskUser]) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("K")
    hands.page.get_by_role("button", name="Exactly 81.00").click()
    hands.state("paid")
    late: list[Route] = []
    hands.page.route(re.compile("/register/api/sales/[0-9a-f-]+$"), lambda route: late.append(route))
    with hands.page.expect_request(re.compile("/register/api/sales/")):
        hands.page.reload()
    # The server is slow to price the new ticket too.
    hands.page.route("**/register/api/tickets", lambda route: late.append(route))
    with hands.page.expect_request("**/register/api/tickets"):
        hands.press("Foot massage, 30 minutes")
    assert len(late) == 2
    for route in late:
        with hands.page.expect_response(route.request.url):
            route.continue_()
    hands.due("48.60")
    hands.page.get_by_text("The sale before is paid: receipt RIV-000001.").wait_for()


def test_name_typed_while_ticket_is_loaded_is_found_and_enter_takes_no_card(
    open_register: Callable[..., DeskUser],
) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    late: list[Route] = []
    hands.page.route("**/register/api/state", lambda route: late.append(route))
    with hands.page.expect_request("**/register/api/state"):
        hands.page.reload()
    hands.page.keyboard.type("nunez")
    hands.page.get_by_role("option", name="Ana Núñez").wait_for()
    late[0].continue_()
    hands.due("81.00")
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_selector(".ticket h2:text-is('Ana Núñez')")
    hands.state("open")


def test_cash_sale_answer_lost_is_repeated_and_sold_once(
    open_register: Callable[..., DeskUser], clinic: Clinic
) -> None:
    hands = open_register()
    lost = lose_first_answer(hands.page, "**/api/sales")
    hands.press("Foot massage, 60 minutes")
    hands.due("81.00")
    hands.key("k")
    hands.press("100.00, give 19.00 change")
    hands.state("paid")
    assert hands.page.locator(".paid-change").inner_text() == "19.00"
    assert (len(lost), clinic.count(Sale)) == (1, 1)


def test_card_payment_answer_lost_is_continued_and_charged_once(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    lose_first_answer(hands.page, "**/api/payments")
    hands.press("Foot massage, 60 minutes")
    hands.key("Enter")
    hands.card_is_held(till)
    assert (till.charges(), till.clinic.count(Order), till.clinic.count(Sale)) == ([81_00], 1, 1)


def test_card_payment_declined_and_reloaded_is_retried_and_paid(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    hands.press("Foot massage, 60 minutes")
    hands.key("Enter")
    hands.page.wait_for_selector("text=hold the card to the reader")
    till.decline("insufficient_funds")
    hands.state("declined")
    hands.page.reload()
    hands.state("declined")
    assert hands.flaws() == []
    hands.key("Enter")
    hands.card_is_held(till)
    hands.page.reload()
    hands.state("paid")
    hands.page.keyboard.type("ben")
    hands.page.wait_for_selector("[role=option]:has-text('Ben Fischer')")
    assert till.charges() == [81_00]


def test_card_payment_unknown_offers_no_payment_until_resolved(
    open_register: Callable[..., DeskUser], till: Till
) -> None:
    hands = open_register()
    doubt = [True]

    def in_doubt(route: Route) -> None:
        answer = route.fetch()
        body = answer.json() | ({"state": "unknown", "sale": None} if doubt[0] else {})
        route.fulfill(status=answer.status, json=body)

    hands.page.route("**/api/payments/*", in_doubt)
    hands.press("Foot massage, 60 minutes")
    hands.key("Enter")
    hands.state("checking")
    assert "Do not charge again" in hands.page.locator(".ticket-says").inner_text()
    assert hands.page.locator(".ticket-foot button").count() == 0
    assert hands.flaws() == []
    hands.key("Escape")
    hands.key("Enter")
    hands.state("checking")
    till.tap()
    doubt[0] = False
    hands.state("paid")
