"""What every behaviour of the simulator works with: memory, time, identifiers and the telling of events."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pos.dev.stripe_simulator.contract.sources import api_version
from pos.dev.stripe_simulator.errors import no_such
from pos.dev.stripe_simulator.state.clock import Clock
from pos.dev.stripe_simulator.state.store import Json, Store
from pos.dev.stripe_simulator.webhook_delivery import Postbox


@dataclass(frozen=True, slots=True)
class Settings:
    """How the simulator is reached and signs; `webhook_url` None means events are kept but sent nowhere."""

    secret_key: str
    webhook_url: str | None
    webhook_secret: str
    public_url: str
    account_name: str = "Simulated clinic"


@dataclass(frozen=True, slots=True)
class Cause:
    """The API request an event came from; empty for what people do on the pages."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass
class Context:
    """The simulated Stripe account: one of these per process or test."""

    store: Store
    clock: Clock
    settings: Settings
    postbox: Postbox
    _local: threading.local = field(default_factory=threading.local)

    def now(self) -> int:
        """Whole seconds since the Unix epoch."""
        return int(self.clock.now())

    def new_id(self, prefix: str) -> str:
        """A fresh identifier such as `pi_sim_…`: random, so that a new state file never repeats an old one's ids."""
        return f"{prefix}_{'test_' if prefix == 'cs' else ''}sim{secrets.token_hex(12)}"

    @property
    def account_id(self) -> str:
        """The account's id, kept with the state."""
        return self.store.remember("account_id", self.new_id("acct"))

    @contextmanager
    def caused_by(self, cause: Cause) -> Iterator[None]:
        """Events told inside carry this request."""
        self._local.cause = cause
        try:
            yield
        finally:
            self._local.cause = Cause()

    def find(self, kind: str, identifier: str, param: str = "id") -> Json:
        """The object, or the API's 404."""
        found = self.store.get(identifier, kind)
        if found is None:
            raise no_such(kind, identifier, param)
        return found

    def tell(self, kind: str, subject: Json) -> Json:
        """Record that something happened to `subject` and queue its delivery; part of the running transaction."""
        cause: Cause = getattr(self._local, "cause", Cause())
        event: Json = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": api_version(),
            "created": self.now(),
            "data": {"object": shown(subject)},
            "livemode": False,
            "pending_webhooks": 1 if self.settings.webhook_url else 0,
            "request": {"id": cause.request_id, "idempotency_key": cause.idempotency_key},
            "type": kind,
        }
        self.store.put(event)
        if self.settings.webhook_url:
            self.postbox.post(event)
        return event


def shown(value: Any) -> Any:
    """An object as the API shows it: without the simulator's own notes, whose names begin with an underscore."""
    if isinstance(value, dict):
        return {key: shown(entry) for key, entry in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [shown(entry) for entry in value]
    return value
