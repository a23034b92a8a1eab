"""What was sold at another price than the catalogue's, or as an open item: by whom, how far below or above it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.core.paging.window import Query, Window
from pos.domain.catalogue.open_item import OPEN_ITEM
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import OF_SALES, lines_wanted
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Summed, report, sum_row
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Rung up by", "Item", "Quantity", "Currency", "List price", "Price charged",
    "Difference", "Reason",
)  # fmt: skip
BY_PERSON = ("Rung up by", "Currency", "Lines", "Below list price", "Above list price", "Open items")


_ORDER = (Sale.business_on, Sale.completed_at, Sale.id, SaleLine.position)


def _query(scope: Scope) -> Query:
    return (
        select(Sale, SaleLine, Receipt.label, Staff.name)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == Sale.staff_id)
        .where(
            in_scope(scope),
            lines_wanted(scope),
            or_(SaleLine.catalogue_minor.is_not(None), SaleLine.item_id == OPEN_ITEM),
        )
    )


def _found(session: Session, scope: Scope) -> Iterator[Any]:
    yield from session.execute(_query(scope).order_by(*_ORDER).execution_options(yield_per=500))


def _difference(line: SaleLine) -> int | None:
    """What all units of a line are more than the catalogue asks; negative below it. Minor units; None of an open item."""
    return None if line.catalogue_minor is None else (line.unit_minor - line.catalogue_minor) * line.quantity


def _by_person(session: Session, scope: Scope) -> Sequence[Sheet]:
    sums: dict[tuple[str, str], list[int]] = {}
    for sale, line, _, person in _found(session, scope):
        found, more = sums.setdefault((person or "", sale.currency), [0, 0, 0, 0]), _difference(line)
        found[0] += 1
        if more is None:
            found[3] += line.list_minor
        else:
            found[1 if more < 0 else 2] += more
    rows: list[tuple[Cell, ...]] = [
        (person, code, count, Money(below, code), Money(above, code), Money(typed, code))
        for (person, code), (count, below, above, typed) in sorted(sums.items())
    ]
    return [Sheet("By person", BY_PERSON, rows)]


def _cells(scope: Scope, sale: Sale, line: SaleLine, label: str | None, person: str | None) -> tuple[Cell, ...]:
    place, code = scope.place(sale.location_id), sale.currency
    number = opens(label, "sale", sale.id)
    at = sale.business_on, local_minute(sale.completed_at, place.time_zone), place.name, number, person or ""
    amounts = (line.catalogue_minor, line.unit_minor, _difference(line))
    money = (None if minor is None else Money(minor, code) for minor in amounts)
    return (*at, line.name, line.quantity, code, *money, line.price_reason)


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    for row in window.in_order(session.execute(window.of(_query(scope), _ORDER)).all()):
        sale, line, *_names = row
        yield (sale.business_on, sale.completed_at, sale.id, line.position), _cells(scope, *row)


def _sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    difference = (SaleLine.unit_minor - SaleLine.catalogue_minor) * SaleLine.quantity
    sums = map(func.sum, (SaleLine.quantity, SaleLine.catalogue_minor, SaleLine.unit_minor, difference))
    rows: Any = session.execute(_query(scope).with_only_columns(Sale.currency, *sums).group_by(Sale.currency))
    for code, count, *minors in rows:
        money = (None if minor is None else Money(int(minor), code) for minor in minors)
        amounts = zip(("List price", "Price charged", "Difference"), money, strict=True)
        yield sum_row(COLUMNS, {"Currency": code, "Quantity": int(count), **dict(amounts)})


@report(
    "overrides",
    title="Price overrides",
    about="What was sold at another price than the catalogue’s or as an open item, and why; the workbook sums it by person.",
    columns=COLUMNS,
    summed=("Quantity", "List price", "Price charged", "Difference"),
    more_sheets=_by_person,
    filters=OF_SALES,
    keyed=Keyed((date, datetime, UUID, int), _page),
)
def price_overrides(session: Session, scope: Scope) -> Summed:
    """One row for each line, in the order of time."""
    return Summed((_cells(scope, *row) for row in _found(session, scope)), lambda: _sums(session, scope))
