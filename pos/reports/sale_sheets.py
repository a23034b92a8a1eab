"""Sales, their lines and their totals as sheets of a table."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from pos.kernel.clock import zone
from pos.kernel.money import Money
from pos.reports.exporters import Cell, Sheet
from pos.reports.figures import Figures
from pos.reports.sale_heads import SaleHead
from pos.reports.sale_lines import KINDS, LineRow, line_rows
from pos.reports.sales import SaleRow, rows_with_refunds, sale_rows
from pos.reports.scope import Scope

KIND_WORDS = {
    "variant": "Treatment",
    "add_on": "Add-on",
    "retail": "Retail",
    "package": "Package",
    "part": "Part of a package",
    "gift_card": "Gift card",
}
TENDERS = ("cash", "card", "gift_card", "account_credit")
SALE_COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Client", "Rung up by", "Therapist", "Items", "Channel", "Currency",
    "List price", "Covered by package", "Discount", "Net", "Tax", "Gross", "Tip", "Cash", "Card", "Credits used, value",
)  # fmt: skip
LINE_COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Client", "Rung up by", "Therapist", "Item", "Kind", "Quantity", "Channel",
    "Currency", "List price", "Covered by package", "Discount", "Discount reason", "Net", "Tax percent", "Tax", "Gross",
    "Credits used, value", "Free of tax, net", "Free of tax by",
)  # fmt: skip
TOTAL_COLUMNS = ("Currency", "What", "Count", "Amount")


def _when(row: SaleHead) -> tuple[Cell, ...]:
    local = row.completed_at.astimezone(zone(row.place.time_zone))
    return row.business_on, local.time().replace(second=0, microsecond=0), row.place.name, row.receipt


def _sale_cells(row: SaleRow) -> tuple[Cell, ...]:
    amounts = (
        row.list_minor, row.covered_minor, row.discount_minor, row.net_minor, row.tax_minor, row.total_minor,
        row.tip_minor, row.cash_minor, row.card_minor, row.credit_minor,
    )  # fmt: skip
    words = (row.client, row.person, row.therapists, row.items, row.channel, row.currency)
    return (*_when(row), *words, *(Money(minor, row.currency) for minor in amounts))


def _line_cells(row: LineRow) -> tuple[Cell, ...]:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return (
        *_when(row), row.client, row.person, row.therapist, row.item, KIND_WORDS.get(row.kind, row.kind), row.quantity,
        row.channel, row.currency, money(row.list_minor), money(row.covered_minor), money(row.discount_minor),
        row.discount_reason, money(row.net_minor), row.tax_percent, money(row.tax_minor), money(row.total_minor),
        money(row.credit_minor), money(row.exempt_minor), row.exempt_by,
    )  # fmt: skip


def sales_sheet(session: Session, scope: Scope, *, which: ColumnElement[bool] | None = None) -> Sheet:
    """One row for each sale, and one with negative amounts for each refund where the sales are not narrowed."""
    rows = sale_rows(session, scope, which=which) if which is not None else rows_with_refunds(session, scope)
    return Sheet("Sales", SALE_COLUMNS, map(_sale_cells, rows))


def lines_sheet(session: Session, scope: Scope, *, what: str = "") -> Sheet:
    """One row for each line."""
    return Sheet("Items", LINE_COLUMNS, map(_line_cells, line_rows(session, scope, what=what)))


def totals_sheet(sums: Iterable[Figures]) -> Sheet:
    """The totals of each currency, for a second sheet."""
    rows: list[tuple[Cell, ...]] = []
    for found in sums:
        code = found.currency

        def row(what: str, count: int | None, minor: int, code: str = code) -> None:
            rows.append((code, what, count, Money(minor, code)))

        row("Gross", found.sales, found.total_minor)
        row("Net", None, found.net_minor)
        for percent, (_, tax) in sorted(found.taxes.items()):
            row(f"Tax {percent.normalize():f} %", None, tax)
        for percent, tax in sorted(found.not_due.items()):
            row(f"Tax {percent.normalize():f} % not due yet", None, tax)
        row("Tips", None, found.tip_minor)
        for kind in TENDERS:
            row(f"Paid by {kind.replace('_', ' ')}", *found.tenders.get(kind, (0, 0)))
        for kind in KINDS:
            row(f"{KIND_WORDS[kind]}, net", found.kind(kind).quantity, found.kind(kind).net_minor)
        row("Credits used, value", found.redeemed, found.redeemed_minor)
        if found.refunds:
            row("Refunds and voids", found.refunds, -found.back_minor)
            row("Refunds, net", None, -found.back_net_minor)
            for percent, tax in sorted(found.back_taxes.items()):
                row(f"Refunds, tax {percent.normalize():f} %", None, -tax)
            for percent, tax in sorted(found.back_not_due.items()):
                if tax:
                    row(f"Refunds, tax {percent.normalize():f} % not due yet", None, -tax)
            for kind in TENDERS:
                if found.back.get(kind):
                    row(f"Given back by {kind.replace('_', ' ')}", None, -found.back[kind])
    return Sheet("Totals", TOTAL_COLUMNS, rows)
