"""Whether everything a clinic reads about its money says the same: pages, X and Z, closings, CSV, XLSX and ledger.

`disagreements` reads them all for one location and returns what differs, in words; nothing where every figure agrees.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from invoices.documents import ReportDocument
from pos.core import clock
from pos.core.i18n.translator import translator
from pos.core.money import Rate, exponent
from pos.core.paging.window import Window
from pos.domain.credits.models import CreditLot
from pos.domain.ledger.models import Closing, JournalEntry, Posting
from pos.domain.locations.queries import Place, desk_place
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.till.models import Drawer, Shift, ZReport
from pos.reports.analysis.packages import plan_credits
from pos.reports.books.ledger_agreement import compare
from pos.reports.books.period_snapshot import closing_facts
from pos.reports.books.shift_snapshot import shift_facts
from pos.reports.exporters import Sheet, Totals, write_csv, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import LAST, Scope
from pos.reports.registry import Summed
from pos.reports.sales.figures import FIGURES, label
from pos.reports.sales.sale_lines import line_sums, lines_with_refunds, refunded_line_sums
from pos.reports.sales.sales_export import (
    tax_sheet,
    totals_sheet,
)
from pos.reports.sales.sales_rows import rows_with_refunds
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import DayKey, Figures
from pos.services.documents.renderer import html_page
from pos.services.documents.till_reports import closing_document, z_document
from tests.support.cash_data_agree import cash_data_differences
from tests.support.journals_agree import journal_differences
from tests.support.recomputed import recomputed

_REVENUE = ("service_revenue", "add_on_revenue", "retail_revenue", "service_charge_revenue", "discounts")
_MEANS = {kind.label: kind.key for kind in TENDER_KINDS.values()}


def disagreements(session: Session, place: Place) -> list[str]:
    """What differs between the reports of a location over its whole life, day by day and in all."""
    scope = Scope((place,), date(2026, 1, 1), place.today() + timedelta(days=1))
    days = by_day(session, scope)
    (found,) = totals(scope, days)
    return [
        *journal_differences(session, scope),
        *cash_data_differences(session, scope),
        *(
            f"{d.business_on} {d.measure}: {d.sales_minor} ≠ {d.ledger_minor}"
            for d in compare(session, scope, days).differences
        ),
        *_raw_rows(session, scope, days),
        *_packages(session, place),
        *_files(session, scope, found),
        *_known_sums(session, scope),
        *_taxes(session, scope, found),
        *_closings(session, place),
        *_shifts(session, place, found),
    ]


def _differs(what: str, **values: Any) -> Iterator[str]:
    if len({str(value) for value in values.values()}) > 1:
        yield f"{what}: " + ", ".join(f"{name} {value}" for name, value in values.items())


def _packages(session: Session, place: Place) -> Iterator[str]:
    """The report of packages against the lots as they stand, and as it says itself how they came to be."""
    plans = plan_credits(session, Scope((place,), place.today() - timedelta(days=30), LAST)).values()
    here, left = CreditLot.location_id == place.id, CreditLot.remaining + CreditLot.held
    credits = session.scalar(select(func.coalesce(func.sum(left), 0)).where(here))
    live = session.scalar(select(func.count(CreditLot.package_id.distinct())).where(here, left > 0))
    yield from _differs("credits left", report=sum(plan.closing for plan in plans), lots=credits)
    yield from _differs("live packages", report=sum(plan.live for plan in plans), lots=live)
    for plan in plans:
        gone = plan.used + plan.forfeited + plan.refunded + plan.expired
        yield from _differs("credits", end=plan.closing, moves=plan.opening + plan.sold - gone + plan.moved)


def _raw_rows(session: Session, scope: Scope, days: dict[DayKey, Figures]) -> Iterator[str]:
    """Every figure of every day against sums that other code made of the raw rows."""
    (place,) = scope.places
    raw = {on: sums for on, sums in recomputed(session, place).items() if scope.from_on <= on <= scope.to_on}
    nothing = Figures(place.currency)
    for on in sorted({*raw, *(day for _, day in days)}):
        day = days.get((place.id, on), nothing)
        for key, figure in FIGURES.items():
            yield from _differs(
                f"{on} {figure.label}",
                figures=(figure.of(day), figure.back(day)),
                rows=raw.get(on, {}).get(key, (0, 0)),
            )


def _read(sheet: Sheet) -> list[dict[str, str]]:
    out = io.BytesIO()
    write_csv(sheet, out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))


def _book(*sheets: Sheet) -> list[list[dict[str, Any]]]:
    out = io.BytesIO()
    write_xlsx(sheets, out)
    book = load_workbook(io.BytesIO(out.getvalue()))
    tables = []
    for page in book.worksheets:
        head, *rows = page.iter_rows(values_only=True)
        sums = [row for row in rows if row[0] == "Total"]  # below the rows, one for each currency
        rows = [row for row in rows if row[0] != "Total"]
        if len(sums) == 1:
            _holds(head, rows, sums[0])
        tables.append([dict(zip(map(str, head), row, strict=True)) for row in rows])
    book.close()
    return tables


def _holds(head: tuple[Any, ...], above: list[tuple[Any, ...]], sums: tuple[Any, ...]) -> None:
    """The last row of a table of one currency is the sum of the others."""
    for at, name in enumerate(head):
        if isinstance(sums[at], int | float):
            added = sum((Decimal(str(row[at] or 0)) for row in above), Decimal(0))
            assert added == Decimal(str(sums[at])), (name, added, sums[at])


def _sum(rows: list[dict[str, Any]], column: str, currency: str) -> int:
    scale = 10 ** exponent(currency)
    return int(sum((Decimal(str(row[column] or 0)) * scale for row in rows), Decimal(0)).to_integral_value())


def _known_sums(session: Session, scope: Scope) -> Iterator[str]:
    """Sums that a page knows without its rows against the sums of the rows."""
    for report in (reports()[name] for name in ("sales", "receipts", "clients", "treated-clients")):
        read = report.rows(session, scope)
        if isinstance(read, Summed):
            known, added = (Totals(report.columns, report.summed) for _ in range(2))
            for sums, rows in ((known, read.sums()), (added, read)):
                for row in rows:
                    sums.add(row)
            said = [[[getattr(cell, "minor", cell) for cell in row] for row in sums.rows()] for sums in (known, added)]
            yield from _differs(f"sums of {report.name}", known=said[0], rows=said[1])


def _files(session: Session, scope: Scope, found: Figures) -> Iterator[str]:
    """Each file against the figures of the pages, less what was given back; each row of the sales foots."""
    code = found.currency
    listed = reports()
    sales, items = (_read(listed[name].sheet(session, scope)) for name in ("sales", "items"))
    books = _book(*(listed[name].sheet(session, scope) for name in ("sales", "items")), totals_sheet([found]))
    expected = {
        "Net sales": found.net_sales_minor - found.back_net_minor + found.back_gift_minor,
        "Gift cards sold": found.gift_minor - found.back_gift_minor,
        "Tax charged": found.tax_minor - found.back_tax_minor,
        "Total with tax": found.total_minor - found.back_net_minor - found.back_tax_minor,
    }
    for column, minor in expected.items():
        said = {"sales": sales, "items": items, "sales_xlsx": books[0], "items_xlsx": books[1]}
        yield from _differs(column, figures=minor, **{name: _sum(rows, column, code) for name, rows in said.items()})
    for column in ("List price", "Covered by package", "Discounts", "Credits used", "Of the tax, second tax"):
        yield from _differs(
            column, **{name: _sum(rows, column, code) for name, rows in (("sales", sales), ("items", items))}
        )
    yield from _differs("Tips", figures=found.tip_minor - found.back_tip_minor, sales=_sum(sales, "Tips", code))
    for column, kind in _MEANS.items():
        minor = found.tender_minor(kind) - found.back.get(kind, 0)
        yield from _differs(column, figures=minor, sales=_sum(sales, column, code), xlsx=_sum(books[0], column, code))
    rounding = found.rounding_minor - found.back_rounding_minor
    yield from _differs("Cash rounding", figures=rounding, sales=_sum(sales, "Cash rounding", code))
    for row in sales:
        paid = sum(_sum([row], column, code) for column in _MEANS)
        yield from _differs(
            f"{row['Receipt']} foots",
            paid=paid,
            total=sum(_sum([row], column, code) for column in ("Total with tax", "Tips", "Cash rounding")),
        )
    sold, back = line_sums(session, scope, ""), refunded_line_sums(session, scope, "")
    net = sum(part.net_minor for _, _, part, *_ in (*sold, *back))
    yield from _differs("By item", page=net, file=expected["Net sales"] + expected["Gift cards sold"])
    listed = [row.receipt for row in rows_with_refunds(session, scope, window=Window(10_000))]
    yield from _differs("rows of sales", page=sorted(listed), file=sorted(row["Receipt"] for row in sales))
    lines = [
        (row.receipt, row.item, row.net_minor) for row in lines_with_refunds(session, scope, window=Window(10_000))
    ]
    filed = [
        (row["Receipt"], row["Item"], _sum([row], "Net sales", code) + _sum([row], "Gift cards sold", code))
        for row in items
    ]
    yield from _differs("rows of items", page=sorted(lines), file=sorted(filed))


def _balances(session: Session, place: Place, from_on: date, to_on: date) -> dict[str, int]:
    """What accounts moved on some days, by their meaning and rate: credits positive."""
    rows = session.execute(
        select(Posting.account_key, func.sum(Posting.amount_minor))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.location_id == place.id, JournalEntry.business_on.between(from_on, to_on))
        .group_by(Posting.account_key)
    )
    return {key: -int(minor) for key, minor in rows}


def _taxes(session: Session, scope: Scope, found: Figures) -> Iterator[str]:
    """Tax by rate and revenue, event by event, against the ledger."""
    booked = _balances(session, scope.places[0], scope.from_on, scope.to_on)
    rows = _read(tax_sheet([found]))
    (book,) = _book(tax_sheet([found]))
    events = [row for row in rows if row["Event"] != "In all"]
    for said in (
        events,
        [row for row in rows if row["Event"] == "In all"],
        [r for r in book if r["Event"] == "In all"],
    ):
        revenue = sum(booked.get(key, 0) for key in _REVENUE)
        yield from _differs("Revenue", ledger=revenue, sheet=_sum(said, "Revenue", found.currency))
        yield from _differs("Breakage", ledger=booked.get("breakage", 0), sheet=_sum(said, "Breakage", found.currency))
        for account, column in (("tax_payable", "Tax due"), ("tax_not_due", "Tax not due yet")):
            rates = {key.partition(":")[2] for key in booked if key.startswith(f"{account}:")}
            by_rate: dict[str, list[dict[str, Any]]] = {rate: [] for rate in rates}
            for row in said:
                if row["Tax percent"] not in ("", None):
                    is_second = bool(row["Tax"]) and row["Tax"] == found.tax_names[1]
                    by_rate.setdefault(Rate(Decimal(str(row["Tax percent"])), is_second).key, []).append(row)
            for rate, own in by_rate.items():
                key = f"{account}:{rate}"
                yield from _differs(key, ledger=booked.get(key, 0), sheet=_sum(own, column, found.currency))


def _rate(row: dict[str, Any]) -> str:
    return Rate(Decimal(row["percent"]), row.get("second", False)).key


def _of_rates(facts: list[dict[str, Any]]) -> dict[str, int]:
    return {_rate(row): row["tax_minor"] for row in facts if row["tax_minor"]}


def _closings(session: Session, place: Place) -> Iterator[str]:
    """What a closing says by rate is what its own accounts say; a frozen one says what would be frozen now."""
    for closing in session.scalars(select(Closing).where(Closing.location_id == place.id)):
        facts, name = closing.document, f"closing {closing.kind} {closing.period_on}"
        for account, field in (("tax_payable", "all_taxes"), ("tax_not_due", "all_not_due")):
            booked = {
                key.partition(":")[2]: credit - debit
                for key, (debit, credit) in facts["accounts"].items()
                if key.startswith(f"{account}:") and credit != debit
            }
            yield from _differs(
                f"{name} {field}", accounts=sorted(booked.items()), rates=sorted(_of_rates(facts[field]).items())
            )
        now = closing_facts(session, place, date.fromisoformat(facts["from_on"]), date.fromisoformat(facts["to_on"]))
        changed = sorted(key for key in facts if facts[key] != now[key])
        yield from _differs(f"{name} frozen", frozen=[facts[k] for k in changed], now=[now[k] for k in changed])
        yield from _paper(name, closing_document(closing), facts)


def _paper(name: str, paper: ReportDocument, facts: dict[str, Any]) -> Iterator[str]:
    """What is printed under the names of figures are the figures that were frozen."""
    printed = {row[0]: row[-1] for section in paper.sections for row in (*section.rows, *section.total_rows)}
    cards = facts["gift_cards_minor"]
    frozen = {
        "gross": facts["gross_minor"] - cards,
        "discounts": -facts["discount_minor"],
        "net": facts["net_minor"] - cards,
        "total": facts["total_minor"],
        "takings": facts["received_minor"],
    }
    words = translator(facts["locale"])
    page = html_page(paper, "a4")
    for key, minor in frozen.items():
        said = words.amount(minor, facts["currency"])
        yield from _differs(f"{name} {label(key)}", frozen=said, printed=printed[words(label(key))])
        if said not in page:
            yield f"{name} {label(key)}: {said} is not on the paper."


def _shifts(session: Session, place: Place, found: Figures) -> Iterator[str]:
    """Every sale stands in the Z of one shift, or in the X of an open one."""
    shifts = session.scalars(select(Shift).where(Shift.location_id == place.id).order_by(Shift.opened_at)).all()
    sums: dict[str, int] = {}
    for shift in shifts:
        desk = desk_place(session, session.get_one(Drawer, shift.drawer_id).desk_id)
        z = session.scalar(select(ZReport).where(ZReport.shift_id == shift.id))
        facts = z.document if z else shift_facts(session, shift, desk, until=clock.now())
        for name in ("sales", "total_minor", "net_minor", "tip_minor", "received_minor", "gift_cards_minor"):
            sums[name] = sums.get(name, 0) + facts[name]
        for row in facts["taxes"]:
            sums[f"tax {_rate(row)}"] = sums.get(f"tax {_rate(row)}", 0) + row["tax_minor"]
        if z:
            yield from _paper(f"Z {z.number}", z_document(z), facts)
    pages = {
        "sales": found.sales,
        "total_minor": found.total_minor,
        "net_minor": found.net_minor,
        "tip_minor": found.tip_minor,
        "received_minor": found.takings_minor,
        "gift_cards_minor": found.gift_minor,
        **{f"tax {rate.key}": tax for rate, (_, tax) in found.taxes.due.items()},
    }
    for name in {*sums, *pages}:
        yield from _differs(f"X and Z: {name}", pages=pages.get(name, 0), shifts=sums.get(name, 0))
