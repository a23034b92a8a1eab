"""Any server that speaks Stripe's API can be named by its address: another process, with keys of its own.

The app is told where it is and nothing else. Payments at the reader and on the hosted page and a refund are asked for over
HTTP, and what came of them arrives over HTTP too, signed with that server's secret. One of the two servers is our simulator
started alone, with a state, a port and secrets this test makes up; the other has nothing of ours (`another_stripe`).
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from invoices.errors import PaperUnavailable
from pos.app import create_app
from pos.core import clock
from pos.core.config import read_settings
from pos.core.database.base import db, reading
from pos.core.ids import new_id
from pos.domain.payments.models import Reader, WebhookEvent
from pos.domain.refunds.models import RefundPart
from pos.services.jobs import event_handlers
from pos.services.payments import online_checkout
from pos.services.payments.online_checkout import BuyOnline
from pos.services.payments.payment_state import payment_state
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.worker import work_once
from tests.conftest import SECRET_KEY
from tests.support.books import book_floats, failing
from tests.support.cards import Till
from tests.support.clinic import Clinic, line
from tests.support.independent_stripe_server import READER
from tests.support.serving import free_port

KEY, SECRET = "sk_test_simulator_somebody_elses", "whsec_somebody_elses"
SOON = 20.0


def ask(address: str, method: str, path: str, **fields: str) -> bytes:
    """What a server answers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=SOON)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {KEY}"}
    connection.request(method, path, urlencode(fields) or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status < 400, content
    return content


@dataclass
class IndependentServer:
    """The other server: its address, its reader, and what people do at its pages."""

    address: str
    reader_id: str
    tap: str
    pay: str

    def person_taps(self) -> None:
        ask(self.address, "POST", self.tap.format(self.reader_id), tip="")

    def person_pays(self, url: str) -> None:
        assert url.startswith(self.address)
        ask(self.address, "POST", self.pay.format(urlsplit(url).path), email="nora@mail.example")


@pytest.fixture
def its_port() -> int:
    return free_port()


@pytest.fixture
def served(clinic: Clinic, database: str, tmp_path: Path, its_port: int) -> Iterator[tuple[Clinic, str]]:
    """The clinic, told only the other server's address, and served over HTTP."""
    book_floats(clinic)
    port = free_port()
    told = {
        "DATABASE_URL": database,
        "SECRET_KEY": SECRET_KEY,
        "WORKER_THREAD": "off",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PAYMENTS_MODE": "simulator",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": f"http://localhost:{its_port}",
    }
    app = create_app(read_settings(told, instance_dir=tmp_path))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield replace(clinic, app=app), f"http://127.0.0.1:{port}/hooks/stripe"
    server.shutdown()
    thread.join()
    server.server_close()
    _let_go(app)


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(params=["simulator", "another"])
def elsewhere(
    request: pytest.FixtureRequest, served: tuple[Clinic, str], tmp_path: Path, its_port: int
) -> Iterator[IndependentServer]:
    """The other server, which knows nothing but where to send what happened."""
    if request.param == "another":
        command = ["tests.support.independent_stripe_server", str(its_port), served[1], SECRET]
    else:
        command = [
            "pos.dev.stripe_simulator", "--port", str(its_port), "--state", str(tmp_path / "elsewhere.sqlite3"),
            "--webhook-url", served[1], "--webhook-secret", SECRET, "--secret-key", KEY, "--reader", "Somewhere",
        ]  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert str(its_port) in process.stdout.readline()
    address = f"http://127.0.0.1:{its_port}"
    if request.param == "another":
        yield IndependentServer(address, READER, "/people/tap/{}", "{}")
    else:
        (reader,) = json.loads(ask(address, "GET", "/_sim/state"))["readers"]
        yield IndependentServer(address, reader["id"], "/reader/{}/tap", "{}/pay")
    process.terminate()
    process.wait(SOON)
    process.stdout.close()


def until(world: Clinic, holds: Callable[[], bool]) -> None:
    """Let the worker work until something holds; what arrives, arrives over a socket."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        with world.app.app_context():
            work_once()
            if holds():
                return
            db.session.remove()
        time.sleep(0.02)
    raise AssertionError("it did not come")


def test_other_stripe_server_payments_and_refund_over_http_succeed(
    served: tuple[Clinic, str], elsewhere: IndependentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_paper(*_: object) -> bytes:
        raise PaperUnavailable("no paper in this test")

    monkeypatch.setattr(event_handlers, "receipt_pdf", no_paper)
    world, _ = served
    at_desk = Reader(desk_id=world.usd.desk, stripe_reader_id=elsewhere.reader_id, label="Somewhere")
    world.write(lambda s: s.add(at_desk))

    def state_of(order_id: object) -> str:
        return payment_state(reading(), order_id).state  # type: ignore[arg-type]  # a UUID

    with clock.at(datetime.now(UTC)):
        # At the reader. Nobody polls: what made the sale is the message over HTTP alone.
        till = Till(world, None, {world.usd.desk: elsewhere.reader_id})  # type: ignore[arg-type]  # no desk in process here
        visit = till.command(till.ticket(line("foot_30")))
        waiting = till.charge(visit)
        assert waiting.state == "pending"
        elsewhere.person_taps()
        until(world, lambda: state_of(waiting.order_id) == "succeeded")

        # On the hosted page.
        order_id = new_id()
        command = BuyOnline(
            order_id=order_id,
            place_slug="riverside",
            item_id=world.items["three"],
            given_name="Nora",
            family_name="",
            email="nora@mail.example",
            phone=None,
            locale="en",
            terms_accepted=True,
            success_url="http://127.0.0.1/done?session_id={CHECKOUT_SESSION_ID}",
            cancel_url="http://127.0.0.1/back",
        )
        page = till.act(online_checkout.buy_online, command)
        assert page.url is not None
        elsewhere.person_pays(page.url)
        until(world, lambda: state_of(order_id) == "succeeded")

        # And the visit is given back to its card.
        till.act(refund, RefundCommand(new_id(), RefundChoice(visit.sale_id), "Too loud", world.manager))
        until(world, lambda: reading().scalars(select(RefundPart.state)).all() == ["paid_back"])
        # The answer to a request may say it before the message of the same does.
        wanted = {"payment_intent.succeeded", "checkout.session.completed", "refund.created"}
        until(world, lambda: wanted <= {*reading().scalars(select(WebhookEvent.type))})

    assert failing(world) == {}
    taken = json.loads(ask(elsewhere.address, "GET", "/v1/payment_intents"))["data"]
    assert [one["status"] for one in taken] == ["succeeded", "succeeded"]
