"""That totals of past days are what their rows come to. They are derived: a fault in them stops nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pos.core.database.day_totals import DayTotals
from pos.core.i18n.message import Message
from pos.core.messages.kept.book_checks import TOTALS_UNLIKE_ROWS
from pos.domain.locations.queries import all_places
from pos.reports.invariants.base import Check, CheckScope
from pos.reports.totals.summing import differing


def _other_totals(look: CheckScope) -> Iterator[Message]:
    for place in all_places(look.session):
        if look.location_ids is None or place.id in look.location_ids:
            for on in differing(look.session, place):
                yield TOTALS_UNLIKE_ROWS(location=place.slug, day=on)


CHECKS = (
    Check(
        "day_totals",
        "Totals of past days are what their rows come to",
        DayTotals.location_id,
        _other_totals,
        stops=False,
    ),
)
