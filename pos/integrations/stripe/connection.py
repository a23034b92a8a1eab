"""How every call to Stripe is made: the SDK, timeouts, the call gate and errors. The only module that imports the SDK."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from pos.core.database.unit_of_work import no_transaction
from pos.core.messages.payments import CARD_SERVICE_AWAY
from pos.integrations.stripe.call_gate import DOING_WAIT_SECONDS, CallGate, is_brief
from pos.integrations.stripe.errors import problem, problem_reading
from pos.integrations.stripe.types import (
    API_VERSION,
    CardServiceAway,
    GatewayConfig,
    Rejected,
    Unknown,
    UnknownReason,
)

# To connect, and for the answer: of the worker and commands, and of a person who waits.
TIMEOUT_SECONDS = (3.05, 20)
BRIEF_TIMEOUT_SECONDS = (3.05, 5)

T = TypeVar("T")


class Connection:
    """The SDK's clients and the call gate, shared by all threads. An unknown outcome is returned, never raised."""

    def __init__(self, config: GatewayConfig) -> None:
        # Telemetry writes into the home folder, and the SDK's info lines name customers: neither is wanted here.
        stripe.enable_telemetry = False
        logging.getLogger("stripe").setLevel(logging.WARNING)
        bases: Any = (
            dict.fromkeys(("api", "files", "connect", "meter_events"), config.api_base) if config.api_base else None
        )

        def client(timeout: tuple[float, float], retries: int) -> stripe.StripeClient:
            return stripe.StripeClient(
                config.secret_key,
                base_addresses=bases,
                stripe_version=API_VERSION,
                max_network_retries=retries,
                http_client=config.http_client or stripe.RequestsClient(timeout=timeout),
            )

        self._patient = client(TIMEOUT_SECONDS, config.max_network_retries).v1
        self._brief = client(BRIEF_TIMEOUT_SECONDS, 0).v1
        self._gate = CallGate(config.rest_seconds)

    @property
    def api(self) -> Any:
        """The SDK's client, with the patience that the caller has."""
        return self._brief if is_brief() else self._patient

    def require_answers(self) -> None:
        """Raise CardServiceAway where a person's call would not be made, because one before had no answer."""
        if self._gate.closed():
            raise CardServiceAway(CARD_SERVICE_AWAY)

    def doing(self, call: Callable[[], Any], read: Callable[[dict[str, Any]], T]) -> T | Unknown | Rejected:
        """What a call that changes something answered, or why it did not."""
        try:
            return self._asked(lambda: read(call().to_dict()), wait_seconds=DOING_WAIT_SECONDS)
        except stripe.StripeError as error:
            return problem(error)

    def reading(self, call: Callable[[], Any], read: Callable[[dict[str, Any]], T]) -> T | Unknown:
        """What a reading call answered. Never Rejected: a reading says nothing of a payment."""
        try:
            return self._asked(lambda: read(call().to_dict()))
        except stripe.StripeError as error:
            return problem_reading(error)

    def reading_all(self, call: Callable[[], Any], read: Callable[[list[dict[str, Any]]], T]) -> T | Unknown:
        """Every entry of a list, page by page."""
        try:
            return self._asked(lambda: read([entry.to_dict() for entry in call().auto_paging_iter()]))
        except stripe.StripeError as error:
            return problem_reading(error)

    def _asked(self, ask: Callable[[], T], *, wait_seconds: float = 0.0) -> T | Unknown:
        """What a call answered, made through the gate. Ends the caller's reading transaction, so that no connection to the
        database waits for Stripe; raises RuntimeError inside a unit of work."""
        with no_transaction(), self._gate.place(wait_seconds=wait_seconds) as allowed:
            if not allowed:
                return Unknown(UnknownReason.NOT_ASKED)
            try:
                answer = ask()
            except stripe.StripeError as error:
                if error.http_status is None:
                    self._gate.unanswered()
                else:
                    self._gate.answered()
                raise
            self._gate.answered()
            return answer
