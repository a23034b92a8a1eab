"""Disputes of card payments, each thing that happened to them in the books, and the evidence that was handed in."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.disputes.rules import STATUSES, STEPS
from pos.domain.locations.models import Location
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff


class Dispute(Base):
    """A card payment that the client's bank has taken back, or asks about. `status` is Stripe's and only moves on.

    `sale_id` is empty for a payment that paid for no sale. `handed_in` is how often evidence went to the bank.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_disputes_location_id_business_on", "location_id", "business_on"),
        Index("ix_disputes_sale_id", "sale_id"),
        Index("ix_disputes_status", "status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    stripe_dispute_id: Mapped[str] = mapped_column(String(120), unique=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(PaymentAttempt.id), index=True)
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    status: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(60))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_in: Mapped[int] = mapped_column(default=0)
    business_on: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DisputeStep(Base):
    """Something a dispute did to books and credits, at most once each. Never changed.

    `opened`: the money was taken, `credits` suspended. `won` and `dropped`: credits came back. `lost`: `credits` were given
    up; with what was left on gift cards they were worth `liability_minor` and `tax_minor` (of it `second_tax_minor` is the
    second tax); the rest is `bad_debt_minor`. `recovered`: won after it had been lost.
    """

    __tablename__ = "dispute_steps"
    __table_args__ = (
        UniqueConstraint("dispute_id", "kind"),
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in STEPS)})", name="kind"),
        CheckConstraint(
            "kind <> 'lost' OR liability_minor + tax_minor + bad_debt_minor = amount_minor", name="lost_in_parts"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey(Dispute.id))
    kind: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    credits: Mapped[int] = mapped_column(default=0)
    liability_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    bad_debt_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DisputeEvidence(Base):
    """Evidence on its way to the bank. Its key is written before Stripe is called; `unknown` until that has answered."""

    __tablename__ = "dispute_evidence"
    __table_args__ = (
        CheckConstraint("state IN ('created', 'unknown', 'sent', 'refused')", name="state"),
        Index("ix_dispute_evidence_dispute_id", "dispute_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey(Dispute.id))
    state: Mapped[str] = mapped_column(String(10), default="created")
    words: Mapped[str] = mapped_column(Text)
    file_id: Mapped[str | None] = mapped_column(String(120))
    sentence: Mapped[str | None] = mapped_column(String(300))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
