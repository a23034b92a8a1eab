"""Tables of saved views."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.staff.models import Staff


class SavedView(Base):
    """A report with its location, days and filters under a name. Without a location it is of all of the person's.

    `period` is a name of days such as `last-month`, reckoned when the view is opened; without one the days are given.
    A shared view is listed for the people of its location who may see the report.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        Index("ix_saved_views_location_id", "location_id"),
        CheckConstraint("(period = '') = (from_on IS NOT NULL AND to_on IS NOT NULL)", name="days"),
        CheckConstraint("NOT shared OR location_id IS NOT NULL", name="shared"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey(Location.id))
    report: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    filters: Mapped[dict[str, str]] = mapped_column(JSON)
    shared: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
