"""Any server that speaks Stripe's API can be named by its address: another process, with keys of its own.

The app is told where it is and nothing else. Payments at the reader and on the hosted page are asked for over HTTP, and
what came of them arrives over HTTP too, signed with that server's secret. The process here is our simulator started alone,
with a state, a port and secrets this test makes up: the app cannot tell whose it is.
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
from werkzeug.serving import make_server

from invoices.errors import PaperUnavailable
from pos.app import create_app
from pos.checkout import reactions, shop
from pos.checkout.settle_payment import payment_state
from pos.checkout.shop import BuyOnline
from pos.kernel import clock
from pos.kernel.db import db, reading
from pos.kernel.ids import new_id
from pos.kernel.settings import read_settings
from pos.payments.models import Reader, WebhookEvent
from pos.worker import work_once
from tests.conftest import SECRET_KEY
from tests.support.cards import Till
from tests.support.serving import free_port
from tests.support.world import World, line

KEY, SECRET = "sk_test_simulator_somebody_elses", "whsec_somebody_elses"
SOON = 20.0


@dataclass
class Elsewhere:
    """The other server: its address and what people do at its pages."""

    address: str

    def ask(self, method: str, path: str, **fields: str) -> bytes:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=SOON)
        connection.request(
            method, path, urlencode(fields) or None, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status < 400, content
        return content


@pytest.fixture
def its_port() -> int:
    return free_port()


@pytest.fixture
def served(clinic: World, database: str, tmp_path: Path, its_port: int) -> Iterator[tuple[World, str]]:
    """The clinic, told only the other server's address, and served over HTTP."""
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


@pytest.fixture
def elsewhere(served: tuple[World, str], tmp_path: Path, its_port: int) -> Iterator[Elsewhere]:
    """The other server, which knows nothing but where to send what happened."""
    command = [
        sys.executable, "-m", "pos.simulator", "--port", str(its_port), "--state", str(tmp_path / "elsewhere.sqlite3"),
        "--webhook-url", served[1], "--webhook-secret", SECRET, "--secret-key", KEY, "--reader", "Somewhere",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert str(its_port) in process.stdout.readline()
    yield Elsewhere(f"http://127.0.0.1:{its_port}")
    process.terminate()
    process.wait(SOON)
    process.stdout.close()


def until(world: World, holds: Callable[[], bool]) -> None:
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


def test_the_app_pays_at_a_server_named_by_its_address(
    served: tuple[World, str], elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_paper(*_: object) -> bytes:
        raise PaperUnavailable("no paper in this test")

    monkeypatch.setattr(reactions, "receipt_pdf", no_paper)
    world, _ = served
    (reader,) = json.loads(elsewhere.ask("GET", "/_sim/state"))["readers"]
    world.write(lambda s: s.add(Reader(desk_id=world.usd.desk, stripe_reader_id=reader["id"], label="Somewhere")))

    def state_of(order_id: object) -> str:
        return payment_state(reading(), order_id).state  # type: ignore[arg-type]  # a UUID

    with clock.at(datetime.now(UTC)):
        # At the reader. Nobody polls: what made the sale is the message over HTTP alone.
        till = Till(world, None, {world.usd.desk: reader["id"]})  # type: ignore[arg-type]  # no desk in process here
        waiting = till.charge(till.command(till.ticket(line("foot_30"))))
        assert waiting.state == "pending"
        elsewhere.ask("POST", f"/reader/{reader['id']}/tap", tip="")
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
        page = till.act(shop.buy_online, command)
        assert page.url is not None
        assert page.url.startswith(elsewhere.address)
        elsewhere.ask("POST", urlsplit(page.url).path + "/pay", email="nora@mail.example")
        until(world, lambda: state_of(order_id) == "succeeded")

    with world.read() as session:
        told = [kept.type for kept in session.query(WebhookEvent)]
    assert {"payment_intent.succeeded", "checkout.session.completed"} <= set(told)
    assert len(json.loads(elsewhere.ask("GET", "/_sim/state"))["intents"]) == 2
