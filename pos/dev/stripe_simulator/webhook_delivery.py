"""Webhooks: which deliveries wait, in what order, with which flaw; signing; retrying."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pos.dev.stripe_simulator.faults import strike
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.clock import Clock
from pos.dev.stripe_simulator.state.store import Json, Store

Send = Callable[[str, bytes, dict[str, str]], int]

# Stripe retries for three days with growing pauses; the first are short here so that a demo heals while one watches.
RETRY_AFTER_SECONDS = (2, 10, 60, 300, 1800, 7200, 21600, 43200, 86400)
SEND_TIMEOUT_SECONDS = 10.0
_FLAVOURS = {
    "webhook_badly_signed": "badly_signed",
    "webhook_wrong_livemode": "wrong_livemode",
    "webhook_wrong_version": "wrong_version",
    "webhook_before_response": "before_response",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt series of one event; `due` is in seconds since the epoch, `last_answer` a status or an error's name."""

    id: int
    event_id: str
    type: str
    place: float
    state: str
    flavour: str
    attempts: int
    due: float
    last_answer: str


def signature(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over `t.body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def send_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST and give the status; raises OSError when nobody answers."""
    target = urlsplit(url)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=SEND_TIMEOUT_SECONDS)
    try:
        connection.request("POST", target.path + (f"?{target.query}" if target.query else ""), body, headers)
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise ConnectionError(type(error).__name__) from error
    finally:
        connection.close()


class Postbox:
    """Queues events in the state file and carries them out, from a thread or when a test says `flush`."""

    def __init__(self, store: Store, clock: Clock, url: str | None, secret: str, send: Send = send_over_http) -> None:
        self._store, self._clock, self._url, self._secret, self._send = store, clock, url, secret, send
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        store.run("UPDATE delivery SET state = 'pending' WHERE state = 'sending'")

    @documented("Events arrive twice, out of order, late, or before the call that caused them has returned.")
    def post(self, event: Json) -> None:
        """Queue an event, with the flaw an armed fault gives it; part of the running transaction."""
        fault = strike(self._store, "event", event["type"])
        now = self._clock.now()
        state = {"webhook_lost": "lost", "webhook_reordered": "held"}.get(fault or "", "pending")
        due = now + 3600 if fault == "webhook_late" else now
        self._store.run("UPDATE delivery SET state = 'pending' WHERE state = 'held'")
        for _ in range(2 if fault == "webhook_duplicated" else 1):
            self._queue(event, state, _FLAVOURS.get(fault or "", "plain"), due, later=fault == "webhook_reordered")

    def redeliver(self, event: Json) -> None:
        """Queue an event once more, as the Dashboard's resend button does."""
        with self._store.transaction():
            self._queue(event, "pending", "plain", self._clock.now(), later=False)
        self.wake()

    def _queue(self, event: Json, state: str, flavour: str, due: float, *, later: bool) -> None:
        number = self._store.insert(
            "INSERT INTO delivery (event_id, type, place, state, flavour, due) VALUES (?, ?, 0, ?, ?, ?)",
            event["id"], event["type"], state, flavour, due,
        )  # fmt: skip
        self._store.run("UPDATE delivery SET place = ? WHERE id = ?", number + (1.5 if later else 0), number)

    def deliveries(self) -> list[Delivery]:
        """Every delivery, newest first."""
        return [Delivery(**dict(row)) for row in self._store.run("SELECT * FROM delivery ORDER BY id DESC")]

    def flush(self) -> list[Delivery]:
        """Carry out everything that waits, held and late ones too; gives the deliveries made, in order."""
        with self._store.transaction():
            self._store.run("UPDATE delivery SET state = 'pending' WHERE state = 'held'")
        return self._carry("state = 'pending'")

    def flush_urgent(self) -> list[Delivery]:
        """Carry out what must arrive before the running request is answered."""
        return self._carry("state = 'pending' AND flavour = 'before_response'")

    def carry_over_due(self) -> list[Delivery]:
        """Carry out what is due now."""
        return self._carry("state = 'pending' AND due <= ?", self._clock.now())

    def _carry(self, which: str, *values: float) -> list[Delivery]:
        sql = f"SELECT id FROM delivery WHERE {which} ORDER BY place"  # noqa: S608 - one of the three conditions above
        numbers = self._store.run(sql, *values)
        # Claimed one by one, so that the thread and a flush at the same time never send one twice.
        claimed = (self._claim(row["id"]) for row in numbers)
        return [self._attempt(delivery) for delivery in claimed if delivery]

    def _claim(self, number: int) -> Delivery | None:
        with self._store.transaction():
            rows = self._store.run(
                "UPDATE delivery SET state = 'sending', attempts = attempts + 1 "
                "WHERE id = ? AND state = 'pending' RETURNING *",
                number,
            )
        return Delivery(**dict(rows[0])) if rows else None

    def _attempt(self, delivery: Delivery) -> Delivery:
        body, headers = self._render(delivery)
        try:
            status = self._send(self._url or "", body, headers)
            answer, accepted = str(status), 200 <= status < 300
        except OSError as error:
            answer, accepted = type(error).__name__, False
        retry = delivery.attempts <= len(RETRY_AFTER_SECONDS)
        state = "delivered" if accepted else "pending" if retry else "failed"
        pause = 0 if accepted or not retry else RETRY_AFTER_SECONDS[delivery.attempts - 1]
        with self._store.transaction():
            rows = self._store.run(
                "UPDATE delivery SET state = ?, due = ?, last_answer = ? WHERE id = ? RETURNING *",
                state, self._clock.now() + pause, answer, delivery.id,
            )  # fmt: skip
            if accepted:
                event = self._store.get(delivery.event_id, "event")
                if event:
                    self._store.put(event | {"pending_webhooks": 0})
        return Delivery(**dict(rows[0]))

    def _render(self, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
        event: dict[str, Any] = self._store.get(delivery.event_id, "event") or {}
        if delivery.flavour == "wrong_livemode":
            event["livemode"] = True
        if delivery.flavour == "wrong_version":
            event["api_version"] = "2020-08-27"
        body = json.dumps(event, indent=2).encode()
        secret = "whsec_forged" if delivery.flavour == "badly_signed" else self._secret
        return body, {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret, int(self._clock.now())),
            "User-Agent": "Stripe/1.0 (simulated; no money moves)",
        }

    def wake(self) -> None:
        """Tell the carrying thread that something new waits."""
        self._wake.set()

    def start(self) -> None:
        """Carry deliveries from a background thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="simulator-postbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background thread."""
        self._stopping = True
        self.wake()
        if self._thread:
            self._thread.join(SEND_TIMEOUT_SECONDS + 1)

    def _run(self) -> None:
        while not self._stopping:
            self.carry_over_due()
            self._wake.wait(1.0)
            self._wake.clear()
