"""Behind the door: the only module that imports the Stripe SDK. Calls it and translates; decides nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe

from pos.core.database.unit_of_work import refuse_inside_unit_of_work
from pos.core.messages.payments import CARD_SERVICE_AWAY
from pos.integrations.stripe import payment_parsing
from pos.integrations.stripe.amounts import to_stripe
from pos.integrations.stripe.call_gate import DOING_WAIT_SECONDS, CallGate, is_brief
from pos.integrations.stripe.errors import trouble, trouble_reading
from pos.integrations.stripe.setup_calls import SetupCalls
from pos.integrations.stripe.types import (
    API_VERSION,
    Account,
    CardRefund,
    CardServiceAway,
    CheckoutOpened,
    CheckoutRequest,
    Event,
    GatewayConfig,
    IntentCreated,
    IntentRequest,
    Outcome,
    Reader,
    ReaderBusy,
    ReaderFreed,
    ReaderOffline,
    RefundRequest,
    Rejected,
    SentToReader,
    TipRequest,
    Unknown,
    UnknownReason,
)
from pos.integrations.stripe.webhook_signature import of_event, read_event

# To connect, and for the answer: of the worker and commands, and of a person who waits.
TIMEOUT_SECONDS = (3.05, 20)
BRIEF_TIMEOUT_SECONDS = (3.05, 5)
_PAGE = 100
_CHARGE = "latest_charge"

T = TypeVar("T")


class StripeGateway(SetupCalls):
    """One client for all threads. Answers are translated in `outcomes`, refusals in `troubles`."""

    def __init__(self, config: GatewayConfig) -> None:
        self._secrets = tuple(secret for secret in config.webhook_secrets if secret.strip())
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
    def _api(self) -> Any:
        return self._brief if is_brief() else self._patient

    def require_answers(self) -> None:
        """Raise CardServiceAway where a person's call would not be made, because one before had no answer."""
        if self._gate.closed():
            raise CardServiceAway(CARD_SERVICE_AWAY)

    def fetch_account(self) -> Account | Unknown | Rejected:
        """Whose key this is."""
        return self._reading(lambda: self._api.accounts.retrieve_current(), _account)

    # Online

    def open_checkout(self, request: CheckoutRequest, *, key: str) -> CheckoutOpened | Unknown | Rejected:
        """Open a hosted page; the same key gives the same page."""
        try:
            lines = [
                {
                    "quantity": line.quantity,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": to_stripe(line.amount_minor, request.currency),
                        "tax_behavior": "inclusive",
                        "product_data": {"name": line.description},
                    },
                }
                for line in request.lines
            ]
        except ValueError as error:
            return Rejected("amount_not_representable", str(error))
        metadata = {**request.metadata, "order_id": request.order_id}
        params: Any = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "line_items": lines,
            "allowed_payment_method_types": list(request.methods),
            "adaptive_pricing": {"enabled": False},
            "client_reference_id": request.order_id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
            **_given(customer_email=request.customer_email, locale=request.locale),
        }
        return self._doing(lambda: self._api.checkout.sessions.create(params, {"idempotency_key": key}), _opened)

    def fetch_checkout(self, session_id: str) -> Outcome:
        """What has become of a hosted page."""
        params: Any = {"expand": [f"payment_intent.{_CHARGE}"]}
        return self._reading(
            lambda: self._api.checkout.sessions.retrieve(session_id, params), payment_parsing.of_session
        )

    def expire_checkout(self, session_id: str) -> Outcome:
        """Close a hosted page, or say what it had become."""
        params: Any = {"expand": [f"payment_intent.{_CHARGE}"]}
        answer = self._doing(lambda: self._api.checkout.sessions.expire(session_id, params), payment_parsing.of_session)
        # Refused: it was paid or has expired already. Only the object itself can say which.
        return self.fetch_checkout(session_id) if isinstance(answer, Rejected) else answer

    # At the desk

    def create_intent(self, request: IntentRequest, *, key: str) -> IntentCreated | Unknown | Rejected:
        """Prepare a payment at a reader."""
        try:
            amount = to_stripe(request.amount_minor, request.currency)
        except ValueError as error:
            return Rejected("amount_not_representable", str(error))
        params: Any = {
            "amount": amount,
            "currency": request.currency.lower(),
            "allowed_payment_method_types": ["card_present"],
            "capture_method": "automatic",
            "metadata": {**request.metadata, "order_id": request.order_id},
            **_given(description=request.description),
        }
        return self._doing(
            lambda: self._api.payment_intents.create(params, {"idempotency_key": key}),
            lambda intent: IntentCreated(intent["id"]),
        )

    def fetch_intent(self, intent_id: str, *, reader_id: str | None = None) -> Outcome:
        """What has become of an intent, the reader's view added when one is named."""
        params: Any = {"expand": [_CHARGE]}
        reader = self.fetch_reader(reader_id) if reader_id else None
        if isinstance(reader, Unknown | Rejected):
            reader = None
        # The intent is read after the reader: a payment between the two shows as paid, not as still being asked for.
        return self._reading(
            lambda: self._api.payment_intents.retrieve(intent_id, params),
            lambda intent: payment_parsing.of_intent(intent, reader),
        )

    def cancel_intent(self, intent_id: str, *, key: str) -> Outcome:
        """Give an intent up, or say what it had become."""
        params: Any = {"expand": [_CHARGE]}
        answer = self._doing(
            lambda: self._api.payment_intents.cancel(intent_id, params, {"idempotency_key": key}),
            payment_parsing.of_intent,
        )
        return self.fetch_intent(intent_id) if isinstance(answer, Rejected) else answer

    def send_to_reader(
        self, reader_id: str, intent_id: str, *, key: str, tip: TipRequest | None = None
    ) -> SentToReader | ReaderBusy | ReaderOffline | Unknown | Rejected:
        """Let a reader ask for the card."""
        config: dict[str, Any] = {"enable_customer_cancellation": True}
        if tip is None:
            config["skip_tipping"] = True
        else:
            try:
                config["tipping"] = {"amount_eligible": to_stripe(tip.eligible_minor, tip.currency)}
            except ValueError as error:
                return Rejected("amount_not_representable", str(error))
        params: Any = {"payment_intent": intent_id, "process_config": config}
        answer = self._doing(
            lambda: self._api.terminal.readers.process_payment_intent(reader_id, params, {"idempotency_key": key}),
            lambda _: SentToReader(reader_id, intent_id),
        )
        if not isinstance(answer, Rejected):
            return answer
        match answer.code:
            case "terminal_reader_timeout":
                return SentToReader(reader_id, intent_id, certain=False)
            case "intent_invalid_state" | "payment_intent_unexpected_state":
                return Unknown(UnknownReason.INTENT_MOVED)
        return self._reader_refusal(reader_id, answer)

    def cancel_reader_action(self, reader_id: str) -> ReaderFreed | ReaderBusy | ReaderOffline | Unknown | Rejected:
        """Let a reader stop asking."""
        answer = self._doing(
            lambda: self._api.terminal.readers.cancel_action(reader_id), lambda _: ReaderFreed(reader_id)
        )
        if isinstance(answer, Rejected):
            if answer.code == "terminal_reader_timeout":
                return Unknown(UnknownReason.NO_ANSWER)
            return self._reader_refusal(reader_id, answer)
        return answer

    def _reader_refusal(self, reader_id: str, refusal: Rejected) -> ReaderBusy | ReaderOffline | Rejected:
        if refusal.code == "terminal_reader_offline":
            return ReaderOffline(reader_id)
        if refusal.code != "terminal_reader_busy":
            return refusal
        # Whose sale it is makes the sentence at the desk; where the reader cannot be read, busy is still the answer.
        reader = self.fetch_reader(reader_id)
        action = reader.action if isinstance(reader, Reader) else None
        return ReaderBusy(reader_id, action.intent_id if action and action.status == "in_progress" else None)

    def fetch_reader(self, reader_id: str) -> Reader | Unknown | Rejected:
        """One reader and what it is doing."""
        return self._reading(lambda: self._api.terminal.readers.retrieve(reader_id), payment_parsing.of_reader)

    def list_readers(self) -> tuple[Reader, ...] | Unknown | Rejected:
        """All readers of the account."""
        params: Any = {"limit": _PAGE}
        return self._reading_all(
            lambda: self._api.terminal.readers.list(params),
            lambda found: tuple(payment_parsing.of_reader(reader) for reader in found),
        )

    # Money back

    def create_refund(self, request: RefundRequest, *, key: str) -> CardRefund | Unknown | Rejected:
        """Give money back to a card; the same key gives the same refund."""
        try:
            amount = to_stripe(request.amount_minor, request.currency)
        except ValueError as error:
            return Rejected("amount_not_representable", str(error))
        params: Any = {
            "payment_intent": request.intent_id,
            "amount": amount,
            "reason": "requested_by_customer",
            "metadata": {**request.metadata, "reference": request.reference},
        }
        return self._doing(
            lambda: self._api.refunds.create(params, {"idempotency_key": key}), payment_parsing.of_refund
        )

    def fetch_refund(self, refund_id: str) -> CardRefund | Unknown | Rejected:
        """How far a refund is."""
        return self._reading(lambda: self._api.refunds.retrieve(refund_id), payment_parsing.of_refund)

    def find_refund(self, intent_id: str, reference: str) -> CardRefund | Unknown | Rejected | None:
        """The refund of an intent that carries our reference, or None."""
        params: Any = {"limit": _PAGE, "payment_intent": intent_id}

        def read(found: list[dict[str, Any]]) -> CardRefund | None:
            refunds = (payment_parsing.of_refund(refund) for refund in found)
            return next((refund for refund in refunds if refund.reference == reference), None)

        return self._reading_all(lambda: self._api.refunds.list(params), read)

    # Events

    def read_event(self, raw_body: bytes, signature: str) -> Event:
        """The event in a webhook; raises BadSignature."""
        return read_event(raw_body, signature, self._secrets)

    def list_events(self, since: datetime, types: Sequence[str] = ()) -> tuple[Event, ...] | Unknown | Rejected:
        """Events from `since` on, oldest first."""
        params: Any = {"limit": _PAGE, "created": {"gte": int(since.timestamp())}}
        if types:
            params["types"] = list(types)
        return self._reading_all(
            lambda: self._api.events.list(params),
            lambda found: tuple(of_event(event) for event in reversed(found)),
        )

    # How every call is made

    def _doing(self, call: Callable[[], Any], read: Callable[[dict[str, Any]], T]) -> T | Unknown | Rejected:
        try:
            return self._asked(lambda: read(call().to_dict()), wait_seconds=DOING_WAIT_SECONDS)
        except stripe.StripeError as error:
            return trouble(error)

    def _reading(self, call: Callable[[], Any], read: Callable[[dict[str, Any]], T]) -> T | Unknown:
        try:
            return self._asked(lambda: read(call().to_dict()))
        except stripe.StripeError as error:
            return trouble_reading(error)

    def _reading_all(self, call: Callable[[], Any], read: Callable[[list[dict[str, Any]]], T]) -> T | Unknown:
        try:
            return self._asked(lambda: read([entry.to_dict() for entry in call().auto_paging_iter()]))
        except stripe.StripeError as error:
            return trouble_reading(error)

    def _asked(self, ask: Callable[[], T], *, wait_seconds: float = 0.0) -> T | Unknown:
        """What a call answered, made through the gate. Raises RuntimeError inside a unit of work."""
        refuse_inside_unit_of_work()
        with self._gate.place(wait_seconds=wait_seconds) as allowed:
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


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _opened(session: dict[str, Any]) -> CheckoutOpened:
    return CheckoutOpened(session["id"], session.get("url"), datetime.fromtimestamp(session["expires_at"], UTC))


def _account(account: dict[str, Any]) -> Account:
    dashboard = (account.get("settings") or {}).get("dashboard") or {}
    currency = account.get("default_currency")
    return Account(
        account_id=account["id"],
        name=dashboard.get("display_name") or (account.get("business_profile") or {}).get("name"),
        country=account.get("country"),
        currency=currency.upper() if currency else None,
        charges_enabled=bool(account.get("charges_enabled")),
    )
