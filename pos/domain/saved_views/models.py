"""Tables of saved views and of when they are sent by mail."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime, is_one_of
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.saved_views.times import EVERY, FILES
from pos.domain.staff.models import Staff


class SavedView(Base):
    """A report with its location, days and filters under a name. Without a location it is of all of the person's, or of
    those of the currency that `filters` has as `location`.

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


class ViewSchedule(Base):
    """When a view is sent by mail to its owner and to `people` (keys of staff), as which kind of file.

    `on_day` is the weekday of a weekly one (0 is Monday), the day of the month of a monthly one, and 0 of a daily one.
    `next_at` is the next time; it moves on in the transaction that puts the mails into the outbox.
    """

    __tablename__ = "view_schedules"
    __table_args__ = (
        Index("ix_view_schedules_next_at", "next_at"),
        CheckConstraint(is_one_of("every", EVERY), name="every"),
        CheckConstraint("hour BETWEEN 0 AND 23 AND on_day BETWEEN 0 AND 31", name="time"),
        CheckConstraint(is_one_of("file", FILES), name="file"),
    )

    view_id: Mapped[UUID] = mapped_column(ForeignKey(SavedView.id), primary_key=True)
    every: Mapped[str] = mapped_column(String(8))
    on_day: Mapped[int]
    hour: Mapped[int]
    file: Mapped[str] = mapped_column(String(8))
    people: Mapped[list[str]] = mapped_column(JSON)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
