"""Sales, their lines and their totals as sheets of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from operator import add, attrgetter, methodcaller, sub
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.messages.books import FIGURES_DIFFER_FROM_LEDGER, NARROWED
from pos.core.money import Money, Rate
from pos.core.paging.window import Window
from pos.domain.locations.queries import Place
from pos.domain.sales.tender_kinds import TENDER_KINDS, label_of
from pos.reports.analysis.narrowing import CHANNEL_WORDS, KIND_WORDS, OF_SALES
from pos.reports.analysis.opens import UNNUMBERED, opens, words
from pos.reports.books.ledger_agreement import compare
from pos.reports.books.tax_lines import EventLine, event_lines
from pos.reports.exporters import Amounts, ByColumn, Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Remark, Summed, report
from pos.reports.sales.by_column import Columns, as_columns
from pos.reports.sales.figures import FIGURES, label
from pos.reports.sales.sale_columns import SaleHead
from pos.reports.sales.sale_lines import KINDS, LineRow, lines_with_refunds
from pos.reports.sales.sale_lines import key_of as line_key
from pos.reports.sales.sales_rows import (
    SaleRow,
    columns_with_refunds,
    refund_sale_rows,
    rows_with_refunds,
    sale_columns,
)
from pos.reports.sales.sales_rows import key_of as sale_key
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import Figures, TaxSums, rate_order

SALE_COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Client", "Rung up by", "Therapist", "Items", "Channel", "Currency",
    "List price", "Covered by package", label("discounts"), label("net"), label("tax"), label("gift_sold"), label("total"),
    label("tips"), *(kind.label for kind in TENDER_KINDS.values()), label("credits"), "Of the tax, second tax",
    label("rounding"),
)  # fmt: skip
LINE_COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Client", "Rung up by", "Therapist", "Item", "Kind", "Quantity", "Channel",
    "Currency", "List price", "Covered by package", label("discounts"), "Discount reason", label("net"), "Tax percent",
    label("tax"), label("gift_sold"), label("total"), label("credits"), "Free of tax, net", "Free of tax by",
    "Second tax percent", "Of the tax, second tax",
)  # fmt: skip
# Money is given back in the office too.
_CHANNELS = words({**CHANNEL_WORDS, "office": "In the office"}, is_keyed=True)
_SALE_SUMMED = SALE_COLUMNS[SALE_COLUMNS.index("List price") :]
_LINE_SUMMED = tuple(
    name
    for name in ("Quantity", *LINE_COLUMNS[LINE_COLUMNS.index("List price") :])
    if name not in ("Discount reason", "Tax percent", "Free of tax by", "Second tax percent")
)
_SALE_MINORS = (
    "list_minor", "covered_minor", "discount_minor", "net_minor", "tax_minor", "gift_sold_minor", "total_minor", "tip_minor",
)  # fmt: skip
_NAME, _MINORS = attrgetter("name"), methodcaller("values")
_NUMBER = SALE_COLUMNS.index("Receipt")  # of the lines as well
TOTAL_COLUMNS = ("Currency", "What", "Count", "Amount")
TAX_COLUMNS = (
    "Currency", "Event", "Count", label("revenue"), "Breakage", "Tax percent", "Base", "Tax due", "Tax not due yet", "Tax",
)  # fmt: skip


def _minute(instant: datetime, place: Place) -> time:
    return local_minute(instant, place.time_zone)


def _when(row: SaleHead) -> tuple[Cell, ...]:
    return row.business_on, local_minute(row.completed_at, row.place.time_zone), row.place.name, row.receipt


def _sales_cells(found: Columns, kept: Amounts) -> list[Sequence[Cell]]:
    """Columns of `SaleRow` as those of the report."""
    money, paid = kept.of(found["currency"]), found["tenders"]
    owed = map(add, found["total_minor"], found["tip_minor"])
    return [
        found["business_on"], [*map(_minute, found["completed_at"], found["place"])], [*map(_NAME, found["place"])],
        *(found[name] for name in ("receipt", "client", "person", "therapists", "items")),
        [*map(_CHANNELS.__getitem__, found["channel"])], found["currency"],
        *(money(found[name]) for name in _SALE_MINORS),
        *(money([tenders.get(kind, 0) for tenders in paid]) for kind in TENDER_KINDS),
        money(found["credit_minor"]), money(found["second_tax_minor"]),
        money(map(sub, map(sum, map(_MINORS, paid)), owed)),
    ]  # fmt: skip


def _cells_of_rows(rows: Sequence[SaleRow]) -> Iterator[tuple[Cell, ...]]:
    return zip(*_sales_cells(as_columns(SaleRow, rows), Amounts()), strict=True)


def _cells_of_columns(portions: Iterable[Columns]) -> ByColumn:
    kept = Amounts()
    return ByColumn(_sales_cells(found, kept) for found in portions)


def _lines_cells(rows: Iterable[LineRow]) -> Iterator[tuple[Cell, ...]]:
    kept = Amounts()
    for row in rows:
        money = kept[row.currency]
        yield (
            *_when(row), row.client, row.person, row.therapist, row.item, KIND_WORDS.get(row.kind, row.kind), row.quantity,
            _CHANNELS[row.channel], row.currency, money[row.list_minor], money[row.covered_minor], money[row.discount_minor],
            row.discount_reason, money[row.net_minor - row.gift_sold_minor], row.tax_percent, money[row.tax_minor],
            money[row.gift_sold_minor], money[row.total_minor], money[row.credit_minor], money[row.exempt_minor],
            row.exempt_by, row.second_tax_percent, money[row.second_tax_minor],
        )  # fmt: skip


def _sales_page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    rows = list(rows_with_refunds(session, scope, window=window))
    return zip(map(sale_key, rows), map(_opening, rows, _cells_of_rows(rows)), strict=True)


def _lines_page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    rows = list(lines_with_refunds(session, scope, window=window))
    return zip(map(line_key, rows), map(_opening, rows, _lines_cells(rows)), strict=True)


def _opening(row: SaleRow | LineRow, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells of a row whose number opens the sale or the refund; one without a number opens by a word."""
    what, key = ("refund", row.refund_id) if row.refund_id else ("sale", row.sale_id)
    return (*cells[:_NUMBER], opens(row.receipt or UNNUMBERED[what], what, key), *cells[_NUMBER + 1 :])


def sales_sheet(session: Session, scope: Scope, *, which: ColumnElement[bool]) -> Sheet:
    """One row for each of the sales asked for."""
    rows = _cells_of_columns(sale_columns(session, scope, which))
    return Sheet("Sales", SALE_COLUMNS, rows, _SALE_SUMMED, scope.currencies)


def lines_sheet(session: Session, scope: Scope, *, what: str = "") -> Sheet:
    """One row for each line, and one with negative amounts for each line of a refund or void."""
    rows = _lines_cells(lines_with_refunds(session, scope, what=what))
    return Sheet("Items", LINE_COLUMNS, rows, _LINE_SUMMED, scope.currencies)


def totals_sheet(sums: Iterable[Figures]) -> Sheet:
    """The totals of each currency, for a second sheet."""
    rows: list[tuple[Cell, ...]] = []
    for found in sums:
        code = found.currency

        def row(what: str, count: int | None, minor: int, code: str = code) -> None:
            rows.append((code, what, count, Money(minor, code)))

        def figure(key: str, count: int | None = None, sums: Figures = found) -> None:
            row(label(key), count, FIGURES[key].of(sums))

        def taxes(what: str, sums: TaxSums, sign: int = 1, words: Callable[[Rate], str] = found.rate_words) -> None:
            for rate in sums.rates:
                row(f"{what} {words(rate)}", None, sign * sums.due[rate][1])
            for rate in sorted(sums.not_due, key=rate_order):
                if tax := sums.not_due[rate]:
                    row(f"{what} {words(rate)} not due yet", None, sign * tax)

        figure("gross", found.sales)
        row(label("discounts"), None, -found.discount_minor)
        figure("net")
        taxes("Tax", found.taxes)
        figure("gift_sold")
        figure("total")
        figure("tips")
        figure("takings")
        figure("spent")
        for kind in TENDER_KINDS:
            row(f"Paid by {label_of(kind).lower()}", *found.tenders.get(kind, (0, 0)))
        if found.rounding_minor or found.back_rounding_minor:
            row(label("rounding"), None, found.rounding_minor - found.back_rounding_minor)
        for kind in KINDS:
            row(f"{KIND_WORDS[kind]}, net", found.kind(kind).quantity, found.kind(kind).net_minor)
        figure("credits", found.redeemed)
        if found.refunds:
            row(label("refunds"), found.refunds, -FIGURES["refunds"].of(found))
            row(f"{label('refunds')}, net sales", None, -FIGURES["net"].back(found))
            row(f"{label('refunds')}, gift cards", None, -found.back_gift_minor)
            taxes(f"{label('refunds')}, tax", found.back_taxes, -1)
            row(f"{label('refunds')}, tips", None, -found.back_tip_minor)
            for kind in TENDER_KINDS:
                if found.back.get(kind):
                    row(f"Given back by {label_of(kind).lower()}", None, -found.back[kind])
        taxes("Tax of all events,", found.all_taxes)
    return Sheet("Totals", TOTAL_COLUMNS, rows)


def tax_sheet(sums: Iterable[Figures]) -> Sheet:
    """What moved tax and revenue, event by event and rate by rate; the last rows of a currency are the sums of all."""
    rows = [row for found in sums for line in event_lines(found) for row in _event_rows(found.currency, line)]
    return Sheet("Tax and revenue", TAX_COLUMNS, rows)


def _event_rows(code: str, line: EventLine) -> list[tuple[Cell, ...]]:
    """A row for each rate; count and revenue stand in the first alone, so that columns can be summed."""
    rows: list[tuple[Cell, ...]] = []
    whole: tuple[Cell, ...] = (line.count, Money(line.revenue_minor, code), Money(line.breakage_minor, code))
    for rate in line.rates:
        amounts = (Money(minor, code) for minor in (rate.net_minor, rate.tax_minor, rate.not_due_minor))
        cells = (rate.rate.percent, *amounts, rate.name or None)
        rows.append((code, line.words, *((None, None, None) if rows else whole), *cells))
    return rows or [(code, line.words, *whole, None, None, None, None, None)]


def ledger_remarks(session: Session, scope: Scope) -> list[Remark]:
    """How many figures of these days differ from the ledger, if any; some of the sales cannot be compared with it."""
    if scope.is_narrowed:
        return [Remark(NARROWED)]
    found = len(compare(session, scope, by_day(session, scope)).differences)
    return [Remark(FIGURES_DIFFER_FROM_LEDGER(count=found), bad=True)] if found else []


def _totals(session: Session, scope: Scope) -> list[Sheet]:
    """Totals and taxes of all sales and events; nothing where only some sales are wanted."""
    if scope.is_narrowed:
        return []
    sums = totals(scope, by_day(session, scope))
    return [totals_sheet(sums), tax_sheet(sums)]


@report(
    "sales",
    title="Sales",
    about="Sales with tax, tips and tenders; one row for each sale, and one with negative amounts for each refund.",
    columns=SALE_COLUMNS,
    summed=_SALE_SUMMED,
    more_sheets=_totals,
    remarks=ledger_remarks,
    filters=OF_SALES,
    keyed=Keyed((date, datetime, UUID), _sales_page),
)
def sales_report(session: Session, scope: Scope) -> Iterable[Sequence[Cell]]:
    """Sales, refunds and voids in the order of time."""
    rows = _cells_of_columns(columns_with_refunds(session, scope))
    return rows if scope.is_narrowed else Summed(rows, lambda: _sales_sums(session, scope))


def _sales_sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """What the rows of a scope sum to, without reading them: figures of its sales, less its refunds one by one."""
    for found in totals(scope, by_day(session, scope)):
        if not found.sales:
            continue
        paid = {kind: minor for kind, (_, minor) in found.tenders.items()}
        minors = (
            found.list_minor, found.covered_minor, found.discount_minor, found.net_sales_minor, found.tax_minor,
            found.gift_minor, found.total_minor, found.tip_minor, *(paid.get(kind, 0) for kind in TENDER_KINDS),
            found.redeemed_minor, found.second_tax_minor, found.rounding_minor,
        )  # fmt: skip
        yield (
            *("",) * SALE_COLUMNS.index("Currency"),
            found.currency,
            *(Money(minor, found.currency) for minor in minors),
        )
    yield from _cells_of_rows(list(refund_sale_rows(session, scope)))


@report(
    "items",
    title="Items",
    about="One row for each item sold, and one with negative amounts for each item of a refund or void.",
    columns=LINE_COLUMNS,
    summed=_LINE_SUMMED,
    remarks=ledger_remarks,
    filters=OF_SALES,
    keyed=Keyed((date, datetime, UUID, int), _lines_page),
)
def items_report(session: Session, scope: Scope) -> Iterable[tuple[Cell, ...]]:
    """Lines of sales, refunds and voids in the order of time."""
    return _lines_cells(lines_with_refunds(session, scope))


@report(
    "tax",
    title="Tax and revenue",
    about="What moved tax and revenue, by event and rate: sales, refunds, late cancels, expiry and the rest.",
    columns=TAX_COLUMNS,
    remarks=ledger_remarks,
)
def tax_report(session: Session, scope: Scope) -> Iterable[Sequence[Cell]]:
    """A row for each event and rate; the last rows of a currency are the sums of all."""
    return tax_sheet(totals(scope, by_day(session, scope))).rows
