"""Sales summed by item, category, therapist, person at the desk, weekday and hour, each a report.

The sums of a report's rows are the figures of the same days and filters. A refund stands where its sale stands, on the day
it was made. Whole past days are read from their totals; of others the database sums, and what is left to Python is a row for
each day at most, for hours one for each sale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Select, and_, case, func, null, select
from sqlalchemy.orm import Session

from pos.core.clock import zone
from pos.core.database.day_totals import DayTotals
from pos.core.money import Money
from pos.domain.catalogue.models import Item
from pos.domain.credits.models import Redemption
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import KIND_WORDS, NOBODY_WORDS, OF_SALES, lines_wanted
from pos.reports.analysis.opens import Behind, Word
from pos.reports.analysis.time_of_week import HOURS, WEEKDAYS
from pos.reports.exporters import Cell
from pos.reports.period import NOBODY, Scope
from pos.reports.registry import report
from pos.reports.sales.figures import label
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope, units
from pos.reports.totals.kept import kept_lines
from pos.reports.totals.stored import read

Q = Select[*tuple[Any, ...]]
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


Names = dict[Any, str]
Values = tuple[Any, ...]
# What lines come to, by location and by the values of a dimension.
Sums = dict[tuple[UUID, Values], LineSums]


@dataclass(frozen=True)
class Dimension:
    """What sales are summed by: the columns of a sale's line that say it, and the order and words of their values, with the
    filters by which the lines behind them are found.

    `of_refund` are the columns of a refund where they are other ones: the day and hour it was made. `value` makes of what
    was read what is summed by, where that is less. `names` are the names of keys among the values.

    `kept` is the name of the sums in a day's totals that it is made of, and `of_kept` what of their values it is summed by.
    """

    columns: Values
    words: Callable[[Values, Names], tuple[Any, str, dict[str, Any]]]
    kept: str
    of_kept: Callable[[date, Values], Values] = lambda _on, values: values
    of_refund: Values | None = None
    value: Callable[[Scope, UUID, Values], Values] = lambda _scope, _location, values: values
    names: Any = None


def daily_sums_of_rows(
    session: Session, scope: Scope, by: Dimension, *, daily: bool = True
) -> dict[tuple[UUID, date | None, Values], LineSums]:
    """The sums of a scope's lines by location, business date and values, read from their rows; not `daily`: of all days in
    one, whose date is None.
    """
    found: dict[tuple[UUID, date | None, Values], LineSums] = {}

    def sums(row: Any) -> LineSums:
        values = by.value(scope, row[0], tuple(row[2:at]))
        return found.setdefault((row[0], row[1], values), LineSums())

    def day_of(of: Any) -> Any:
        return of.business_on if daily else null().label("day")

    sold = (
        units(), SaleLine.list_minor - SaleLine.covered_minor - case((_is_card, SaleLine.net_minor), else_=0),
        SaleLine.discount_minor, case((_is_card, 0), else_=SaleLine.net_minor), SaleLine.tax_minor,
        case((_is_card, SaleLine.net_minor), else_=0), case((_is_owed, 0), else_=SaleLine.net_minor),
    )  # fmt: skip
    at = 2 + len(by.columns)
    keys = (Sale.location_id, day_of(Sale), *by.columns)
    here = (in_scope(scope), lines_wanted(scope))
    lines = select(*keys, *map(func.sum, sold)).select_from(SaleLine).join(Sale, Sale.id == SaleLine.sale_id)
    for row in _rows(session, lines.where(*here), *keys):
        sums(row).add(*row[at:])
    used = (
        select(*keys, func.sum(Redemption.value_minor))
        .select_from(Redemption)
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
    )
    for row in _rows(session, used.where(*here), *keys):
        whole = sums(row)
        whole.credit_minor += int(row[at])
        whole.revenue_minor += int(row[at])
    keys = (Refund.location_id, day_of(Refund), *(by.columns if by.of_refund is None else by.of_refund))
    back = (
        select(*keys, func.sum(RefundLine.net_minor))
        .select_from(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(refunds_in(scope), lines_wanted(scope), ~_is_card)
    )
    for row in _rows(session, back, *keys):
        sums(row).back_minor += int(row[at])
    return found


def _rows(session: Session, query: Q, *keys: Any) -> Iterator[Any]:
    known = (key for key in keys if not isinstance(key, Label))
    return iter(session.execute(query.group_by(*known).execution_options(yield_per=1000)))


def _sums(session: Session, scope: Scope, by: Dimension) -> Sums:
    """The sums of a scope's lines: of whole past days from their totals, of what has none from the rows."""
    stored = read(session, scope, DayTotals.lines)
    found: Sums = {}
    for (location, on), lines in stored.read():
        for values, amounts in kept_lines(lines.get(by.kept, ())):
            found.setdefault((location, by.of_kept(on, values)), LineSums()).add(*amounts)
    for gap in stored.gaps:
        for (location, _all_days, values), more in daily_sums_of_rows(session, gap, by, daily=False).items():
            found.setdefault((location, values), LineSums()).add(*astuple(more))
    return found


def _found(session: Session, scope: Scope, by: Dimension) -> dict[tuple[int, str, Any, Behind], LineSums]:
    """The sums by location, the dimension's order and its words."""
    number = {place.id: at for at, place in enumerate(scope.places)}
    sums = _sums(session, scope, by)
    names: Names = {}
    if by.names is not None:
        keys = {values[0] for _, values in sums if values[0] is not None}
        names = {key: name for key, name in session.execute(select(by.names.id, by.names.name)) if key in keys}
    found: dict[tuple[int, str, Any, Behind], LineSums] = {}
    for (location, values), more in sums.items():
        order, words, behind = by.words(values, names)
        place = scope.place(location)
        found[number[location], place.name, order, Behind(words, location=place.slug, **behind)] = more
    return found


def _by_item(values: Values, names: Names) -> tuple[Any, str, dict[str, Any]]:
    item_id, kind = values
    name = names[item_id]
    order = (list(KIND_WORDS).index(kind) if kind in KIND_WORDS else 9, name, str(item_id))
    return order, name, {"item": item_id, "category": kind}


def _by_category(values: Values, _names: Names) -> tuple[Any, str, dict[str, Any]]:
    (kind,) = values
    return list(KIND_WORDS).index(kind), KIND_WORDS[kind], {"category": kind}


def _by_person(filtered: str) -> Callable[[Values, Names], tuple[Any, str, dict[str, Any]]]:
    def words(values: Values, names: Names) -> tuple[Any, str, dict[str, Any]]:
        (key,) = values
        name = names.get(key)
        order = (name is None, name or "", str(key))
        return order, name or NOBODY_WORDS[filtered], {filtered: key or NOBODY}

    return words


def _by_weekday(values: Values, _names: Names) -> tuple[Any, str, dict[str, Any]]:
    (number,) = values
    return number, Word(WEEKDAYS[number]), {"weekday": number}


def _by_hour(values: Values, _names: Names) -> tuple[Any, str, dict[str, Any]]:
    (hour,) = values
    return hour, HOURS[hour], {"hour": hour}


def _hour(scope: Scope, location: UUID, values: Values) -> Values:
    return (values[0].astimezone(zone(scope.place(location).time_zone)).hour,)


BY = {
    "item": Dimension((SaleLine.item_id, SaleLine.kind), _by_item, "item", names=Item),
    "category": Dimension((SaleLine.kind,), _by_category, "item", lambda _on, values: (values[1],)),
    "therapist": Dimension((SaleLine.therapist_id,), _by_person("therapist"), "therapist", names=Staff),
    "person": Dimension((Sale.staff_id,), _by_person("staff"), "person", names=Staff),
    "weekday": Dimension(
        (Sale.business_on,), _by_weekday, "hour", lambda on, _values: (on.weekday(),), (Refund.business_on,),
        lambda _scope, _location, values: (values[0].weekday(),),
    ),
    "hour": Dimension((Sale.completed_at,), _by_hour, "hour", of_refund=(Refund.created_at,), value=_hour),
}  # fmt: skip
# The sums of a day's lines that its totals keep; the others are made of them.
KEPT = ("item", "therapist", "person", "hour")
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
        found = _found(session, scope, BY[name])
        for (at, location, _order, words), sums in sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][2])):
            code = scope.places[at].currency
            amounts = (
                sums.gross_minor, sums.discount_minor, sums.net_minor, sums.tax_minor, sums.gift_minor,
                sums.credit_minor, sums.revenue_minor, -sums.back_minor, sums.net_minor - sums.back_minor,
            )  # fmt: skip
            yield (location, words, sums.quantity, *(Money(minor, code) for minor in amounts), code)

    rows.__module__ = __name__
    columns = _columns(head)
    report(
        f"sales-by-{name}",
        title=title,
        about=about,
        columns=columns,
        filters=OF_SALES,
        summed=columns[2:-1],
        by=("Location", head),
        pictured="Net after refunds",
        behind="items",
    )(rows)


for _name in BY:
    _declare(_name)
