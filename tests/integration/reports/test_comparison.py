"""A report beside the same report of other days: both are what each says alone, and one rule says which can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.money import Money
from pos.domain.locations.queries import place
from pos.reports.analysis.opens import Behind
from pos.reports.comparison.compared import days_before, in_comparison, parse_comparison
from pos.reports.exporters import Cell
from pos.reports.listed import reports
from pos.reports.period import Scope
from tests.support.clinic import Clinic, line
from tests.support.history import make_history

# Lists of single events and papers, statements of both ends of a period, and journals.
NOT_COMPARED = {
    "appointments", "card-lines", "cash-movements", "commission-lines", "credit-moves", "discounts", "drawers",
    "events-to-review",
    "expiring-credits", "items", "journal", "liability", "offline-sales", "overrides", "packages-used-up", "payouts",
    "receipts", "refunds", "sales", "tax", "tip-lines", "tips-paid-out", "treated-clients", "visit-lines",
}  # fmt: skip


@pytest.fixture
def lived(clinic: Clinic) -> Clinic:
    """A life, and a sale of the month before it."""
    with clock.at(clock.now() - timedelta(days=31)):
        clinic.sell(line("trigger_60", therapist=clinic.therapist), line("oil", 3), client=clinic.ana)
    return make_history(clinic)


def this_month(world: Clinic, session: Any) -> Scope:
    here = place(session, world.usd.location_id)
    return Scope((here,), here.today().replace(day=1), here.today())


def sums(columns: Any, rows: Any) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for name, cell in zip(columns, row, strict=True):
            if isinstance(cell, Money):
                found[str(name), cell.currency] += cell.minor
            elif type(cell) is int:
                found[str(name), ""] += cell
    return found


def test_every_report_of_figures_by_a_name_is_compared_and_lists_are_not() -> None:
    assert {name for name, found in reports().items() if not found.by} == NOT_COMPARED
    assert parse_comparison(reports()["receipts"], "before") == ""
    # A view may keep what its report has no more, and is mailed all the same.
    assert in_comparison(reports()["receipts"], "before") is reports()["receipts"]
    assert in_comparison(reports()["tips"], "decade") is reports()["tips"]
    with pytest.raises(Invalid):
        parse_comparison(reports()["tips"], "yesterday")


def test_compared_reports_say_of_both_periods_what_each_says_alone(lived: Clinic) -> None:
    with lived.read() as session:
        scope = this_month(lived, session)
        was = days_before(scope, "before")
        assert was.to_on < scope.from_on
        differing = 0
        for name, found in reports().items():
            if not found.by:
                continue
            both = in_comparison(found, "before")
            together = sums(both.columns, both.rows(session, scope))
            now, before = sums(found.columns, found.rows(session, scope)), sums(found.columns, found.rows(session, was))
            for column in (*found.summed, *found.averaged):
                for code in (scope.places[0].currency, ""):
                    new, old = now[column, code], before[column, code]
                    assert (together[column, code], together[f"{column}, before", code]) == (new, old), (name, column)
                    if column in found.summed:
                        assert together[f"{column}, change", code] == new - old, (name, column)
                    differing += new != old != 0
        assert differing > 20


def test_compared_rows_of_one_period_stand_in_their_place_and_open_their_days(lived: Clinic) -> None:
    with lived.read() as session:
        scope = this_month(lived, session)
        rows: list[dict[str, Cell]] = []
        for report, which in (("sales-by-hour", "before"), ("average-ticket", "before")):
            both = in_comparison(reports()[report], which)
            rows += [dict(zip(map(str, both.columns), row, strict=True)) for row in both.rows(session, scope)]
    hours = [str(row["Hour"]) for row in rows if "Hour" in row]
    assert hours == sorted(hours)
    (month,) = (row for row in rows if "Month" in row)
    assert month["Month"] == f"{scope.from_on:%Y-%m}"  # beside the month before, in one row
    assert month["Sales, before"] == 1
    with lived.read() as session:
        year = in_comparison(reports()["sales-by-item"], "year")
        later = replace(scope, from_on=scope.from_on + timedelta(days=365), to_on=scope.to_on + timedelta(days=365))
        gone = list(year.rows(session, later))
        alone = list(reports()["sales-by-item"].rows(session, days_before(later, "year")))
    assert [str(row[1]) for row in gone] == [str(row[1]) for row in alone] != []
    for row in gone:
        assert isinstance(row[1], Behind)
        assert row[1].args["to"] == days_before(later, "year").to_on.isoformat()
        assert row[2] == 0


def test_days_of_other_months_and_years_stand_beside_the_same_dates(lived: Clinic) -> None:
    fees = reports()["card-fees"]

    def days(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
        for on in (scope.from_on + timedelta(days=number) for number in range(scope.days)):
            yield on, "Riverside", 1, *[Money(0, "USD")] * 3, None, "USD"

    def alone(which: str, first: str, last: str) -> list[str]:
        with lived.read() as session:
            here = place(session, lived.usd.location_id)
            scope = Scope((here,), date.fromisoformat(first), date.fromisoformat(last))
            both = in_comparison(replace(fees, rows=days), which)
            rows = [dict(zip(map(str, both.columns), row, strict=True)) for row in both.rows(session, scope)]
        return [str(row["Date"]) for row in rows if (row["Card payments"], row["Card payments, before"]) != (1, 1)]

    assert alone("before", "2026-11-01", "2026-11-30") == ["2026-10-31"]
    assert alone("before", "2026-03-01", "2026-03-30") == ["2026-03-29", "2026-03-30"]
    assert alone("before", "2026-03-15", "2026-04-11") == []
    assert alone("year", "2024-01-01", "2024-12-31") == ["2024-02-29"]
    assert alone("year", "2025-01-01", "2025-12-31") == ["2024-02-29"]
    assert alone("year", "2024-02-29", "2024-02-29") == []
