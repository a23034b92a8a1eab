"""Whether the reports managers ask for say what the raw rows of a location say, summed again by other code.

`reports_differ` reads them over a location's whole life and returns what differs; it shares no query with `pos.reports`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.domain.locations.queries import Place
from pos.reports.listed import reports
from pos.reports.period import Scope
from tests.support.recomputed import day_of, key_of, rows_in


def rows_of(session: Session, name: str, scope: Scope) -> list[dict[str, Any]]:
    """The rows of a report by their columns; money as minor units."""
    found = reports()[name]
    return [
        {
            column: cell.minor if isinstance(cell, Money) else cell
            for column, cell in zip(found.columns, row, strict=True)
        }
        for row in found.rows(session, scope)
    ]


def _differs(what: str, report: Any, raw: Any) -> Iterator[str]:
    if report != raw:
        yield f"{what}: report {report}, rows {raw}"


def _sum(rows: list[dict[str, Any]], column: str) -> int:
    return sum(row[column] or 0 for row in rows)


def reports_differ(session: Session, place: Place) -> list[str]:
    """What differs, in words."""
    today = place.today()
    whole = Scope((place,), date(2020, 1, 1), today)
    halves = Scope((place,), today - timedelta(days=60), today - timedelta(days=1))
    bad = [
        f"{one.name}: {remark.sentence}"
        for one in reports().values()
        for remark in one.remarks_on(session, whole)
        if remark.bad
    ]
    here = key_of(place.id)
    tables = {
        name: [row for row in rows_in(session, name) if key_of(row.get("location_id") or here) == here]
        for name in ("tip_allocations",)
    }
    return [*bad, *_tips(session, whole, tables), *_tips(session, halves, tables)]


def _tips(session: Session, scope: Scope, tables: dict[str, list[Any]]) -> Iterator[str]:
    rows = rows_of(session, "tips", scope)
    sums: dict[str, int] = defaultdict(int)
    for row in tables["tip_allocations"]:
        on = day_of(row["business_on"])
        if on <= scope.to_on:
            sums["Due at the end"] += row["amount_minor"]
        if on < scope.from_on:
            sums["Due before"] += row["amount_minor"]
        elif on <= scope.to_on:
            name = {"sale": "Given", "refund": "Given back", "payout": "Paid out"}.get(row["kind"])
            sums[name or "Moved and shared out"] += row["amount_minor"]
    for column in ("Due before", "Given", "Given back", "Moved and shared out", "Paid out", "Due at the end"):
        yield from _differs(f"tips, {column}", _sum(rows, column), sums[column])
