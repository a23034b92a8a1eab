"""Stripe takes connections and answers nothing: cash goes on, order pages answer from the database, no charge begins."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from pos.core.ids import new_id
from pos.domain.payments.models import PaymentAttempt
from pos.integrations.stripe import call_gate
from pos.integrations.stripe.call_gate import PLACES, CallGate, brief_calls
from tests.concurrency.test_over_http import headers
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line
from tests.support.serving import Served, serving
from tests.web.shop.conftest import Shop

pytestmark = [pytest.mark.xdist_group("many-processes"), pytest.mark.settings(**CARDS.kwargs)]

PAGES = 20
# A thread waits for Stripe at most this long; the socket's own limit and some room for a busy machine.
AT_MOST_SECONDS = 12.0


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never answers, as a suspended server does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def open_order(world: Clinic) -> tuple[str, UUID]:
    """The address of an order whose hosted page is open, and its key."""
    with take_cards(world) as till:
        shop = Shop(till, world)
        hosted = shop.browser().buy(shop.path()).location
        landing = shop.leave(hosted).removesuffix("/back")
        return urlsplit(landing).path, shop.order_id(landing)


def ask(served: Served, method: str, path: str, body: object = None, **sent: str) -> tuple[int, bytes, float]:
    """Status, body and seconds of one request."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **sent})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, time.monotonic() - began


# What waits here is a thread of ours, whatever the database: the long run has PostgreSQL.
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
def test_cash_sale_while_stripe_hangs_is_taken_and_card_is_refused(
    world: Clinic, env: dict[str, str], silent: str, open_order: tuple[str, UUID]
) -> None:
    page, order_id = open_order
    cash = {
        "sale_id": str(new_id()), "lines": [{"line_id": str(new_id()), "item_id": str(world.items["trigger_60"])}],
        "cash_tendered_minor": 108_00, "expected_due_minor": world.due(world.wanted(line("trigger_60"))),
        "expected_credits": 0, "expected_stored_minor": 0,
    }  # fmt: skip
    pages: list[tuple[int, bytes, float]] = []
    with serving(env | CARDS.kwargs | {"STRIPE_API_BASE": silent}, workers=1) as served:
        signed_in = headers(world, served, world.receptionist)
        threads = [threading.Thread(target=lambda: pages.append(ask(served, "GET", page))) for _ in range(PAGES)]
        for thread in threads:
            thread.start()
        # Those that found a place now wait for Stripe; all others were answered from the database.
        while len(pages) < PAGES - PLACES:
            time.sleep(0.01)
        status, content, seconds = ask(served, "POST", "/register/api/sales", cash, **signed_in)
        assert (status, seconds < 1.0) == (201, True), (status, seconds, content)
        for thread in threads:
            thread.join()
        assert {answer for answer, _, _ in pages} == {200}
        assert max(took for _, _, took in pages) < AT_MOST_SECONDS
        # After one call without an answer nothing is begun there, and that is said at once.
        charge = {key: value for key, value in cash.items() if key != "lines"} | {"sale_id": str(new_id())}
        ticket = ask(served, "POST", "/register/api/tickets", {"ticket_id": str(new_id())}, **signed_in)
        assert ticket[0] == 201
        opened = json.loads(ticket[1])
        charge |= {"ticket_id": opened["ticket_id"], "ticket_version": opened["version"], "cash_tendered_minor": 0}
        status, content, seconds = ask(served, "POST", "/register/api/payments", charge, **signed_in)
        assert (status, json.loads(content)["code"], seconds < 1.0) == (503, "card_service_away", True), content
    with world.read() as session:
        attempt = session.query(PaymentAttempt).filter(PaymentAttempt.order_id == order_id).one()
        assert attempt.state in ("pending", "unknown")


def test_call_gate_limits_brief_calls_and_rests_after_no_answer() -> None:
    seconds = [0.0]
    gate = CallGate(now=lambda: seconds[0])
    with brief_calls():
        taken = [gate.place() for _ in range(PLACES)]
        assert [place.__enter__() for place in taken] == [True] * PLACES
        with gate.place() as allowed:
            assert not allowed
        taken.pop().__exit__(None, None, None)
        with gate.place() as allowed:
            assert allowed
        gate.unanswered()
        assert gate.closed()
        with gate.place() as allowed:
            assert not allowed
        seconds[0] = call_gate.REST_SECONDS
        with gate.place() as allowed:
            assert allowed
        gate.unanswered()
        gate.answered()  # the worker was answered
        with gate.place() as allowed:
            assert allowed


def test_call_gate_never_stops_worker_calls() -> None:
    gate = CallGate(now=lambda: 0.0)
    gate.unanswered()
    assert not gate.closed()
    for _ in range(PLACES + 1):
        place = gate.place()
        assert place.__enter__()
