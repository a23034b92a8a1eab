"""Cash drawers, shifts, what moves cash besides sales, and the Z reports of closed shifts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Desk, Location
from pos.domain.staff.models import Staff


class Drawer(Base):
    """The cash box of a desk."""

    __tablename__ = "drawers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    desk_id: Mapped[UUID] = mapped_column(ForeignKey(Desk.id), unique=True)


class Shift(Base):
    """One drawer from opening to close; a drawer has one open shift at most.

    `opening_found_minor` is what the close before left in the drawer, `left_minor` what this close leaves; the rest
    goes to the bank. Counts map a denomination in minor units, written as text, to how many there were.
    """

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("float_minor >= 0", name="float"),
        Index(
            "uq_shifts_open_drawer",
            "drawer_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
        ),
        Index("ix_shifts_drawer_id_opened_at", "drawer_id", "opened_at"),
        Index("ix_shifts_location_id_closed_at", "location_id", "closed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    drawer_id: Mapped[UUID] = mapped_column(ForeignKey(Drawer.id))
    state: Mapped[str] = mapped_column(String(8), default="open")
    business_on: Mapped[date]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    float_minor: Mapped[int] = mapped_column(BigInteger)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expected_minor: Mapped[int | None] = mapped_column(BigInteger)
    counted_minor: Mapped[int | None] = mapped_column(BigInteger)
    opening_found_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    opening_counts: Mapped[dict[str, int] | None] = mapped_column(JSON)
    opening_note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    closing_counts: Mapped[dict[str, int] | None] = mapped_column(JSON)
    closing_note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    left_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    close_approved_by: Mapped[UUID | None]


class CashMovement(Base):
    """Cash that moved without a sale, or a drawer opened for nothing; with its reason. Never changed."""

    __tablename__ = "cash_movements"
    __table_args__ = (
        CheckConstraint("kind IN ('paid_in', 'paid_out', 'drop', 'no_sale', 'tip_paid_out')", name="kind"),
        CheckConstraint(
            "(kind = 'no_sale' AND amount_minor = 0) OR (kind <> 'no_sale' AND amount_minor > 0)", name="amount"
        ),
        CheckConstraint("(kind = 'tip_paid_out') = (recipient_id IS NOT NULL)", name="recipient"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_cash_movements_shift_id", "shift_id"),
        Index("ix_cash_movements_location_id_business_on", "location_id", "business_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    drawer_id: Mapped[UUID] = mapped_column(ForeignKey(Drawer.id))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey(Shift.id))
    kind: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(200))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ZReport(Base):
    """The numbered, frozen close of a shift; `hash` covers its facts and the hash of the Z before. Never changed."""

    __tablename__ = "z_reports"
    __table_args__ = (
        UniqueConstraint("drawer_id", "number"),
        Index("ix_z_reports_location_id_business_on", "location_id", "business_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    drawer_id: Mapped[UUID] = mapped_column(ForeignKey(Drawer.id))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey(Shift.id), unique=True)
    number: Mapped[int]
    business_on: Mapped[date]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
