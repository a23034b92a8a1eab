"""The calls to Stripe that come after a payment: what each is made for, and what it looks like on the line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AfterSite:
    """A call site and the story it belongs to: a `fee`, a `dispute`, its `evidence`, a `payout`, or `reconcile`."""

    name: str
    method: str
    path: str
    story: str


AFTER_SITES = (
    AfterSite("fetch_charge_transaction", "get", "/v1/charges/*", "fee"),
    AfterSite("fetch_dispute", "get", "/v1/disputes/*", "dispute"),
    AfterSite("list_disputes", "get", "/v1/disputes", "dispute"),
    AfterSite("keep_file", "post", "/v1/files", "evidence"),
    AfterSite("hand_in_evidence", "post", "/v1/disputes/*", "evidence"),
    AfterSite("fetch_payout", "get", "/v1/payouts/*", "payout"),
    AfterSite("list_payouts", "get", "/v1/payouts", "payout"),
    AfterSite("list_balance_transactions", "get", "/v1/balance_transactions", "payout"),
    AfterSite("list_payments", "get", "/v1/payment_intents", "reconcile"),
    AfterSite("list_refunds", "get", "/v1/refunds", "reconcile"),
)
