"""Sales, their lines and their totals as sheets of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.messages.books import FIGURES_DIFFER_FROM_LEDGER, NARROWED
from pos.core.money import Money, Rate
from pos.domain.sales.tender_kinds import TENDER_KINDS, label_of
from pos.reports.analysis.narrowing import FILTERS, KIND_WORDS
from pos.reports.books.ledger_agreement import compare
from pos.reports.books.tax_lines import EventLine, event_lines
from pos.reports.exporters import Cell, Sheet, amounts
from pos.reports.period import Scope
from pos.reports.registry import Remark, report
from pos.reports.sales.figures import FIGURES, label
from pos.reports.sales.sale_columns import SaleHead
from pos.reports.sales.sale_lines import KINDS, LineRow, lines_with_refunds
from pos.reports.sales.sales_rows import SaleRow, rows_with_refunds, sale_rows
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
_SALE_SUMMED = SALE_COLUMNS[SALE_COLUMNS.index("List price") :]
_LINE_SUMMED = tuple(
    name
    for name in ("Quantity", *LINE_COLUMNS[LINE_COLUMNS.index("List price") :])
    if name not in ("Discount reason", "Tax percent", "Free of tax by", "Second tax percent")
)
TOTAL_COLUMNS = ("Currency", "What", "Count", "Amount")
TAX_COLUMNS = (
    "Currency", "Event", "Count", label("revenue"), "Breakage", "Tax percent", "Base", "Tax due", "Tax not due yet", "Tax",
)  # fmt: skip


def _when(row: SaleHead) -> tuple[Cell, ...]:
    return row.business_on, local_minute(row.completed_at, row.place.time_zone), row.place.name, row.receipt


def _sales_cells(rows: Iterable[SaleRow]) -> Iterator[tuple[Cell, ...]]:
    kept, kinds = amounts(), tuple(TENDER_KINDS)
    for row in rows:
        money, paid, place = kept[row.currency], row.tenders, row.place
        owed = row.total_minor + row.tip_minor
        yield (
            row.business_on, local_minute(row.completed_at, place.time_zone), place.name, row.receipt, row.client,
            row.person, row.therapists, row.items, row.channel, row.currency, money[row.list_minor],
            money[row.covered_minor], money[row.discount_minor], money[row.net_minor], money[row.tax_minor],
            money[row.gift_sold_minor],
            money[row.total_minor], money[row.tip_minor], *[money[paid.get(kind, 0)] for kind in kinds],
            money[row.credit_minor], money[row.second_tax_minor], money[sum(paid.values()) - owed],
        )  # fmt: skip


def _lines_cells(rows: Iterable[LineRow]) -> Iterator[tuple[Cell, ...]]:
    kept = amounts()
    for row in rows:
        money = kept[row.currency]
        yield (
            *_when(row), row.client, row.person, row.therapist, row.item, KIND_WORDS.get(row.kind, row.kind), row.quantity,
            row.channel, row.currency, money[row.list_minor], money[row.covered_minor], money[row.discount_minor],
            row.discount_reason, money[row.net_minor - row.gift_sold_minor], row.tax_percent, money[row.tax_minor],
            money[row.gift_sold_minor], money[row.total_minor], money[row.credit_minor], money[row.exempt_minor],
            row.exempt_by, row.second_tax_percent, money[row.second_tax_minor],
        )  # fmt: skip


def sales_sheet(session: Session, scope: Scope, *, which: ColumnElement[bool]) -> Sheet:
    """One row for each of the sales asked for."""
    return Sheet("Sales", SALE_COLUMNS, _sales_cells(sale_rows(session, scope, which=which)), _SALE_SUMMED)


def lines_sheet(session: Session, scope: Scope, *, what: str = "") -> Sheet:
    """One row for each line, and one with negative amounts for each line of a refund or void."""
    return Sheet("Items", LINE_COLUMNS, _lines_cells(lines_with_refunds(session, scope, what=what)), _LINE_SUMMED)


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
    filters=tuple(FILTERS),
)
def sales_report(session: Session, scope: Scope) -> Iterable[tuple[Cell, ...]]:
    """Sales, refunds and voids in the order of time."""
    return _sales_cells(rows_with_refunds(session, scope))


@report(
    "items",
    title="Items",
    about="One row for each item sold, and one with negative amounts for each item of a refund or void.",
    columns=LINE_COLUMNS,
    summed=_LINE_SUMMED,
    remarks=ledger_remarks,
    filters=tuple(FILTERS),
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
