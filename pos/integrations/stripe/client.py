"""The calls to Stripe for payments, refunds and events, and in its parts those for disputes, payouts and set-up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pos.integrations.stripe import payment_parsing
from pos.integrations.stripe.amounts import to_stripe
from pos.integrations.stripe.connection import Connection
from pos.integrations.stripe.disputes_payouts.calls import Disputes, Payouts
from pos.integrations.stripe.disputes_payouts.parsing import of_found
from pos.integrations.stripe.disputes_payouts.types import FoundPayment
from pos.integrations.stripe.setup_calls import Setup
from pos.integrations.stripe.types import (
    Account,
    CardRefund,
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

_PAGE = 100
_CHARGE = "latest_charge"


class StripeGateway:
    """One client for all threads. A `key` must have been committed before the call. No call raises for what Stripe says."""

    def __init__(self, config: GatewayConfig) -> None:
        self._secrets = tuple(secret for secret in config.webhook_secrets if secret.strip())
        self._stripe = Connection(config)
        self.disputes = Disputes(self._stripe)
        self.payouts = Payouts(self._stripe)
        self.setup = Setup(self._stripe)

    def require_answers(self) -> None:
        """Raise CardServiceAway where a person's call would not be made, because one before had no answer."""
        self._stripe.require_answers()

    def fetch_account(self) -> Account | Unknown | Rejected:
        """Whose key this is."""
        return self._stripe.reading(lambda: self._stripe.api.accounts.retrieve_current(), _account)

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
        return self._stripe.doing(
            lambda: self._stripe.api.checkout.sessions.create(params, {"idempotency_key": key}), _opened
        )

    def fetch_checkout(self, session_id: str) -> Outcome:
        """What has become of a hosted page. Never Rejected for want of an answer: that is Unknown."""
        params: Any = {"expand": [f"payment_intent.{_CHARGE}"]}
        return self._stripe.reading(
            lambda: self._stripe.api.checkout.sessions.retrieve(session_id, params), payment_parsing.of_session
        )

    def expire_checkout(self, session_id: str) -> Outcome:
        """Close a hosted page. Closed when it is; when it was paid meanwhile, that outcome instead."""
        params: Any = {"expand": [f"payment_intent.{_CHARGE}"]}
        answer = self._stripe.doing(
            lambda: self._stripe.api.checkout.sessions.expire(session_id, params), payment_parsing.of_session
        )
        # Refused: it was paid or has expired already. Only the object itself can say which.
        return self.fetch_checkout(session_id) if isinstance(answer, Rejected) else answer

    # At the desk

    def create_intent(self, request: IntentRequest, *, key: str) -> IntentCreated | Unknown | Rejected:
        """Prepare a payment at a reader; one intent per sale, kept through declines."""
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
        return self._stripe.doing(
            lambda: self._stripe.api.payment_intents.create(params, {"idempotency_key": key}),
            lambda intent: IntentCreated(intent["id"]),
        )

    def fetch_intent(self, intent_id: str, *, reader_id: str | None = None) -> Outcome:
        """What has become of an intent.

        With `reader_id` the reader is asked too, so that a card being asked for again after a decline is Pending
        (on_reader) and the customer's own cancel is Declined (customer_canceled).
        """
        params: Any = {"expand": [_CHARGE]}
        reader = self.fetch_reader(reader_id) if reader_id else None
        if isinstance(reader, Unknown | Rejected):
            reader = None
        # The intent is read after the reader: a payment between the two shows as paid, not as still being asked for.
        return self._stripe.reading(
            lambda: self._stripe.api.payment_intents.retrieve(intent_id, params),
            lambda intent: payment_parsing.of_intent(intent, reader),
        )

    def cancel_intent(self, intent_id: str, *, key: str) -> Outcome:
        """Give an intent up. Closed when it is; when money moved meanwhile, that outcome instead."""
        params: Any = {"expand": [_CHARGE]}
        answer = self._stripe.doing(
            lambda: self._stripe.api.payment_intents.cancel(intent_id, params, {"idempotency_key": key}),
            payment_parsing.of_intent,
        )
        return self.fetch_intent(intent_id) if isinstance(answer, Rejected) else answer

    def send_to_reader(
        self, reader_id: str, intent_id: str, *, key: str, tip: TipRequest | None = None
    ) -> SentToReader | ReaderBusy | ReaderOffline | Unknown | Rejected:
        """Let a reader ask for the card. A fresh key for each dispatch: a key replays even "the reader timed out"."""
        config: dict[str, Any] = {"enable_customer_cancellation": True}
        if tip is None:
            config["skip_tipping"] = True
        else:
            try:
                config["tipping"] = {"amount_eligible": to_stripe(tip.eligible_minor, tip.currency)}
            except ValueError as error:
                return Rejected("amount_not_representable", str(error))
        params: Any = {"payment_intent": intent_id, "process_config": config}
        answer = self._stripe.doing(
            lambda: self._stripe.api.terminal.readers.process_payment_intent(
                reader_id, params, {"idempotency_key": key}
            ),
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
        """Let a reader stop asking; busy while the bank is being asked."""
        answer = self._stripe.doing(
            lambda: self._stripe.api.terminal.readers.cancel_action(reader_id), lambda _: ReaderFreed(reader_id)
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
        return self._stripe.reading(
            lambda: self._stripe.api.terminal.readers.retrieve(reader_id), payment_parsing.of_reader
        )

    def list_readers(self) -> tuple[Reader, ...] | Unknown | Rejected:
        """All readers of the account."""
        params: Any = {"limit": _PAGE}
        return self._stripe.reading_all(
            lambda: self._stripe.api.terminal.readers.list(params),
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
        return self._stripe.doing(
            lambda: self._stripe.api.refunds.create(params, {"idempotency_key": key}), payment_parsing.of_refund
        )

    def fetch_refund(self, refund_id: str) -> CardRefund | Unknown | Rejected:
        """How far a refund is."""
        return self._stripe.reading(lambda: self._stripe.api.refunds.retrieve(refund_id), payment_parsing.of_refund)

    def find_refund(self, intent_id: str, reference: str) -> CardRefund | Unknown | Rejected | None:
        """The refund of an intent with our reference, None when there is none. Stripe forgets keys after a day."""
        params: Any = {"limit": _PAGE, "payment_intent": intent_id}

        def read(found: list[dict[str, Any]]) -> CardRefund | None:
            refunds = (payment_parsing.of_refund(refund) for refund in found)
            return next((refund for refund in refunds if refund.reference == reference), None)

        return self._stripe.reading_all(lambda: self._stripe.api.refunds.list(params), read)

    # What Stripe knows and we may not

    def list_payments(self, since: datetime) -> tuple[FoundPayment, ...] | Unknown | Rejected:
        """Intents made from `since` on, oldest first, whatever became of them."""
        params: Any = {**_since(since), "expand": ["data.latest_charge"]}
        return self._stripe.reading_all(
            lambda: self._stripe.api.payment_intents.list(params),
            lambda found: tuple(of_found(one) for one in reversed(found)),
        )

    def list_refunds(self, since: datetime) -> tuple[CardRefund, ...] | Unknown | Rejected:
        """Refunds made from `since` on, oldest first."""
        return self._stripe.reading_all(
            lambda: self._stripe.api.refunds.list(_since(since)),
            lambda found: tuple(payment_parsing.of_refund(one) for one in reversed(found)),
        )

    # Events

    def read_event(self, raw_body: bytes, signature: str) -> Event:
        """The event in a webhook, verified against every configured secret; raises BadSignature."""
        return read_event(raw_body, signature, self._secrets)

    def list_events(self, since: datetime, types: Sequence[str] = ()) -> tuple[Event, ...] | Unknown | Rejected:
        """Events from `since` on, oldest first, at most twenty types; for clinics no webhook can reach."""
        params: Any = _since(since)
        if types:
            params["types"] = list(types)
        return self._stripe.reading_all(
            lambda: self._stripe.api.events.list(params),
            lambda found: tuple(of_event(event) for event in reversed(found)),
        )


def _since(since: datetime) -> dict[str, Any]:
    return {"limit": _PAGE, "created": {"gte": int(since.timestamp())}}


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
