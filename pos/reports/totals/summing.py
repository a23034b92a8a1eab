"""Sums days from their rows: what the nightly job keeps, and what `pos verify` compares with what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.database.day_totals import SHAPE, DayTotals, last_summed
from pos.domain.ledger.models import JournalEntry
from pos.domain.locations.queries import Place
from pos.domain.sales.models import Sale
from pos.reports.analysis.sales_by import BY, KEPT, daily_sums_of_rows
from pos.reports.analysis.tickets import daily_visits_of_rows
from pos.reports.books.ledger_agreement import booked_of_rows
from pos.reports.clients.client_days import kept_of_rows
from pos.reports.people.commission_lines import daily_bases_of_rows
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day_of_rows
from pos.reports.totals.kept import as_kept, lines_as_kept

_COMPARED_AT_ONCE = 31


@dataclass(frozen=True)
class DaySummed:
    """One location's day, as its totals keep it."""

    figures: dict[str, Any] | None
    booked: list[list[Any]]
    lines: dict[str, list[list[Any]]]
    bases: list[list[Any]]
    clients: list[list[Any]]


def sum_stretch(session: Session, place: Place, start: date, end: date) -> dict[date, DaySummed]:
    """What the rows of each day of a stretch come to."""
    scope = Scope((place,), start, end)
    days = [start + timedelta(days=number) for number in range(scope.days)]
    booked: dict[date, list[list[Any]]] = {on: [] for on in days}
    for _, on, account, sold, minor in booked_of_rows(session, scope):
        booked[on].append([account, int(sold), minor])
    lines: dict[date, dict[str, list[list[Any]]]] = {on: {} for on in days}
    for name in KEPT:
        of_day: dict[date, dict[tuple[Any, ...], tuple[int, ...]]] = {}
        for (_, on_day, values), sums in daily_sums_of_rows(session, scope, BY[name]).items():
            if on_day is not None:
                of_day.setdefault(on_day, {})[values] = astuple(sums)
        for on, rows in of_day.items():
            lines[on][name] = lines_as_kept(rows)
    visits: dict[date, dict[tuple[Any, ...], tuple[int, ...]]] = {}
    for (_, on_day, who), amounts in daily_visits_of_rows(session, scope).items():
        if on_day is not None:
            visits.setdefault(on_day, {})[(who,)] = amounts
    for on, of_therapists in visits.items():
        lines[on]["visit"] = lines_as_kept(of_therapists)
    bases = {
        on: lines_as_kept({key: (count,) for key, count in counts.items()})
        for (_, on), counts in daily_bases_of_rows(session, scope).items()
    }
    clients = kept_of_rows(session, scope)
    figures = {on: as_kept(found) for (_, on), found in by_day_of_rows(session, scope).items()}
    return {
        on: DaySummed(figures.get(on), sorted(booked[on]), lines[on], bases.get(on, []), clients.get(on, []))
        for on in days
    }


def days_without(session: Session, place: Place) -> list[date]:
    """The days of a location that may have totals and have none, from its first sale or entry on."""
    firsts = [
        session.scalar(select(func.min(model.business_on)).where(model.location_id == place.id))
        for model in (Sale, JournalEntry)
    ]
    known = [day for day in firsts if day is not None]
    last = min(last_summed(), place.today() - timedelta(days=1))
    if not known:
        return []
    have = set(
        session.scalars(
            select(DayTotals.business_on).where(DayTotals.location_id == place.id, DayTotals.shape == SHAPE)
        )
    )
    first = min(known)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day not in have]


def differing(session: Session, place: Place) -> Iterator[date]:
    """The days of a location whose totals are not what their rows come to now."""
    mine = (DayTotals.location_id == place.id, DayTotals.shape == SHAPE)
    first, last = session.execute(
        select(func.min(DayTotals.business_on), func.max(DayTotals.business_on)).where(*mine)
    ).one()
    while first is not None and first <= last:
        end = min(last, first + timedelta(days=_COMPARED_AT_ONCE - 1))
        kept = session.execute(
            select(DayTotals.business_on, *(getattr(DayTotals, part.name) for part in fields(DaySummed)))
            .where(*mine, DayTotals.business_on.between(first, end))
            .order_by(DayTotals.business_on)
        ).all()
        summed = sum_stretch(session, place, first, end)
        yield from (on for on, *parts in kept if summed[on] != DaySummed(*parts))
        first = end + timedelta(days=1)
