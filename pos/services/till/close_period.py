"""Closing days and months of a location: figures and running totals, frozen when the period is over."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.core.messages.till import DRAWER_OPEN_ON_DAY
from pos.domain.ledger.entries import GENESIS
from pos.domain.ledger.models import Closing, JournalEntry
from pos.domain.ledger.queries import head
from pos.domain.locations.models import Desk
from pos.domain.locations.queries import Place, place
from pos.domain.sales.models import Sale
from pos.domain.till.models import Drawer, Shift
from pos.reports.books.period_snapshot import closing_facts, closing_hash, period_end, running_total


def _last(session: Session, location_id: UUID, kind: str) -> Closing | None:
    return session.scalar(
        select(Closing)
        .where(Closing.location_id == location_id, Closing.kind == kind)
        .order_by(Closing.number.desc())
        .limit(1)
    )


def _first_day_after(session: Session, location_id: UUID, day: date | None, until: date) -> date | None:
    """The first business date after `day` and before `until` on which anything happened."""
    found: list[date] = []
    for table in (JournalEntry, Sale, Shift):
        query = select(func.min(table.business_on)).where(table.location_id == location_id, table.business_on < until)
        if day is not None:
            query = query.where(table.business_on > day)
        if (first := session.scalar(query)) is not None:
            found.append(first)
    return min(found, default=None)


def write_closing(session: Session, where: Place, kind: str, period_on: date, staff_id: UUID | None) -> Closing:
    """Freeze a period as it stands now, after the closing before."""
    before = _last(session, where.id, kind)
    end = period_end(kind, period_on)
    document = closing_facts(session, where, period_on, end)
    seq, own_head = head(session, where.id)
    closing = Closing(
        id=new_id(),
        location_id=where.id,
        kind=kind,
        period_on=period_on,
        number=before.number + 1 if before else 1,
        document=document,
        running_minor=running_total(before.running_minor if before else 0, document),
        ledger_seq=seq,
        ledger_head=own_head,
        closed_by=staff_id,
        closed_at=clock.now(),
        previous_hash=before.hash if before else GENESIS,
    )
    closing.hash = closing_hash(closing)
    session.add(closing)
    session.flush()
    audit.note(
        session,
        f"closing.{kind}",
        actor_id=staff_id,
        location_id=where.id,
        subject_id=closing.id,
        period_on=period_on.isoformat(),
        number=closing.number,
    )
    return closing


def _require_drawers_closed(session: Session, where: Place, day: date) -> None:
    """A shift of the day that is still open would still write into it."""
    desk = session.scalar(
        select(Desk.name)
        .join(Drawer, Drawer.desk_id == Desk.id)
        .join(Shift, Shift.drawer_id == Drawer.id)
        .where(Shift.location_id == where.id, Shift.state == "open", Shift.business_on <= day)
        .order_by(Desk.name)
        .limit(1)
    )
    if desk is not None:
        raise Conflict(
            DRAWER_OPEN_ON_DAY(desk=desk, day=day),
            why="drawer_open",
        )


@unit_of_work
def _close_next_day(session: Session, location_id: UUID, staff_id: UUID | None) -> date | None:
    where = place(session, location_id)
    before = _last(session, location_id, "day")
    day = _first_day_after(session, location_id, before.period_on if before else None, where.today())
    if day is None:
        return None
    _require_drawers_closed(session, where, day)
    write_closing(session, where, "day", day, staff_id)
    return day


@unit_of_work
def _close_next_month(session: Session, location_id: UUID, staff_id: UUID | None) -> date | None:
    where = place(session, location_id)
    before = _last(session, location_id, "month")
    this_month = where.today().replace(day=1)
    after = period_end("month", before.period_on) if before else None
    day = _first_day_after(session, location_id, after, this_month)
    if day is None:
        return None
    month = day.replace(day=1)
    end = period_end("month", month)
    # A month is the sum of closed days: none of its days may still wait.
    last_day = _last(session, location_id, "day")
    closed_to = last_day.period_on if last_day else month - timedelta(days=1)
    if _first_day_after(session, location_id, closed_to, end + timedelta(days=1)) is not None:
        return None
    write_closing(session, where, "month", month, staff_id)
    return month


def close_periods(location_id: UUID, *, staff_id: UUID | None = None) -> tuple[list[date], list[date]]:
    """Close every day and every month of a location that is over, oldest first; returns the days and the months closed.

    A day is over at the location's cut-off hour, so that nothing can be dated into it any more; days without any event have
    no closing. Raises Conflict at the first day of which a drawer is still open; what was closed before stays closed.
    """
    days: list[date] = []
    months: list[date] = []
    try:
        while (day := _close_next_day(location_id, staff_id)) is not None:
            days.append(day)
    finally:
        while (month := _close_next_month(location_id, staff_id)) is not None:
            months.append(month)
    return days, months
