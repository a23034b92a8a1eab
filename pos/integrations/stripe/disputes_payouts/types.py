"""What comes after a payment, as it goes through the door: disputes and their evidence, what moved the balance, payouts.

Amounts are ISO 4217 minor units, currencies upper-case codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DisputeStatus = Literal[
    "warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review", "won", "lost",
    "prevented", "appeal_needs_response", "appeal_under_review",
]  # fmt: skip
PayoutStatus = Literal["pending", "in_transit", "paid", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class BalanceTransactionFacts:
    """A balance transaction: `amount_minor` signed as it changed the balance, `fee_minor` kept by Stripe on top.

    `kind` is Stripe's type (charge, refund, refund_failure, adjustment, stripe_fee, payout, payout_failure, …), `category`
    its reporting category (dispute, dispute_reversal, …), `source_id` what it is of.
    """

    move_id: str
    kind: str
    category: str
    source_id: str | None
    amount_minor: int
    fee_minor: int
    currency: str
    created_at: datetime
    available_at: datetime
    description: str

    @property
    def net_minor(self) -> int:
        """What it changed the balance by."""
        return self.amount_minor - self.fee_minor


@dataclass(frozen=True, slots=True)
class CardDispute:
    """A dispute at Stripe. `due_at` is when evidence must be there; `handed_in` how often it was handed to the bank."""

    dispute_id: str
    charge_id: str
    intent_id: str | None
    status: DisputeStatus
    reason: str
    amount_minor: int
    currency: str
    created_at: datetime
    due_at: datetime | None
    handed_in: int
    livemode: bool
    moves: tuple[BalanceTransactionFacts, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is handed to the bank: Stripe's text fields by their names, and the id of an uploaded PDF."""

    texts: Mapping[str, str]
    file_id: str | None


@dataclass(frozen=True, slots=True)
class FileKept:
    """A file Stripe has taken in."""

    file_id: str


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way to the bank. `reconciled`: what it was made of can be listed."""

    payout_id: str
    status: PayoutStatus
    amount_minor: int
    currency: str
    automatic: bool
    reconciled: bool
    arrives_at: datetime
    created_at: datetime
    failure_code: str | None
    livemode: bool


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """An intent as a search by date finds it; `order_id` is ours where it carries one."""

    intent_id: str
    status: str
    amount_minor: int
    currency: str
    created_at: datetime
    order_id: str | None
    charge_id: str | None
    card: str
    email: str | None
    livemode: bool
