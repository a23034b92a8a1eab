"""Reads disputes, balance transactions, payouts and found payments (as plain dictionaries)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pos.integrations.stripe.amounts import from_stripe
from pos.integrations.stripe.disputes_payouts.types import (
    BalanceTransactionFacts,
    CardDispute,
    FoundPayment,
    Payout,
)
from pos.integrations.stripe.payment_parsing import card_of, identifier

Json = dict[str, Any]


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def of_move(entry: Json) -> BalanceTransactionFacts:
    """A balance transaction."""
    currency = str(entry["currency"]).upper()
    return BalanceTransactionFacts(
        move_id=entry["id"],
        kind=entry["type"],
        category=entry["reporting_category"],
        source_id=identifier(entry.get("source")),
        amount_minor=from_stripe(entry["amount"], currency),
        fee_minor=from_stripe(entry["fee"], currency),
        currency=currency,
        created_at=_at(entry["created"]),
        available_at=_at(entry["available_on"]),
        description=entry.get("description") or "",
    )


def of_charge(charge: Json) -> BalanceTransactionFacts | None:
    """The balance transaction of a charge that has it expanded; None while it is to come."""
    entry = charge.get("balance_transaction")
    return of_move(entry) if isinstance(entry, dict) else None


def of_dispute(dispute: Json) -> CardDispute:
    """A dispute with the balance transactions it made."""
    currency = str(dispute["currency"]).upper()
    details = dispute.get("evidence_details") or {}
    due = details.get("due_by")
    return CardDispute(
        dispute_id=dispute["id"],
        charge_id=identifier(dispute["charge"]) or "",
        intent_id=identifier(dispute.get("payment_intent")),
        status=dispute["status"],
        reason=dispute["reason"],
        amount_minor=from_stripe(dispute["amount"], currency),
        currency=currency,
        created_at=_at(dispute["created"]),
        due_at=_at(due) if due else None,
        handed_in=details.get("submission_count") or 0,
        livemode=bool(dispute["livemode"]),
        moves=tuple(of_move(entry) for entry in dispute.get("balance_transactions") or ()),
    )


def of_payout(payout: Json) -> Payout:
    """A payout and how far it is."""
    currency = str(payout["currency"]).upper()
    return Payout(
        payout_id=payout["id"],
        status=payout["status"],
        amount_minor=from_stripe(payout["amount"], currency),
        currency=currency,
        automatic=bool(payout["automatic"]),
        reconciled=payout.get("reconciliation_status") == "completed",
        arrives_at=_at(payout["arrival_date"]),
        created_at=_at(payout["created"]),
        failure_code=payout.get("failure_code"),
        livemode=bool(payout["livemode"]),
    )


def of_found(intent: Json) -> FoundPayment:
    """An intent whose `latest_charge` is expanded, as a search finds it."""
    currency = str(intent["currency"]).upper()
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    card = card_of(charge)
    return FoundPayment(
        intent_id=intent["id"],
        status=intent["status"],
        amount_minor=from_stripe(intent["amount_received"] or intent["amount"], currency),
        currency=currency,
        created_at=_at(intent["created"]),
        order_id=(intent.get("metadata") or {}).get("order_id"),
        charge_id=charge.get("id"),
        card=f"{card.get('brand')} •••• {card['last4']}" if card.get("last4") else "",
        email=(charge.get("billing_details") or {}).get("email") or intent.get("receipt_email"),
        livemode=bool(intent["livemode"]),
    )
