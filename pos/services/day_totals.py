"""Sums past days, so that reports need not read their rows: every night, and when a person asks for all of them anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.day_totals import SHAPE, DayTotals, hold, last_summed
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.locations.queries import Place
from pos.reports.totals.summing import days_without, sum_stretch

_AT_ONCE = 7
Progress = Callable[[int, int], None]


@unit_of_work
def forget(session: Session, location_id: UUID, *, everything: bool = False) -> None:
    """Remove totals that cannot hold: of another shape, or made while the clock was ahead of now; or all of them."""
    hold(session)
    untrue = or_(
        DayTotals.shape != SHAPE, DayTotals.business_on > last_summed(), DayTotals.made_at > clock.now()
    )  # fmt: skip
    mine = delete(DayTotals).where(DayTotals.location_id == location_id)
    session.execute(mine if everything else mine.where(untrue))


@unit_of_work
def _sum(session: Session, place: Place, days: Sequence[date]) -> None:
    """Keep the totals of some days of one stretch that have none."""
    hold(session)
    summed, now = sum_stretch(session, place, days[0], days[-1]), clock.now()
    here = DayTotals.location_id == place.id
    have = set(session.scalars(select(DayTotals.business_on).where(here, DayTotals.business_on.in_(days))))
    session.add_all(
        DayTotals(
            location_id=place.id, business_on=on, shape=SHAPE, made_at=now,
            figures=summed[on].figures, booked=summed[on].booked, lines=summed[on].lines, bases=summed[on].bases,
            clients=summed[on].clients,
        )
        for on in days if on not in have
    )  # fmt: skip


def sum_days(place: Place, progress: Progress | None = None) -> int:
    """Sum every day of a location that may have totals and has none; returns how many."""
    forget(place.id)
    days = days_without(reading(), place)
    reading().rollback()
    done = 0
    while done < len(days):
        if progress:
            progress(done, len(days))
        # A week a transaction: whoever writes waits for it a tenth of a second.
        some = [on for on in days[done : done + _AT_ONCE] if (on - days[done]).days < _AT_ONCE]
        _sum(place, some)
        done += len(some)
    if progress:
        progress(done, done)
    return done


def sum_again(place: Place, progress: Progress | None = None) -> int:
    """Forget all totals of a location and sum them anew."""
    forget(place.id, everything=True)
    return sum_days(place, progress)
