"""Reads Stripe's objects (as plain dictionaries) into outcomes. The one place that knows what their states mean."""

from __future__ import annotations

from typing import Any

from pos.core.messages.payments import CHECKOUT_WITHOUT_MONEY
from pos.integrations.stripe.amounts import from_stripe
from pos.integrations.stripe.decline_messages import declined
from pos.integrations.stripe.types import (
    CardRefund,
    Closed,
    Declined,
    Outcome,
    Pending,
    PendingReason,
    Reader,
    ReaderAction,
    Rejected,
    Succeeded,
    Unknown,
    UnknownReason,
)

Json = dict[str, Any]

_WAITING = {
    "requires_action": PendingReason.REQUIRES_ACTION,
    "processing": PendingReason.PROCESSING,
    "requires_capture": PendingReason.AUTHORISED,
    "requires_confirmation": PendingReason.AWAITING_CARD,
}
_CARDS = ("card", "card_present", "interac_present")
_BANKS = ("us_bank_account", "sepa_debit", "bacs_debit", "acss_debit", "au_becs_debit")
# The reader cannot say whether the bank took the money: only the intent can.
_READER_DOES_NOT_KNOW = frozenset({"connection_error"})


def of_session(session: Json) -> Outcome:
    """What became of a Checkout Session whose `payment_intent.latest_charge` is expanded."""
    match session["status"]:
        case "expired":
            return Closed("expired")
        case "open":
            return Pending(PendingReason.CHECKOUT_OPEN)
    intent = session["payment_intent"]
    if not isinstance(intent, dict):
        return Rejected("no_payment_required", CHECKOUT_WITHOUT_MONEY)
    if session["payment_status"] == "paid":
        return _succeeded(intent, session["id"], session.get("metadata") or {})
    outcome = of_intent(intent)
    if isinstance(outcome, Declined):
        # The page is done with and cannot be paid again: a bank that says no now has ended it.
        return Closed("bank_refused")
    return Pending(PendingReason.CHECKOUT_UNPAID) if isinstance(outcome, Pending) else outcome


def of_intent(intent: Json, reader: Reader | None = None) -> Outcome:
    """What became of a PaymentIntent whose `latest_charge` is expanded, the reader's view added when there is one."""
    status = intent["status"]
    if status == "succeeded":
        return _succeeded(intent, None, {})
    if status == "canceled":
        return Closed("canceled")
    if status in _WAITING:
        return Pending(_WAITING[status])
    action = reader.action if reader and reader.action and reader.action.intent_id == intent["id"] else None
    if action and action.status == "in_progress":
        gone = reader is not None and not reader.online
        return Unknown(UnknownReason.READER_GONE) if gone else Pending(PendingReason.ON_READER)
    error = intent.get("last_payment_error") or {}
    failure = action.failure_code if action and action.status == "failed" else None
    # The reader speaks of its last try, the intent of the last card the bank refused: an older one, perhaps.
    if failure and failure != error.get("code") and failure not in _READER_DOES_NOT_KNOW:
        return declined(failure)
    if error:
        return declined(str(error.get("decline_code") or error.get("code") or "card_declined"))
    return Pending(PendingReason.AWAITING_CARD)


def _succeeded(intent: Json, session_id: str | None, metadata: Json) -> Outcome:
    charge = intent.get("latest_charge")
    if not isinstance(charge, dict):
        # Succeeded without its charge is a state Stripe never shows; fetching again settles it.
        return Unknown(UnknownReason.NO_ANSWER)
    currency = str(intent["currency"]).upper()
    card = card_of(charge)
    details = charge.get("payment_method_details") or {}
    bank: Json = next(({"brand": "bank", **details[kind]} for kind in _BANKS if details.get(kind)), {})
    tip = ((intent.get("amount_details") or {}).get("tip") or {}).get("amount") or 0
    return Succeeded(
        intent_id=intent["id"],
        charge_id=charge["id"],
        session_id=session_id,
        amount_minor=from_stripe(intent["amount_received"], currency),
        tip_minor=from_stripe(tip, currency),
        currency=currency,
        card_brand=(card or bank).get("brand"),
        card_last4=(card or bank).get("last4"),
        livemode=bool(intent["livemode"]),
        metadata={**metadata, **(intent.get("metadata") or {})},
    )


def card_of(charge: Json) -> Json:
    """The card a charge was taken from, as Stripe describes it; empty where it was none."""
    details = charge.get("payment_method_details") or {}
    return next((details[kind] for kind in _CARDS if details.get(kind)), {})


def of_refund(refund: Json) -> CardRefund:
    """A refund and how far it is."""
    currency = str(refund["currency"]).upper()
    return CardRefund(
        refund_id=refund["id"],
        intent_id=identifier(refund.get("payment_intent")),
        status=refund["status"],
        amount_minor=from_stripe(refund["amount"], currency),
        currency=currency,
        reference=(refund.get("metadata") or {}).get("reference"),
        why=refund.get("failure_reason"),
    )


def of_reader(reader: Json) -> Reader:
    """A terminal reader and its latest action."""
    action = reader.get("action")
    return Reader(
        reader_id=reader["id"],
        label=reader["label"],
        online=reader.get("status") == "online",
        device_type=reader["device_type"],
        serial_number=reader["serial_number"],
        location_id=identifier(reader.get("location")),
        livemode=bool(reader["livemode"]),
        action=_action(action) if action else None,
    )


def _action(action: Json) -> ReaderAction:
    payment = action.get("process_payment_intent") or {}
    return ReaderAction(
        status=action["status"],
        intent_id=identifier(payment.get("payment_intent")),
        failure_code=action.get("failure_code"),
        failure_message=action.get("failure_message"),
    )


def identifier(value: Any) -> str | None:
    """The id of an object that is named or, expanded, there."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None
