"""The desk without its server: cash sales go on, a reload works, and what was taken is brought in once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from pos.domain.credits.models import CreditLot
from pos.domain.locations.models import Location
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.sales.models import Sale, Ticket
from tests.support.clinic import Clinic, line
from tests.support.desk_user import DeskUser
from tests.support.loopback import on_loopback
from tests.support.pictures import keep_picture

OpensDesk = Callable[[int], DeskUser]


class Server:
    """The application on a port that stays the same when it is stopped and started again."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.port, self._running = clinic, 0, ExitStack()
        self.base = ""

    def start(self) -> None:
        self.base = self._running.enter_context(on_loopback(self.clinic.app, self.port))
        self.port = urlsplit(self.base).port or 0

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
def server(clinic: Clinic) -> Iterator[Server]:
    server = Server(clinic)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def opened(browser: Browser, server: Server) -> Iterator[OpensDesk]:
    """Open a desk that has seen its server: the page and what it needs are kept. An error of a page fails the test."""
    clinic, errors = server.clinic, list[str]()

    with ExitStack() as contexts:

        def open_desk(desk: int) -> DeskUser:
            context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
            contexts.callback(context.close)
            cookie = clinic.desk_cookie(clinic.receptionist, clinic.usd.desks[desk])
            for name, value in (("tp_register", cookie), ("tp_desk", str(clinic.usd.desks[desk]))):
                context.add_cookies([{"name": name, "value": value, "url": f"{server.base}/register"}])
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"{server.base}/register/")
            page.wait_for_selector(".price-key")
            page.wait_for_selector("#offline[data-kept]", state="attached")
            return DeskUser(page)

        yield open_desk
    assert errors == []


KEEP_OLD_BUILD = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  const said = new Promise((done) => {
    navigator.serviceWorker.addEventListener("message", ({ data }) => done(data.kept), { once: true });
    setTimeout(() => done("nothing"), 5000);
  });
  active.postMessage({ keep: [`${location.origin}/static/old/js/register/desk.js`] });
  return said;
}"""


def priced(page: Page) -> None:
    """Wait until the due amount is of what stands on the ticket."""
    page.wait_for_selector(".ticket-due output:not(.old)")


def give_discount(page: Page) -> None:
    """5 % off the whole ticket."""
    page.get_by_role("button", name="Discount").click()
    dialog = page.locator("#discount-dialog")
    dialog.get_by_role("radio", name="%").check()
    dialog.locator("[name=discount]").fill("5")
    dialog.locator("[name=reason]").fill("late")
    dialog.locator("[type=submit]").click()


def take_cash(page: Page, amount: str) -> None:
    page.get_by_role("button", name="in cash").click()
    page.get_by_role("button", name=f"Exactly {amount}").click()
    page.wait_for_selector(".ticket[data-state=paid]")


def goes_on(page: Page) -> None:
    page.get_by_role("button", name="Go on without the server").click()
    expect(page.locator("#offline")).to_contain_text("cash only, until")


def test_desk_without_server_sells_for_cash_through_a_reload_and_each_sale_is_booked_once(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    hands = opened(0)
    page = hands.page
    hands.press("Massage oil")
    priced(page)
    online = page.locator(".ticket-due output").inner_text()
    # An older build of the page, open while the server was upgraded, takes nothing from what is kept.
    assert page.evaluate(KEEP_OLD_BUILD) is False
    server.stop()
    hands.press("Trigger point therapy, 60 minutes")
    goes_on(page)
    priced(page)
    both = page.locator(".ticket-due output").inner_text()
    assert both != online
    assert hands.flaws() == []
    keep_picture(page, "offline-ticket-1366-light")
    page.reload()
    hands.due(both)
    take_cash(page, both)
    keep_picture(page, "offline-paid-1366-light")
    assert hands.flaws() == []

    page.reload()
    expect(page.locator("#offline")).to_contain_text("1 sale waits to be sent")
    hands.press("Massage oil")
    hands.due(online)
    give_discount(page)
    page.wait_for_selector("text=A discount waits for the server.")
    hands.due(online)
    take_cash(page, online)
    expect(page.locator("#offline")).to_contain_text("2 sales wait to be sent")
    assert clinic.count(Sale) == 0

    server.start()
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("2 sales were brought in")
    assert (clinic.count(Sale), clinic.count(OfflineSale)) == (2, 2)
    page.reload()
    page.wait_for_selector(".price-key")
    with clinic.read() as session:
        assert set(session.scalars(select(Ticket.state))) == {"completed"}
    assert clinic.count(Sale) == 2


def test_desk_whose_server_is_back_keeps_the_ticket_and_the_cash_panel_it_is_at(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    """Through a reload: the ticket the server knew is the one that is paid in the end, none is left behind."""
    hands = opened(0)
    page = hands.page
    hands.press("Massage oil")
    priced(page)
    # What a proxy says while the server behind it is away.
    page.context.route("**/register/api/**", lambda route: route.fulfill(status=502, body="Bad gateway"))
    hands.press("Trigger point therapy, 60 minutes")
    expect(page.get_by_role("button", name="Go on without the server")).to_be_visible()
    page.reload()
    expect(page.locator("#offline")).to_contain_text("cash only, until")
    priced(page)
    page.get_by_role("button", name="in cash").click()
    page.get_by_label("Another amount").fill("150")
    page.context.unroute("**/register/api/**")
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.get_by_label("Another amount")).to_have_value("150")
    page.get_by_role("button", name="Take cash").click()
    hands.state("paid")
    with clinic.read() as session:
        assert session.scalars(select(Ticket.state)).all() == ["completed"]
    assert (clinic.count(Sale), clinic.count(OfflineSale)) == (1, 0)


def test_sale_refused_when_it_comes_in_stays_in_sight_until_it_is_kept_and_a_cleared_ticket_is_dropped(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    """The server refuses the sale, then keeps it as a parked ticket; the ticket cleared meanwhile is open no more."""
    hands = opened(0)
    page = hands.page
    hands.press("Massage oil")
    priced(page)
    server.stop()
    hands.press("Trigger-point ball")
    goes_on(page)
    priced(page)
    hands.press("Clear")
    page.get_by_role("heading", name="Walk-in").wait_for()
    page.wait_for_selector(".line-open", state="detached")
    hands.press("Massage oil")
    take_cash(page, "19.44")
    strict = {"keeps": False}

    def refuse(route: Route) -> None:
        if "refused" in (route.request.post_data or "") and strict["keeps"]:
            route.continue_()
        else:
            problem = {"status": 422, "code": "invalid", "title": "Write what is sold.", "message": "x"}
            route.fulfill(status=422, json=problem, content_type="application/problem+json")

    page.context.route("**/register/api/offline-sales", refuse)
    server.start()
    banner = page.locator("#offline")
    expect(banner).to_contain_text("1 sale was refused and is kept in this browser")
    page.reload()
    expect(banner).to_contain_text("1 sale was refused and is kept in this browser")
    assert hands.flaws() == []
    keep_picture(page, "offline-refused-1366-light")
    strict["keeps"] = True
    banner.get_by_role("button", name="Send again").click()
    expect(banner).to_be_hidden()
    expect(page.get_by_role("button", name="Parked, 1")).to_be_visible()
    assert (clinic.count(Sale), clinic.count(OfflineSale)) == (0, 1)
    with clinic.read() as session:
        assert sorted(session.scalars(select(Ticket.state))) == ["dropped", "parked"]


def test_ticket_with_a_discount_waits_for_the_server_also_where_it_was_priced_before(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    hands = opened(0)
    page = hands.page
    hands.press("Massage oil")
    give_discount(page)
    hands.due("18.47")
    server.stop()
    hands.press("Trigger-point ball")
    goes_on(page)
    expect(page.locator(".ticket")).to_contain_text("A discount waits for the server.")
    hands.due("18.47")
    page.get_by_role("button", name="in cash").click()
    page.get_by_role("button", name="Exactly").click()
    page.wait_for_selector("text=A discount waits for the server.")
    assert page.locator(".ticket[data-state=paid]").count() == 0


def test_sale_whose_answer_is_lost_and_that_is_refused_afterwards_comes_in_as_taken_without_the_server(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    """10.26 is 10.25 in cash; another window touches the ticket before the server hears of the sale."""
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "cash_rounding", "5"))
    hands = opened(0)
    page = hands.page
    hands.press("Trigger-point ball")
    priced(page)
    page.context.route("**/register/api/sales", lambda route: route.abort())
    page.get_by_role("button", name="in cash").click()
    page.get_by_role("button", name="20.00, give").click()
    server.stop()
    goes_on(page)
    hands.state("paid")
    expect(page.locator(".ticket")).to_contain_text("9.75")
    clinic.write(lambda s: setattr(s.scalars(select(Ticket)).one(), "version", 9))
    page.context.unroute("**/register/api/sales")
    server.start()
    expect(page.locator("#toasts")).to_contain_text("1 sale was brought in.")
    with clinic.read() as session:
        row = session.scalars(select(OfflineSale)).one()
        assert (row.due_minor, row.cash_minor, row.problem) == (10_26, 20_00, None)
        assert session.scalars(select(Ticket.state)).all() == ["completed"]
    assert clinic.count(Sale) == 1


def test_client_found_before_the_server_went_away_is_charged_nothing_while_their_credits_are_unknown(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    """The list has the name and how many are left, not what they are good for: the visit was due in cash."""
    clinic.buy("three", clinic.ana)
    hands = opened(0)
    hands.page.route("**/register/api/tickets", lambda route: route.abort())
    hands.find("Ana", "Ana Núñez")
    server.stop()
    hands.press("Trigger point therapy, 60 minutes")
    goes_on(hands.page)
    expect(hands.page.get_by_text("This client is not known here. Their credits wait for the server.")).to_be_visible()
    assert hands.page.get_by_role("button", name="in cash").count() == 0


def test_two_desks_without_server_redeem_the_last_credit_and_a_person_decides_on_one(
    opened: OpensDesk, server: Server, clinic: Clinic
) -> None:
    lot = clinic.buy("three", clinic.ana)
    for _ in range(2):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    before = clinic.count(Sale)
    desks = []
    for number in (0, 1):
        desks.append(opened(number))
        # The answer has her credits; found alone, she has none that are known.
        with desks[-1].page.expect_response("**/register/api/tickets") as answer:
            desks[-1].find("Ana", "Ana Núñez")
        answer.value.finished()
    server.stop()
    for hands in desks:
        hands.press("Trigger point therapy, 60 minutes")
        goes_on(hands.page)
        hands.page.get_by_role("button", name="Redeem 1 credit").click()
        hands.state("paid")
    server.start()
    for hands in desks:
        expect(hands.page.locator("#offline")).to_be_hidden()
        hands.page.wait_for_selector("#toasts .toast")
    says = [hands.page.locator("#toasts").inner_text() for hands in desks]
    assert sorted("Parked" in words for words in says) == [False, True], says
    keep_picture(desks["Parked" in says[1]].page, "offline-conflict-1366-light")
    with clinic.read() as session:
        assert session.get_one(CreditLot, lot).remaining == 0
        assert session.scalars(select(Ticket.state).where(Ticket.state == "parked")).all() == ["parked"]
    assert clinic.count(Sale) - before == 1
