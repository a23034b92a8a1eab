"""Visits one by one: what a therapist did on a sale, and the add-ons of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.core.paging.window import Query, Window
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import NOBODY_WORDS, lines_wanted
from pos.reports.analysis.opens import UNNUMBERED, opens
from pos.reports.analysis.tickets import visit_sums
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Summed, report, sum_row
from pos.reports.sales.sales_totals import in_scope

COLUMNS = ("Date", "Time", "Location", "Therapist", "Receipt", "Add-ons", "Add-ons, net", "Currency")
_BEFORE, _ADDED = aliased(SaleLine), aliased(SaleLine)
_ORDER = (Sale.business_on, Sale.completed_at, Sale.id, SaleLine.position)


def _of_visit(line: Any) -> ColumnElement[bool]:
    """Other lines of the visit: of the same sale by the same therapist, or by nobody both."""
    found: ColumnElement[bool] = (line.sale_id == SaleLine.sale_id) & line.therapist_id.is_not_distinct_from(
        SaleLine.therapist_id
    )
    return found


def _query(scope: Scope) -> Query:
    """Each visit by its first treatment."""
    earlier = select(_BEFORE.sale_id).where(
        _of_visit(_BEFORE), _BEFORE.kind == "variant", _BEFORE.position < SaleLine.position
    )
    added_to = (_of_visit(_ADDED), _ADDED.kind == "add_on")
    count = select(func.coalesce(func.sum(_ADDED.quantity), 0)).where(*added_to).correlate(SaleLine)
    net = select(func.coalesce(func.sum(_ADDED.net_minor), 0)).where(*added_to).correlate(SaleLine)
    return (
        select(
            Sale.business_on, Sale.completed_at, Sale.id, SaleLine.position, Sale.location_id, Staff.name, Receipt.label,
            count.scalar_subquery(), net.scalar_subquery(),
        )
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == SaleLine.therapist_id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(in_scope(scope), lines_wanted(scope), SaleLine.kind == "variant", ~earlier.correlate(SaleLine).exists())
    )  # fmt: skip


def _cells(scope: Scope, row: Any) -> tuple[Cell, ...]:
    on, at, sale_id, _, location_id, therapist, receipt, count, net = row
    place = scope.place(location_id)
    head = (on, local_minute(at, place.time_zone), place.name, therapist or NOBODY_WORDS["therapist"])
    return (
        *head,
        opens(receipt or UNNUMBERED["sale"], "sale", sale_id),
        int(count),
        Money(int(net), place.currency),
        place.currency,
    )


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    for row in window.in_order(session.execute(window.of(_query(scope), _ORDER)).all()):
        yield tuple(row[: len(_ORDER)]), _cells(scope, row)


def _stretch(session: Session, scope: Scope) -> Iterable[Any]:
    return session.execute(_query(scope).order_by(*_ORDER).execution_options(yield_per=500))


def _sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    for (where, _), (_visits, _having, count, net) in visit_sums(session, scope).items():
        currency = scope.place(where).currency
        yield sum_row(COLUMNS, {"Add-ons": count, "Add-ons, net": Money(net, currency), "Currency": currency})


@report(
    "visit-lines",
    title="Visits, one by one",
    about="Each visit with a treatment and how many add-ons it had. A visit is what one therapist did on one sale.",
    columns=COLUMNS,
    summed=("Add-ons", "Add-ons, net"),
    filters=("therapist", "channel", "desk", "staff"),
    keyed=Keyed((date, datetime, UUID, int), _page),
)
def visit_lines(session: Session, scope: Scope) -> Summed:
    """In the order of time; add-ons that come free with a package count."""
    rows = (_cells(scope, row) for row in scope.in_stretches(lambda part: _stretch(session, part)))
    return Summed(rows, lambda: _sums(session, scope))
