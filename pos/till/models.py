"""Cash drawers and shifts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.kernel.db import Base, UtcDateTime
from pos.kernel.ids import new_id
from pos.locations.models import Desk, Location
from pos.staff.models import Staff


class Drawer(Base):
    """The cash box of a desk."""

    __tablename__ = "drawers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    desk_id: Mapped[UUID] = mapped_column(ForeignKey(Desk.id), unique=True)


class Shift(Base):
    """One drawer from opening to close; a drawer has one open shift at most."""

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("float_minor >= 0", name="float"),
        Index(
            "uq_shifts_open_drawer",
            "drawer_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
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
