"""Which days of a scope have totals, and which must be read from their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from pos.core.database.day_totals import SHAPE, DayTotals, last_summed
from pos.reports.period import Scope

# So many stretches of days are read from rows one by one; where there are more, neighbours are read as one.
_MOST_GAPS = 6
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stored:
    """The totals of some days as text, and `gaps`: the stretches of days without any, at those locations that lack them."""

    days: dict[tuple[UUID, date], str | None]
    gaps: tuple[Scope, ...]

    def read(self) -> Iterator[tuple[tuple[UUID, date], Any]]:
        """Each day with what was kept of it, None where nothing happened; read one by one, since all at once are many."""
        for key, text in self.days.items():
            yield key, None if text is None else msgspec.json.decode(text)


def read(session: Session, scope: Scope, part: InstrumentedAttribute[Any]) -> Stored:
    """One part of the totals of a scope's days, and what of the scope has none. A narrowed scope has none at all."""
    last = min(scope.to_on, last_summed())
    if scope.is_narrowed or last < scope.from_on:
        return Stored({}, (scope,))
    rows = session.execute(
        select(DayTotals.location_id, DayTotals.business_on, cast(part, Text))
        .where(
            DayTotals.location_id.in_(scope.location_ids),
            DayTotals.business_on.between(scope.from_on, last),
            DayTotals.shape == SHAPE,
        )
        .order_by(DayTotals.location_id, DayTotals.business_on)
    )
    days: dict[tuple[UUID, date], str | None] = {(location, on): text for location, on, text in rows}
    here: dict[UUID, list[date]] = {location: [] for location in scope.location_ids}
    for location, on in days:
        here[location].append(on)
    stretches: dict[tuple[date, date], list[UUID]] = {}
    for location, found in here.items():
        missing = list(_between(found, scope.from_on, scope.to_on))
        for start, end in (few := _few(missing.copy())):
            stretches.setdefault((start, end), []).append(location)
            # What lies between stretches that were joined is read with them.
            for on in found if len(few) < len(missing) else ():
                if start <= on <= end:
                    del days[location, on]
    gaps = (
        replace(scope, places=tuple(place for place in scope.places if place.id in locations), from_on=start, to_on=end)
        for (start, end), locations in stretches.items()
    )
    return Stored(days, tuple(gaps))


def _between(days: list[date], start: date, end: date) -> Iterator[tuple[date, date]]:
    """The stretches from start to end that none of the days is in; days in their order."""
    for on in days:
        if start < on:
            yield start, on - _DAY
        start = on + _DAY
    if start <= end:
        yield start, end


def _few(stretches: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """The same, the nearest ones joined until there are few."""
    while len(stretches) > _MOST_GAPS:
        at = min(range(1, len(stretches)), key=lambda n: stretches[n][0] - stretches[n - 1][1])
        stretches[at - 1 : at + 1] = [(stretches[at - 1][0], stretches[at][1])]
    return stretches
