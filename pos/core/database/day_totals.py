"""Totals of past business days, which reports read in place of lines; a day's are dropped by whatever writes into it.

They are derived: everything in them can be summed again (pos/reports/totals/), and `pos verify` does so. A transaction that
writes a row of history or a journal entry into a day that may have been summed removes the totals of that day before it
commits. A day is summed when it is two days behind everything that is of today somewhere on Earth, so a sale of today asks
nothing, and no transaction that was decided to be of today can still be open when its day is summed (decision 39).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from pos.core import clock
from pos.core.database.base import Base, UtcDateTime
from pos.core.database.history import written_days

# Which sums a row holds, and how they are made; rows of another number are summed again, and never read.
SHAPE = 2
# The business date of now is this many days behind UTC's at most: twelve hours of time zone and twelve of cut-off.
_TODAY_AT_LEAST = timedelta(days=1)
# A day is summed this many days after UTC's date: two behind any that is today somewhere, for a transaction may stay open
# for a whole day.
_SUMMED_AFTER = timedelta(days=3)


class DayTotals(Base):
    """What one location's business day came to. `figures` is None for a day on which nothing happened.

    `figures` are `Figures` of pos/reports/sales/sums.py, `booked` the ledger's sums by account, `lines` the sums of lines by
    item, person and hour, `bases` what commissions are reckoned from, `clients` what each client brought: see
    pos/reports/totals/.
    """

    __tablename__ = "day_totals"
    __table_args__ = (Index("ix_day_totals_business_on", "business_on"),)

    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_on: Mapped[date] = mapped_column(primary_key=True)
    shape: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    booked: Mapped[list[list[Any]]] = mapped_column(JSON)
    lines: Mapped[dict[str, list[list[Any]]]] = mapped_column(JSON)
    bases: Mapped[list[list[Any]]] = mapped_column(JSON)
    # The longest, and so the last: SQLite reads a row up to the column that is asked for.
    clients: Mapped[list[list[Any]]] = mapped_column(JSON)


def last_summed() -> date:
    """The newest business date that may have totals."""
    return clock.now().date() - _SUMMED_AFTER


def hold(session: Session) -> None:
    """Let nobody else sum or drop totals until this transaction ends; reading them goes on.

    On PostgreSQL: without it, a day could be summed without a row that is committed a moment later, whose own transaction
    found nothing to drop. SQLite has one writer at a time.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE day_totals IN EXCLUSIVE MODE")


def drop(session: Session, days: Iterable[tuple[UUID | None, date]]) -> None:
    """Remove the totals of some days, at one location, or at all of them where it is None; summed again at night."""
    hold(session)
    for location_id, on in sorted(days, key=lambda day: (day[1], str(day[0]))):
        gone = delete(DayTotals).where(DayTotals.business_on == on)
        session.execute(gone if location_id is None else gone.where(DayTotals.location_id == location_id))


def drop_written(session: Session) -> None:
    """Remove the totals of past days that this transaction has written into; asks nothing where it wrote into none."""
    days = written_days(session)
    if not days:
        return
    newest = clock.now().date() - _TODAY_AT_LEAST
    past = {day for day in days if day[1] < newest}
    if past:
        drop(session, past)
