"""That totals of past days are what their rows come to. They are derived: a fault in them stops nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pos.core.database.day_totals import DayTotals
from pos.core.i18n.message import plain_day
from pos.domain.locations.queries import all_places
from pos.reports.invariants.base import Check, CheckScope
from pos.reports.totals.summing import differing


def _other_totals(look: CheckScope) -> Iterator[str]:
    for place in all_places(look.session):
        if look.location_ids is None or place.id in look.location_ids:
            for on in differing(look.session, place):
                yield f"The totals of {place.slug} on {plain_day(on)} are not what its rows come to: run pos totals --again."


CHECKS = (
    Check(
        "day_totals",
        "Totals of past days are what their rows come to",
        DayTotals.location_id,
        _other_totals,
        stops=False,
    ),
)
