"""The simulator as the demo runs it: a process, sockets, webhooks to somebody who listens."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from pos.integrations.stripe import (
    BadSignature,
    CheckoutLine,
    CheckoutOpened,
    CheckoutRequest,
    Event,
    GatewayConfig,
    IntentCreated,
    IntentRequest,
    SentToReader,
    Succeeded,
    Unknown,
    UnknownReason,
    open_gateway,
)
from pos.integrations.stripe.client import StripeGateway

SECRET = "whsec_process_test"
KEY = "sk_test_simulator_process"
SOON = 15


class Receiver(HTTPServer):
    """Takes webhooks as the clinic's server would and puts what came into a queue."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.came: queue.Queue[tuple[bytes, str]] = queue.Queue()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.put((body, self.headers["Stripe-Signature"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


class Process:
    """A running simulator: its address and its buttons."""

    def __init__(self, state: Path, webhook_url: str) -> None:
        arguments = ["--port", "0", "--state", str(state), "--webhook-url", webhook_url, "--webhook-secret", SECRET]
        started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pos.dev.stripe_simulator", *arguments, "--secret-key", KEY, "--reader", "Desk 1"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.seconds_to_start = time.monotonic() - started
        self.address = line.split(" at ")[1].split(" ")[0]

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=SOON)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = connection.getresponse()
        taken = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return taken

    def stop(self) -> int:
        self._process.terminate()
        code = self._process.wait(SOON)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@pytest.fixture
def process(tmp_path: Path, receiver: Receiver) -> Iterator[Process]:
    process = Process(tmp_path / "stripe.sqlite3", f"http://127.0.0.1:{receiver.server_port}/hooks/stripe")
    yield process
    assert process.stop() == 0


@pytest.fixture
def gateway(process: Process) -> StripeGateway:
    return open_gateway(GatewayConfig("simulator", KEY, (SECRET,), process.address, max_network_retries=0))


def next_event(gateway: StripeGateway, receiver: Receiver, wanted: str) -> Event:
    while True:
        event = gateway.read_event(*receiver.came.get(timeout=SOON))
        if event.type == wanted:
            return event


def test_simulator_process_checkout_and_reader_payment_succeed(
    process: Process, gateway: StripeGateway, receiver: Receiver
) -> None:
    assert process.seconds_to_start < 5

    request = CheckoutRequest(
        order_id="order-1",
        currency="EUR",
        lines=(CheckoutLine("5 × Trigger point 60", 50_000),),
        success_url="http://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://shop.test/",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    page = gateway.open_checkout(request, key="checkout-1")
    assert isinstance(page, CheckoutOpened)
    assert page.url is not None
    path = urlsplit(page.url).path
    assert b"500.00 EUR" in process.ask("GET", path)[2]
    status, headers, _ = process.ask("POST", f"{path}/pay", email="maria@example.com")
    assert (status, headers["Location"]) == (303, f"http://shop.test/thanks?session={page.session_id}")
    assert next_event(gateway, receiver, "checkout.session.completed").object_id == page.session_id
    paid = gateway.fetch_checkout(page.session_id)
    assert isinstance(paid, Succeeded)
    assert (paid.amount_minor, paid.currency) == (50_000, "EUR")

    readers = gateway.list_readers()
    assert isinstance(readers, tuple)
    (reader,) = readers
    assert reader.label == "Desk 1"
    process.ask("POST", "/_sim/faults", name="timeout_after", pattern="/v1/payment_intents")
    request_at_desk = IntentRequest("order-2", 2_416, "EUR")
    assert gateway.create_intent(request_at_desk, key="intent-1") == Unknown(UnknownReason.NO_ANSWER)
    made = gateway.create_intent(request_at_desk, key="intent-1")
    assert isinstance(made, IntentCreated)
    sent = gateway.send_to_reader(reader.reader_id, made.intent_id, key="send-1")
    assert sent == SentToReader(reader.reader_id, made.intent_id)
    assert process.ask("POST", f"/reader/{reader.reader_id}/tap", tip="")[0] == 303
    assert next_event(gateway, receiver, "terminal.reader.action_succeeded").object_id == reader.reader_id
    at_desk = gateway.fetch_intent(made.intent_id, reader_id=reader.reader_id)
    assert isinstance(at_desk, Succeeded)

    state = json.loads(process.ask("GET", "/_sim/state")[2])
    assert len(state["intents"]) == 2


def test_simulator_process_badly_signed_webhook_is_refused(
    process: Process, gateway: StripeGateway, receiver: Receiver
) -> None:
    process.ask("POST", "/_sim/faults", name="webhook_badly_signed", pattern="payment_intent.created")
    gateway.create_intent(IntentRequest("order-3", 2_416, "EUR"), key="intent-1")
    body, signature = receiver.came.get(timeout=SOON)
    with pytest.raises(BadSignature):
        gateway.read_event(body, signature)


def test_gateway_without_server_answers_unknown() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        nobody = open_gateway(GatewayConfig("simulator", KEY, (SECRET,), address, max_network_retries=0))
        assert nobody.fetch_account() == Unknown(UnknownReason.NO_ANSWER)


def test_simulator_process_live_key_is_refused() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pos.dev.stripe_simulator", "--secret-key", "sk_live_abc"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "sk_test_simulator_" in told.stderr


def test_simulator_imports_neither_sdk_nor_application() -> None:
    code = (
        "import sys; from pos.dev.stripe_simulator.wsgi import build_app; build_app().close();"
        "bad = [m for m in sys.modules if m in {'stripe', 'flask'} or m.startswith('stripe.')"
        " or (m.startswith('pos.') and m != 'pos.dev'"
        " and not m.startswith('pos.dev.stripe_simulator'))]; sys.exit(repr(bad) if bad else 0)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
