"""Sales summed by item, category, therapist, person at the desk, weekday and hour, each a report.

The sums of a report's rows are the figures of the same days and filters. A refund stands where its sale stands, on the day
it was made. The database sums; what is left to Python is a row for each day at most, for hours one for each sale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import zone
from pos.core.money import Money
from pos.domain.catalogue.models import Item
from pos.domain.credits.models import Redemption
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import FILTERS, KIND_WORDS, lines_wanted
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.figures import label
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope, units

Q = Select[*tuple[Any, ...]]
_PERSON = aliased(Staff)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_is_card = SaleLine.kind == "gift_card"
_is_owed = SaleLine.kind.in_(("gift_card", "package"))


@dataclass
class LineSums:
    """What some lines come to, minor units; `back_minor` is what refunds and voids took back of net sales."""

    quantity: int = 0
    gross_minor: int = 0
    discount_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    gift_minor: int = 0
    revenue_minor: int = 0
    credit_minor: int = 0
    back_minor: int = 0

    def add(self, *amounts: int) -> None:
        """Add what lines sold, in the order of the fields."""
        for name, amount in zip(self.__dataclass_fields__, amounts, strict=False):
            setattr(self, name, getattr(self, name) + int(amount))


@dataclass(frozen=True)
class Dimension:
    """What sales are summed by: the columns of a sale's line that say it, and the order and words of their values.

    `of_refund` are the columns of a refund where they are other ones: the day and hour it was made.
    """

    columns: tuple[Any, ...]
    words: Callable[[Scope, Any, tuple[Any, ...]], tuple[Any, str]]
    of_refund: tuple[Any, ...] | None = None
    join: Callable[[Q], Q] = lambda query: query


Found = dict[tuple[int, str, Any, str], LineSums]


def _sums_by(session: Session, scope: Scope, by: Dimension) -> Found:
    """The sums by location, the dimension's order and its words."""
    found: Found = {}
    number = {place.id: at for at, place in enumerate(scope.places)}

    def sums(location: Any, values: tuple[Any, ...]) -> LineSums:
        order, words = by.words(scope, location, values)
        return found.setdefault((number[location], scope.place(location).name, order, words), LineSums())

    sold = (
        units(), SaleLine.list_minor - SaleLine.covered_minor - case((_is_card, SaleLine.net_minor), else_=0),
        SaleLine.discount_minor, case((_is_card, 0), else_=SaleLine.net_minor), SaleLine.tax_minor,
        case((_is_card, SaleLine.net_minor), else_=0), case((_is_owed, 0), else_=SaleLine.net_minor),
    )  # fmt: skip
    lines = select(Sale.location_id, *by.columns, *map(func.sum, sold)).join(Sale, Sale.id == SaleLine.sale_id)
    at = 1 + len(by.columns)
    for row in _rows(
        session, by.join(lines).where(in_scope(scope), lines_wanted(scope)), Sale.location_id, *by.columns
    ):
        sums(row[0], row[1:at]).add(*row[at:])
    used = (
        select(Sale.location_id, *by.columns, func.sum(Redemption.value_minor))
        .select_from(Redemption)
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
    )
    for row in _rows(session, by.join(used).where(in_scope(scope), lines_wanted(scope)), Sale.location_id, *by.columns):
        whole = sums(row[0], row[1:at])
        whole.credit_minor += int(row[at])
        whole.revenue_minor += int(row[at])
    columns = by.columns if by.of_refund is None else by.of_refund
    back = (
        select(Refund.location_id, *columns, func.sum(RefundLine.net_minor))
        .select_from(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(refunds_in(scope), lines_wanted(scope), ~_is_card)
    )
    for row in _rows(session, by.join(back), Refund.location_id, *columns):
        sums(row[0], row[1:at]).back_minor += int(row[at])
    return found


def _rows(session: Session, query: Q, *keys: Any) -> Iterator[Any]:
    return iter(session.execute(query.group_by(*keys).execution_options(yield_per=1000)))


def _by_item(_scope: Scope, _location: Any, values: tuple[Any, ...]) -> tuple[Any, str]:
    item_id, kind, name = values
    return (list(KIND_WORDS).index(kind) if kind in KIND_WORDS else 9, name, str(item_id)), name


def _by_category(_scope: Scope, _location: Any, values: tuple[Any, ...]) -> tuple[Any, str]:
    (kind,) = values
    return list(KIND_WORDS).index(kind), KIND_WORDS[kind]


def _by_person(nobody: str) -> Callable[[Scope, Any, tuple[Any, ...]], tuple[Any, str]]:
    def words(_scope: Scope, _location: Any, values: tuple[Any, ...]) -> tuple[Any, str]:
        key, name = values
        return (name is None, name or "", str(key)), name or nobody

    return words


def _by_weekday(_scope: Scope, _location: Any, values: tuple[Any, ...]) -> tuple[Any, str]:
    number = values[0].weekday()
    return number, _WEEKDAYS[number]


def _by_hour(scope: Scope, location: Any, values: tuple[Any, ...]) -> tuple[Any, str]:
    hour = values[0].astimezone(zone(scope.place(location).time_zone)).hour
    return hour, f"{hour:02d}:00–{hour:02d}:59"


def _named(of: Any) -> Callable[[Q], Q]:
    return lambda query: query.outerjoin(_PERSON, _PERSON.id == of)


_BY = {
    "item": Dimension(
        (SaleLine.item_id, SaleLine.kind, Item.name), _by_item, join=lambda q: q.join(Item, Item.id == SaleLine.item_id)
    ),
    "category": Dimension((SaleLine.kind,), _by_category),
    "therapist": Dimension(
        (SaleLine.therapist_id, _PERSON.name), _by_person("No therapist"), join=_named(SaleLine.therapist_id)
    ),
    "person": Dimension((Sale.staff_id, _PERSON.name), _by_person("Online"), join=_named(Sale.staff_id)),
    "weekday": Dimension((Sale.business_on,), _by_weekday, (Refund.business_on,)),
    "hour": Dimension((Sale.completed_at,), _by_hour, (Refund.created_at,)),
}
_HEADS = {
    "item": ("Sales by item", "Item", "What each item brought."),
    "category": ("Sales by category", "Category", "Treatments, add-ons, retail, packages and gift cards, each in all."),
    "therapist": (
        "Sales by therapist",
        "Therapist",
        "What each therapist did: sold with it, and delivered on credits.",
    ),
    "person": ("Sales by person at the desk", "Rung up by", "What each person rang up."),
    "weekday": ("Sales by weekday", "Weekday", "Which days of the week sell what; by business date."),
    "hour": ("Sales by hour", "Hour", "At which hours sales are completed, by the clock of the location."),
}


def _columns(head: str) -> tuple[str, ...]:
    figures = (label(key) for key in ("gross", "discounts", "net", "tax", "gift_sold", "credits", "revenue"))
    return ("Location", head, "Quantity", *figures, "Refunds, net", "Net after refunds", "Currency")


def _declare(name: str) -> None:
    title, head, about = _HEADS[name]

    def rows(session: Session, scope: Scope) -> Iterable[tuple[Cell, ...]]:
        found = _sums_by(session, scope, _BY[name])
        for (at, location, _order, words), sums in sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][2])):
            code = scope.places[at].currency
            amounts = (
                sums.gross_minor, sums.discount_minor, sums.net_minor, sums.tax_minor, sums.gift_minor,
                sums.credit_minor, sums.revenue_minor, -sums.back_minor, sums.net_minor - sums.back_minor,
            )  # fmt: skip
            yield (location, words, sums.quantity, *(Money(minor, code) for minor in amounts), code)

    rows.__module__ = __name__
    columns = _columns(head)
    report(f"sales-by-{name}", title=title, about=about, columns=columns, filters=tuple(FILTERS), summed=columns[2:-1])(
        rows
    )


for _name in _BY:
    _declare(_name)
