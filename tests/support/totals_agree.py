"""Whether reports say the same when past days are read from their totals."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.day_totals import DayTotals
from pos.domain.locations.queries import Place
from pos.reports.books.ledger_agreement import compare
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day
from pos.reports.totals.stored import read
from pos.services.day_totals import sum_days

SUMMED = (
    "tax",
    "tax-by-rate",
    "add-ons",
    "clients",
    "commissions",
    "new-clients",
    *(f"sales-by-{name}" for name in ("item", "category", "therapist", "person", "weekday", "hour")),
)


def _read(scope: Scope) -> dict[str, Any]:
    session = reading()
    days = by_day(session, scope)
    found: dict[str, Any] = {name: list(reports()[name].rows(session, scope)) for name in SUMMED}
    return found | {"figures": days, "agreement": compare(session, scope, days)}


def totals_disagree(place: Place) -> list[str]:
    """What a location's reports say otherwise after its days were summed."""
    scope = Scope((place,), date(2026, 1, 1), place.today() + timedelta(days=1))
    before = _read(scope)
    with clock.at(clock.now() + timedelta(days=6)):
        sum_days(place)
        after, gaps = _read(scope), read(reading(), scope, DayTotals.figures).gaps
    wrong = [name for name, value in before.items() if after[name] != value]
    # Nothing was read from rows but the days before the first one.
    return wrong + [f"{gap.from_on} to {gap.to_on} has no totals" for gap in gaps[1:]]
