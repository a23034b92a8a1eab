"""Money given back: what was refunded, by which means, and how much of each tender is gone already."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent, UtcDateTime, is_one_of
from pos.core.ids import new_id
from pos.domain.credits.models import PurchasedPackage
from pos.domain.locations.models import Desk, Location
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.models import Staff
from pos.domain.till.models import Shift

# Paid back or waiting at the bank: the money has left. Unknown: it may have.
OPEN_PARTS = ("created", "waiting", "unknown")


class Refund(Base):
    """One decision to give money back for a sale, whole or in part; a `void` undoes a sale in the shift it was made in.

    total = net + tax + tip. `staff_role` is what the actor was then; `alone_minor` and `alone_cash_minor` what that role
    gave back without a second person, in all and in cash of a sale not paid by cash alone. `liability_minor` is what the
    credits given up were worth; `steps` is the arithmetic that was shown. Written once, never changed: what becomes of the
    money stands in its parts.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("kind IN ('lines', 'package', 'void')", name="kind"),
        CheckConstraint("channel IN ('register', 'office')", name="channel"),
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND tip_minor >= 0", name="not_negative"),
        CheckConstraint("total_minor = net_minor + tax_minor + tip_minor", name="total"),
        CheckConstraint("approver_id IS NULL OR approver_id <> staff_id", name="approver"),
        CheckConstraint("(kind = 'package') = (package_id IS NOT NULL)", name="package"),
        Index("ix_refunds_location_id_business_on", "location_id", "business_on"),
        Index("ix_refunds_sale_id", "sale_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id))
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey(PurchasedPackage.id), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    desk_id: Mapped[UUID | None] = mapped_column(ForeignKey(Desk.id))
    shift_id: Mapped[UUID | None] = mapped_column(ForeignKey(Shift.id), index=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    staff_role: Mapped[str] = mapped_column(String(16))
    approver_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    alone_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    alone_cash_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(String(200))
    policy: Mapped[str] = mapped_column(String(16), default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    currency: Mapped[str] = mapped_column(String(3))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tip_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    liability_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    content_hash: Mapped[str] = mapped_column(String(64))
    business_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RefundLine(Base):
    """The part of a refund that belongs to one line of the sale, taxed at the rate of the sale. Never changed.

    `second_tax_minor` is the part of `tax_minor` that is the second tax. Of a package, `liability_minor` is what the credits
    given up were worth, `not_due_minor` what of their tax was not due, `second_not_due_minor` the second tax's part of that.
    `discount_minor` is what of the line's discount goes with it, as it was displayed; `discount_net_minor` as it was booked.
    `units` is how many of the line's units went back, 0 where an amount was given back and no unit.
    """

    __tablename__ = "refund_lines"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0", name="not_negative"),
        CheckConstraint("second_tax_minor BETWEEN 0 AND tax_minor", name="second_tax"),
        CheckConstraint("units >= 0", name="units"),
        Index("ix_refund_lines_sale", "sale_id", "sale_position"),
    )

    refund_id: Mapped[UUID] = mapped_column(ForeignKey(Refund.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[UUID]
    sale_position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(160))
    units: Mapped[int] = mapped_column(default=0, server_default="0")
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tax_percent: Mapped[Decimal] = mapped_column(Percent)
    second_tax_percent: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0), server_default="0")
    liability_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    not_due_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    second_not_due_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    discount_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    discount_net_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class RefundPart(Base):
    """The money of a refund that goes one way: back to a card, out of a drawer, onto a gift card or a client's account.

    `amount_minor` is what of the refund it is. In cash `rounding_minor` more is handed over, or less where that is negative.
    A card's part has a key that is written before Stripe is called. `replaces_id` is the failed part paid another way.
    """

    __tablename__ = "refund_parts"
    __table_args__ = (
        CheckConstraint(is_one_of("kind", TENDER_KINDS), name="kind"),
        CheckConstraint("state IN ('created', 'waiting', 'unknown', 'paid_back', 'failed')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("rounding_minor = 0 OR kind = 'cash'", name="only_cash_is_rounded"),
        CheckConstraint("(kind = 'card') = (attempt_id IS NOT NULL)", name="card_has_attempt"),
        CheckConstraint("(kind = 'cash') = (shift_id IS NOT NULL)", name="cash_has_shift"),
        CheckConstraint("kind = 'card' OR state = 'paid_back'", name="done_at_once"),
        CheckConstraint("approver_id IS NULL OR approver_id <> staff_id", name="approver"),
        ForeignKeyConstraint(["sale_id", "tender_position"], ["tenders.sale_id", "tenders.position"]),
        Index("ix_refund_parts_refund_id", "refund_id"),
        Index("ix_refund_parts_state", "state"),
        Index("ix_refund_parts_tender", "sale_id", "tender_position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    refund_id: Mapped[UUID] = mapped_column(ForeignKey(Refund.id))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    rounding_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    sale_id: Mapped[UUID | None]
    tender_position: Mapped[int | None]
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey(PaymentAttempt.id))
    shift_id: Mapped[UUID | None] = mapped_column(ForeignKey(Shift.id), index=True)
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    stripe_refund_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    reason_code: Mapped[str | None] = mapped_column(String(60))
    sentence: Mapped[str | None] = mapped_column(String(300))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund_parts.id"), unique=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    approver_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    business_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @hybrid_property
    def moved_minor(self) -> int:
        """The money that moved, in Python and in SQL: of cash, what was handed over."""
        return self.amount_minor + self.rounding_minor


class SaleRefunded(Base):
    """How much of a sale has been given back; every refund of the sale begins by moving this, so they queue here."""

    __tablename__ = "sale_refund_totals"
    __table_args__ = (
        CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="refunded"),
        CheckConstraint("tip_refunded_minor BETWEEN 0 AND tip_minor", name="tip"),
    )

    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id), primary_key=True)
    captured_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)
    tip_minor: Mapped[int] = mapped_column(BigInteger)
    tip_refunded_minor: Mapped[int] = mapped_column(BigInteger)
    voided: Mapped[bool]


class TenderRefunded(Base):
    """How much of one tender has been given back the way it came."""

    __tablename__ = "tender_refund_totals"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "position"], ["tenders.sale_id", "tenders.position"]),
        CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="refunded"),
    )

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    captured_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)


class WithdrawalConsent(Base):
    """A client's recorded wish that sessions begin before the time to withdraw from an online purchase is over."""

    __tablename__ = "withdrawal_consents"

    order_id: Mapped[UUID] = mapped_column(ForeignKey(Order.id), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
