"""How an intent moves: charged, declined, canceled. Shared by the API, the hosted page and the readers."""

from __future__ import annotations

from typing import Any, Literal

from pos.dev.stripe_simulator.context import Context, shown
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.faults import strike
from pos.dev.stripe_simulator.objects import cards, money
from pos.dev.stripe_simulator.objects.declines import Decline
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

Means = Literal["card", "card_present", "bank_debit"]

# Intent status → those it may move to; whatever is not here is refused.
MOVES: dict[str, frozenset[str]] = {
    "requires_payment_method": frozenset(
        {"requires_payment_method", "requires_capture", "processing", "succeeded", "canceled"}
    ),
    "processing": frozenset({"requires_payment_method", "succeeded"}),
    "requires_capture": frozenset({"succeeded", "canceled"}),
    "succeeded": frozenset(),
    "canceled": frozenset(),
}


def new_intent(
    world: Context, *, amount: int, currency: str, means: list[str], metadata: dict[str, str], **more: Any
) -> Json:
    """A fresh intent that waits for a card, stored and told."""
    identifier = world.new_id("pi")
    intent: Json = {
        "id": identifier,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{identifier}_secret_simulated",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {kind: {} for kind in means},
        "payment_method_types": means,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    intent |= more
    world.store.put(intent)
    world.tell("payment_intent.created", intent)
    return intent


def move(intent: Json, status: str) -> None:
    """Set the intent's status; raises the API's payment_intent_unexpected_state for a move that does not exist."""
    if status not in MOVES[intent["status"]]:
        raise ApiError(
            400,
            f"This PaymentIntent's status is {intent['status']}, so it cannot become {status}.",
            code="payment_intent_unexpected_state",
            payment_intent=shown(intent),
        )
    intent["status"] = status


@documented("A card accepted with automatic capture makes one captured charge and a succeeded intent.")
def charge(world: Context, intent: Json, means: Means, *, tip: int = 0) -> Json:
    """Take the intent's amount plus `tip` (minor units) by card; gives the intent, moved and told."""
    manual = intent["capture_method"] == "manual"
    move(intent, "requires_capture" if manual else "succeeded")
    intent["amount"] += tip
    if tip:
        intent["amount_details"] = {"tip": {"amount": tip}}
    made = _new_charge(world, intent, means, captured=not manual)
    intent |= {
        "latest_charge": made["id"],
        "payment_method": made["payment_method"],
        "last_payment_error": None,
        "amount_received": 0 if manual else intent["amount"],
        "amount_capturable": intent["amount"] if manual else 0,
    }
    world.store.put(intent)
    if manual:
        world.tell("payment_intent.amount_capturable_updated", intent)
    else:
        settle_unless_late(world, made)
        world.tell("charge.succeeded", made)
        world.tell("payment_intent.succeeded", intent)
    return intent


@documented("Capturing takes at most what was authorised and completes the intent.")
def capture(world: Context, intent: Json, amount: int | None = None) -> Json:
    """Capture an authorised intent, whole or in part; raises ApiError when it is not authorised or the amount is more."""
    if intent["status"] != "requires_capture":
        raise ApiError(
            400,
            "This PaymentIntent could not be captured because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be captured: "
            "requires_capture.",
            code="payment_intent_unexpected_state",
            payment_intent=shown(intent),
        )
    taken = intent["amount_capturable"] if amount is None else amount
    if not 0 < taken <= intent["amount_capturable"]:
        raise ApiError(400, "The amount is larger than what can be captured.", code="amount_too_large")
    move(intent, "succeeded")
    made = world.find("charge", intent["latest_charge"])
    made |= {"captured": True, "amount_captured": taken}
    intent |= {"amount_received": taken, "amount_capturable": 0}
    world.store.put(made)
    world.store.put(intent)
    settle_unless_late(world, made)
    world.tell("charge.captured", made)
    world.tell("payment_intent.succeeded", intent)
    return intent


@documented("A decline leaves a failed charge and puts the intent back to requires_payment_method with the error.")
def decline(world: Context, intent: Json, means: Means, reason: Decline) -> Json:
    """Record a refusal by the bank; gives the intent, which can be tried again."""
    move(intent, "requires_payment_method")
    made = _new_charge(world, intent, means, captured=False)
    made |= {
        "status": "failed",
        "paid": False,
        "failure_code": reason.code,
        "failure_message": reason.message,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "declined_by_network",
            "reason": reason.decline_code,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
        "receipt_url": None,
    }
    intent |= {
        "latest_charge": made["id"],
        "last_payment_error": reason.error(made["id"]).error,
        "payment_method": None,
    }
    world.store.put(made)
    world.store.put(intent)
    world.tell("charge.failed", made)
    world.tell("payment_intent.payment_failed", intent)
    return intent


@documented("An intent can be canceled until it has succeeded; what was authorised is let go.")
def cancel(world: Context, intent: Json, reason: str | None) -> Json:
    """Cancel an intent; raises the API's payment_intent_unexpected_state when money has moved."""
    if "canceled" not in MOVES[intent["status"]]:
        raise ApiError(
            400,
            "You cannot cancel this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.",
            code="payment_intent_unexpected_state",
            payment_intent=shown(intent),
        )
    move(intent, "canceled")
    intent |= {"canceled_at": world.now(), "cancellation_reason": reason, "amount_capturable": 0}
    world.store.put(intent)
    world.tell("payment_intent.canceled", intent)
    return intent


_DETAILS = {"card": cards.online, "card_present": cards.present, "bank_debit": cards.bank_debit}


def _new_charge(world: Context, intent: Json, means: Means, *, captured: bool) -> Json:
    identifier = world.new_id("ch")
    return world.store.put(
        {
            "id": identifier,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if captured else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": {
                "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
                "email": intent["receipt_email"],
                "name": None,
                "phone": None,
                "tax_id": None,
            },
            "calculated_statement_descriptor": "SIMULATED",
            "captured": captured,
            "created": world.now(),
            "currency": intent["currency"],
            "customer": None,
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": None,
            "outcome": {
                "advice_code": None,
                "network_advice_code": None,
                "network_decline_code": None,
                "network_status": "approved_by_network",
                "reason": None,
                "seller_message": "Payment complete.",
                "type": "authorized",
            },
            "paid": True,
            "payment_intent": intent["id"],
            "payment_method": world.new_id("pm"),
            "payment_method_details": _DETAILS[means](),
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": f"{world.settings.public_url}/receipts/{identifier}",
            "refunded": False,
            "review": None,
            "shipping": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "succeeded",
            "transfer_data": None,
            "transfer_group": None,
        }
    )


@documented("Fees come late: a charge may have no balance transaction when it succeeds.")
def settle_unless_late(world: Context, made: Json) -> None:
    """Book the charge's fee now, unless the `fees_late` fault holds it back."""
    if strike(world.store, "charge", made["id"]) != "fees_late":
        settle(world, made)


def settle(world: Context, made: Json) -> Json:
    """Book the balance transaction of a captured charge, once; gives the charge."""
    if made["balance_transaction"] is None and made["captured"]:
        present = made["payment_method_details"]["type"] == "card_present"
        entry = new_balance_entry(
            world, "charge", made["id"], made["amount_captured"], made["currency"],
            fee=money.fee(made["amount_captured"], present=present),
        )  # fmt: skip
        made["balance_transaction"] = entry["id"]
        world.store.put(made)
    return made


@inferred("Card money becomes available two days after the charge, at midnight UTC.")
def new_balance_entry(world: Context, kind: str, source: str, amount: int, currency: str, *, fee: int) -> Json:
    """A balance transaction: `amount` signed, `fee` kept by Stripe, both in minor units."""
    day = 86400
    fees = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Processing fees",
            "type": "stripe_fee",
        }
    ]
    return world.store.put(
        {
            "id": world.new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": (world.now() // day + 2) * day,
            "balance_type": "payments",
            "created": world.now(),
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": fees if fee else [],
            "net": amount - fee,
            "reporting_category": kind,
            "source": source,
            "status": "pending",
            "type": kind,
        }
    )
