"""What was sold at another price than the catalogue's, or as an open item: by whom, how far below or above it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.domain.catalogue.open_item import OPEN_ITEM
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import FILTERS, lines_wanted
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Rung up by", "Item", "Quantity", "Currency", "List price", "Price charged",
    "Difference", "Reason",
)  # fmt: skip
BY_PERSON = ("Rung up by", "Currency", "Lines", "Below list price", "Above list price", "Open items")


def _found(session: Session, scope: Scope) -> Iterable[tuple[Sale, SaleLine, str, str]]:
    query = (
        select(Sale, SaleLine, Receipt.label, Staff.name)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == Sale.staff_id)
        .where(
            in_scope(scope),
            lines_wanted(scope),
            or_(SaleLine.catalogue_minor.is_not(None), SaleLine.item_id == OPEN_ITEM),
        )
        .order_by(Sale.business_on, Sale.completed_at, Sale.id, SaleLine.position)
    )
    for sale, line, label, person in session.execute(query):
        yield sale, line, label or "", person or ""


def _difference(line: SaleLine) -> int | None:
    """What all units of a line are more than the catalogue asks; negative below it. Minor units; None of an open item."""
    return None if line.catalogue_minor is None else (line.unit_minor - line.catalogue_minor) * line.quantity


def _by_person(session: Session, scope: Scope) -> Sequence[Sheet]:
    sums: dict[tuple[str, str], list[int]] = {}
    for sale, line, _, person in _found(session, scope):
        found, more = sums.setdefault((person, sale.currency), [0, 0, 0, 0]), _difference(line)
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


@report(
    "overrides",
    title="Price overrides",
    about="What was sold at another price than the catalogue’s or as an open item, and why; the workbook sums it by person.",
    columns=COLUMNS,
    summed=("Quantity", "List price", "Price charged", "Difference"),
    more_sheets=_by_person,
    filters=tuple(FILTERS),
)
def price_overrides(session: Session, scope: Scope) -> Iterable[tuple[Cell, ...]]:
    """One row for each line, in the order of time."""
    for sale, line, label, person in _found(session, scope):
        place, code = scope.place(sale.location_id), sale.currency
        at = sale.business_on, local_minute(sale.completed_at, place.time_zone), place.name, label, person
        amounts = (line.catalogue_minor, line.unit_minor, _difference(line))
        money = (None if minor is None else Money(minor, code) for minor in amounts)
        yield (*at, line.name, line.quantity, code, *money, line.price_reason)
