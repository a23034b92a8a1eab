"""What moved the balance at Stripe, payouts, each location's share of them, and what Stripe knows and we did not."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.locations.models import Location
from pos.domain.staff.models import Staff


class StripePayout(Base):
    """Money on its way from Stripe to the bank. `listed_at` is when its rows were read here."""

    __tablename__ = "stripe_payouts"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name="status"),
        Index("ix_stripe_payouts_arrives_on", "arrives_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    stripe_payout_id: Mapped[str] = mapped_column(String(120), unique=True)
    status: Mapped[str] = mapped_column(String(12))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    automatic: Mapped[bool]
    reconciled: Mapped[bool]
    arrives_on: Mapped[date]
    failure_code: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    listed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PayoutAllocation(Base):
    """What of a payout belongs to one location: its entry takes it from Stripe to the bank, or back. Never changed."""

    __tablename__ = "payout_allocations"
    __table_args__ = (
        CheckConstraint("kind IN ('paid', 'returned')", name="kind"),
        UniqueConstraint("payout_id", "location_id", "kind", "number"),
        Index("ix_payout_allocations_location_id", "location_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payout_id: Mapped[UUID] = mapped_column(ForeignKey(StripePayout.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class BalanceTransaction(Base):
    """A balance transaction at Stripe, matched to what it is of here.

    `what` and `subject_id` name it: an attempt, a refund's part, a dispute, a failed payout, an unmatched
    transaction. `problem` says why it could not be matched. `account_key` is where one of Stripe's own, or one that
    nothing here explains, was booked.
    """

    __tablename__ = "balance_transactions"
    __table_args__ = (
        CheckConstraint("NOT settled OR problem = ''", name="settled"),
        Index("ix_balance_transactions_payout_id", "payout_id"),
        Index("ix_balance_transactions_subject_id", "subject_id"),
        Index("ix_balance_transactions_location_id", "location_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    stripe_id: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(200), default="")
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    what: Mapped[str] = mapped_column(String(16), default="")
    subject_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey(Location.id))
    problem: Mapped[str] = mapped_column(String(16), default="")
    fee_booked: Mapped[bool] = mapped_column(default=False)
    account_key: Mapped[str | None] = mapped_column(String(80))
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey(StripePayout.id))
    settled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def net_minor(self) -> int:
        """What it changed the balance by."""
        return self.amount_minor - self.fee_minor


# Unmatched payments that nobody has decided about, or that must be decided once more because their refund failed.
UNDECIDED = ("open", "failed")


class UnmatchedTransaction(Base):
    """A payment, refund or dispute at Stripe that nothing here explains, until a manager decides what it was.

    `credited` and `refunded` payments are in the books of `location_id`, and so is one that is owed again because its refund
    `failed`; what is `explained` is in none. `about` names the card and who paid, which may have to be erased.
    """

    __tablename__ = "unmatched_transactions"
    __table_args__ = (
        CheckConstraint("kind IN ('payment', 'refund', 'dispute')", name="kind"),
        CheckConstraint("state IN ('open', 'credited', 'refunding', 'refunded', 'failed', 'explained')", name="state"),
        CheckConstraint("state IN ('open', 'explained') OR location_id IS NOT NULL", name="place"),
        Index("ix_unmatched_transactions_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(10))
    stripe_id: Mapped[str] = mapped_column(String(120), unique=True)
    charge_id: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="open")
    why: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    about: Mapped[str] = mapped_column(String(200), default="")
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey(Location.id))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))
    note: Mapped[str] = mapped_column(String(200), default="")
    sentence: Mapped[str | None] = mapped_column(String(300))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UnmatchedRefund(Base):
    """An unmatched payment on its way back to its card; a payment has one for each time that was decided.

    The key is written before Stripe is called; the id is the reference it is found by there. States are a refund part's.
    """

    __tablename__ = "unmatched_refunds"
    __table_args__ = (
        CheckConstraint("state IN ('created', 'waiting', 'unknown', 'paid_back', 'failed')", name="state"),
        UniqueConstraint("unmatched_id", "number"),
        # One at a time: the next is asked for only when the last has failed.
        Index(
            "ux_unmatched_refunds_alive",
            "unmatched_id",
            unique=True,
            sqlite_where=text("state <> 'failed'"),
            postgresql_where=text("state <> 'failed'"),
        ),
        Index("ix_unmatched_refunds_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unmatched_id: Mapped[UUID] = mapped_column(ForeignKey(UnmatchedTransaction.id))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    stripe_refund_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    reason_code: Mapped[str | None] = mapped_column(String(60))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PollingCursor(Base):
    """When a list at Stripe was last asked for, so that several workers ask once."""

    __tablename__ = "polling_cursors"

    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
