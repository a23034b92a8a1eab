"""The real SDK against the simulator in process: an HTTP client of the SDK that calls the WSGI app, no socket used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import stripe
from werkzeug.test import Client

from pos.dev.stripe_simulator.errors import ConnectionDropped
from pos.dev.stripe_simulator.objects import payments
from pos.dev.stripe_simulator.state.clock import ManualClock
from pos.dev.stripe_simulator.wsgi import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    Simulator,
    build_app,
)
from tests.support import held_connections

PUBLIC_URL = "http://127.0.0.1:12111"
WEBHOOK_URL = "http://127.0.0.1:5000/hooks/stripe"


class SimulatorHTTPClient(stripe.HTTPClient):
    """Carries the SDK's requests into a `Simulator`; a cut line becomes APIConnectionError, as over a socket.

    `before` and `after` are called around every request with (method, path): a test may crash the caller there.
    """

    name = "simulator"

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self.simulator = simulator
        self.calls: list[tuple[str, str]] = []
        self.before: Callable[[str, str], None] | None = None
        self.after: Callable[[str, str], None] | None = None
        self._wsgi = Client(simulator)

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        self.calls.append((method, parts.path))
        held_connections.note_call(method, parts.path)
        if self.before:
            self.before(method, parts.path)
        try:
            answer = self._wsgi.open(
                parts.path,
                method=method.upper(),
                query_string=parts.query,
                base_url=f"{parts.scheme}://{parts.netloc}",
                headers=list((headers or {}).items()),
                data=post_data,
            )
        except ConnectionDropped as error:
            raise stripe.APIConnectionError(str(error), should_retry=True) from error
        finally:
            if self.after:
                self.after(method, parts.path)
        # Names of headers must be found in any case, as the SDK expects; a plain dict would not do that.
        return answer.get_data(as_text=True), answer.status_code, cast(Mapping[str, str], answer.headers)

    def close(self) -> None:
        """Nothing to close: no socket was opened."""

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return 0.0


class Desk:
    """Everything a test needs around one in-process simulator: buttons, faults, deliveries caught.

    `delivered` holds (body, headers) of every webhook; set `receiver` to hand them on, its status is the answer.
    """

    def __init__(self, *, at: float = 1_795_000_000.0) -> None:
        self.clock = ManualClock(at)
        self.delivered: list[tuple[bytes, dict[str, str]]] = []
        self.receiver: Callable[[bytes, dict[str, str]], int] = lambda body, headers: 200
        self.simulator = build_app(
            None,
            clock=self.clock,
            webhook_url=WEBHOOK_URL,
            public_url=PUBLIC_URL,
            send=self._receive,
            check_answers=True,
        )
        self.http_client = SimulatorHTTPClient(self.simulator)
        self.web = Client(self.simulator)
        self.secret_key = SECRET_KEY
        self.webhook_secret = WEBHOOK_SECRET

    def _receive(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.delivered.append((body, headers))
        return self.receiver(body, headers)

    def press(self, path: str, **given: Any) -> Any:
        """POST to `/_sim/<path>` and give the JSON; fails the test when the simulator refuses."""
        answer = self.web.post(f"/_sim/{path}", json=given, base_url=PUBLIC_URL)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    def arm(self, name: str, pattern: str = "*", times: int = 1, method: str = "*") -> None:
        """Arm a fault for the next matching requests or events."""
        self.press("faults", name=name, pattern=pattern, times=times, method=method)

    def reader(self, label: str = "Desk 1") -> str:
        """The id of a new reader."""
        return str(self.press("readers", label=label)["id"])

    def paid_elsewhere(self, amount: int) -> str:
        """The id of a card payment of so many US cents that no register and no shop asked for."""
        world = self.simulator.world
        with world.store.transaction():
            intent = payments.new_intent(world, amount=amount, currency="usd", means=["card"], metadata={})
            payments.charge(world, intent, "card")
        return str(intent["id"])

    def events(self) -> list[str]:
        """The types of all events so far, oldest first."""
        return [event["type"] for event in reversed(self.simulator.world.store.all("event"))]

    def close(self) -> None:
        """End of the test."""
        self.simulator.close()
