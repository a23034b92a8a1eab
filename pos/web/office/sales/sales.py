"""Sales of any dates and locations: totals, a picture, the rows, one sale opened, and the same rows as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.messages.books import FILTER_ROWS, FILTER_SHIFT, FILTER_WHAT
from pos.domain.clients.queries import client as client_of
from pos.domain.credits.queries import redemptions_of
from pos.domain.ledger.queries import entry_of
from pos.domain.locations.queries import Place
from pos.domain.payments import repository as payments
from pos.domain.receipts import repository as receipts
from pos.domain.sales.repository import exemptions_of, lines_of
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.domain.tips import repository as tips
from pos.reports.analysis.narrowing import parse_key, sales_wanted, unknown
from pos.reports.books.journal import entry_lines
from pos.reports.books.ledger_agreement import compare, measure_label
from pos.reports.books.tax_lines import event_lines
from pos.reports.exporters import Sheet, csv_parts, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import Only, Scope, file_name, one_moment
from pos.reports.sales.figures import FIGURES, label, meanings
from pos.reports.sales.sale_lines import (
    KINDS,
    line_sums,
    lines_with_refunds,
    refunded_line_sums,
)
from pos.reports.sales.sale_lines import key_of as line_key
from pos.reports.sales.sales_export import (
    TAX_COLUMNS,
    lines_sheet,
    sales_sheet,
    tax_sheet,
    totals_sheet,
)
from pos.reports.sales.sales_rows import key_of as sale_key
from pos.reports.sales.sales_rows import (
    paid_by,
    paid_in,
    rows_with_refunds,
    sale_rows,
)
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.sales.sums import DayKey, Figures
from pos.services.documents.receipts import receipt_html, receipt_pdf
from pos.services.refunds.status import refunds_of_sale
from pos.web.common.downloads import CSV, XLSX, csv_habits, file_answer, sent_as_written
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.labels import (
    Compared,
    Point,
    compared,
    event_labels,
    exempt_labels,
    kind_labels,
    tender_columns,
    tender_labels,
)
from pos.web.office.request_args import (
    format_days,
    keyed_pages,
    own_places,
    own_sale,
    requested_scope,
    requested_window,
    required_scope,
    short_day,
)

if TYPE_CHECKING:
    from pos.domain.sales.models import Sale

# A chart has at most this many columns; longer times are summed over weeks, four weeks, quarters, years.
_COLUMNS = 31
_STEPS = (1, 7, 28, 91, 364)
# The filters of the rows: a sale has one desk and person, and its lines have therapists and items.
_OF_SALES = ("channel", "desk", "staff")
_OF_ITEMS = ("therapist", "item", "tender", *_OF_SALES)


@dataclass(frozen=True)
class Narrowed:
    """Which of the sales are wanted: `rows` sales or items, `tender`, one shift, `what` items, and `only` by the filters
    that `rows` has."""

    rows: str
    tender: str
    shift: UUID | None
    what: str
    only: Only

    def which(self, scope: Scope) -> ColumnElement[bool] | None:
        """The condition on sales, if there is one."""
        found = []
        if self.tender:
            found.append(paid_by(self.tender))
        if self.shift:
            found.append(paid_in(self.shift))
        if self.only != Only():
            found.append(sales_wanted(replace(scope, only=self.only)))
        return and_(*found) if found else None

    def shared_args(self) -> dict[str, str]:
        """What sales and items can both be narrowed by, for a link from the one to the other."""
        tender = self.only.tender or (self.tender if self.tender in TENDER_KINDS else "")
        kept = {name: value for name, value in self.only.args().items() if name in _OF_SALES}
        return kept | ({"tender": tender} if tender else {})

    def args(self) -> dict[str, str]:
        """The same for a link."""
        wanted = {"rows": self.rows, "tender": self.tender, "what": self.what}
        if self.shift:
            wanted["shift"] = str(self.shift)
        return {name: value for name, value in wanted.items() if value} | self.only.args()


def _narrowed(places: tuple[Place, ...]) -> tuple[Narrowed, AskedFilters]:
    """What the address asks for, and its filters with what of them is wrong."""
    typed_rows, typed_shift = request.args.get("rows", ""), request.args.get("shift", "")[:40]
    filters = AskedFilters(_OF_ITEMS if typed_rows == "items" else _OF_SALES, places)
    if typed_rows not in ("", "items"):
        filters.wrong.append(unknown("rows", typed_rows, FILTER_ROWS))
    if typed_rows == "items":
        what = filters.word("what", ("credit", "discounted", *KINDS), FILTER_WHAT)
        return Narrowed(typed_rows, "", None, what, filters.only), filters
    tender, shift = filters.word("tender", ("none", *TENDER_KINDS)), None
    if typed_shift:
        with filters.noted("shift"):
            shift = parse_key("shift", typed_shift, FILTER_SHIFT)
    return Narrowed("", tender, shift, "", filters.only), filters


def _file_asked() -> tuple[Scope, Narrowed]:
    """The same of a file; raises Invalid where the page would show what was typed."""
    scope = required_scope()
    wanted, filters = _narrowed(scope.places)
    filters.require(url_for("office.sales"))
    return scope, wanted


@dataclass(frozen=True)
class Sum:
    """One currency's figures beside the period before, with its chart."""

    figures: Figures
    before: Figures
    takings: Compared | None
    net: Compared | None
    chart: list[Point]
    chart_before: list[Point]


def _chart(scope: Scope, days: dict[DayKey, Figures], currency: str) -> list[Point]:
    step = next((s for s in _STEPS if scope.days <= s * _COLUMNS), _STEPS[-1])
    sums = [0] * ((scope.days + step - 1) // step)
    for (_where, on), figures in days.items():
        if figures.currency == currency:
            sums[(on - scope.from_on).days // step] += figures.takings_minor
    w = page_translator()
    words = short_day if scope.from_on.year == scope.to_on.year else w.day
    return [
        Point(words(scope.from_on + timedelta(days=n * step)), minor, w.amount(minor, currency))
        for n, minor in enumerate(sums)
    ]


def _sums(scope: Scope, days: dict[DayKey, Figures], days_before: dict[DayKey, Figures]) -> list[Sum]:
    before = scope.before()
    return [
        Sum(
            figures=now,
            before=was,
            takings=compared(now.takings_minor, was.takings_minor),
            net=compared(now.net_sales_minor, was.net_sales_minor),
            chart=_chart(scope, days, now.currency),
            chart_before=_chart(before, days_before, now.currency),
        )
        for now, was in zip(totals(scope, days), totals(before, days_before), strict=True)
    ]


@bp.get("/sales")
@requires(Permission.SEE_REPORTS)
def sales() -> Response:
    """Sales, or the items of sales, with totals and the comparison with the ledger."""
    session = reading()
    one_moment(session)
    question = requested_scope()
    wanted, filters = _narrowed(question.places)
    shared = {
        "asked": question,
        "wanted": wanted,
        "own_places": own_places(),
        "meant": FIGURES,
        "kinds": kind_labels(),
        "tenders": tender_labels(),
        "tender_columns": tender_columns(),
        "filters": filters.filters(),
        "refused": filters,
    }
    if question.scope is None or filters.wrong:
        shared["asked"] = filters.refused(question)
        return make_response(render_template("office/sales/sales.html", **shared), 422)
    scope = question.scope
    args = question.args() | wanted.args()
    page: dict[str, object] = {
        "args": args,
        "days_words": format_days(scope),
        "before_words": format_days(scope.before()),
    }
    if wanted.rows == "items":
        scope = replace(scope, only=wanted.only)
        window = requested_window(date, datetime, UUID, int)
        lines = list(lines_with_refunds(session, scope, what=wanted.what, window=window))
        page["rows"], page["pages"] = keyed_pages(lines, window, line_key, **args)
        sold, back = line_sums(session, scope, wanted.what), refunded_line_sums(session, scope, wanted.what)
        sells_cards = any(cards for *_sum, cards in (*sold, *back))
        keys = ("discounts", "net", "tax", *(("gift_sold",) if sells_cards else ()), "credits")
        heads = ("List price", "Covered by package", *map(label, keys))
        page |= {"item_sums": sold, "back_sums": back, "item_heads": heads, "item_meanings": meanings(heads)}
    else:
        window, which = requested_window(date, datetime, UUID), wanted.which(scope)
        if which is None:
            found = list(rows_with_refunds(session, scope, window=window))
        else:
            found = list(sale_rows(session, scope, which=which, window=window))
        page["rows"], page["pages"] = keyed_pages(found, window, sale_key, **args)
        both = by_day(session, replace(scope, from_on=scope.before().from_on), which=which)
        days = {key: found for key, found in both.items() if key[1] >= scope.from_on}
        page["sums"] = _sums(scope, days, {key: found for key, found in both.items() if key not in days})
        page["agreement"] = compare(session, scope, days, which=which)
        page["measure_words"] = measure_label
        sums = totals(scope, days)
        sells_cards = any(found.gift_minor or found.back_gift_minor for found in sums)
        page["sale_heads"] = ("net", "tax", *(("gift_sold",) if sells_cards else ()), "tips")
        page["tax_meanings"] = meanings(TAX_COLUMNS)
        page["events"] = [(found.currency, event_lines(found)) for found in sums]
        page["event_words"] = event_labels()
    return make_response(render_template("office/sales/sales.html", **shared, **page, sells_cards=sells_cards))


def _sheets(session: Session, scope: Scope, wanted: Narrowed) -> Iterator[Sheet]:
    """The rows that the page shows, then the sheets of sums."""
    if wanted.rows == "items":
        yield lines_sheet(session, replace(scope, only=wanted.only), what=wanted.what)
    elif (which := wanted.which(scope)) is None:
        yield from reports()["sales"].sheets(session, scope)
    else:
        yield sales_sheet(session, scope, which=which)
        sums = totals(scope, by_day(session, scope, which=which))
        yield from (totals_sheet(sums), tax_sheet(sums))


@bp.get("/sales.csv")
@requires(Permission.SEE_REPORTS)
def sales_csv() -> Response:
    """The rows the page shows, all of them, as CSV; made to be opened by a double click, hence the mark in front."""
    scope, wanted = _file_asked()

    def parts(session: Session) -> Iterator[bytes]:
        return (part for part, _ in csv_parts(next(_sheets(session, scope, wanted)), **csv_habits(scope)))

    return sent_as_written(parts, name=file_name(wanted.rows or "sales", scope, "csv"), media_type=CSV)


@bp.get("/sales.xlsx")
@requires(Permission.SEE_REPORTS)
def sales_xlsx() -> Response:
    """The same rows as a workbook, with a sheet of totals."""
    scope, wanted = _file_asked()

    one_moment(reading())

    def write(out: BinaryIO) -> object:
        return write_xlsx(_sheets(reading(), scope, wanted), out)

    return file_answer(write, name=file_name(wanted.rows or "sales", scope, "xlsx"), media_type=XLSX)


def _tip_holders(sale: Sale) -> list[tuple[str, int]]:
    """Who has the tip of a sale, by name; the pool last."""
    if not sale.tip_minor:
        return []
    known = names(reading())
    held = tips.held_of_sale(reading(), sale.id)
    people = sorted((known.get(one, ""), minor) for one, minor in held.items() if one)
    return [*people, *([(_("the pool"), held[None])] if None in held else [])]


@bp.get("/sales/<uuid:sale_id>")
@requires(Permission.SEE_REPORTS)
def sale(sale_id: UUID) -> str:
    """One sale: lines, tenders, credits and its entry in the books; a sheet where htmx asks, a page otherwise."""
    session, found = reading(), own_sale(sale_id)
    place = next(place for place in own_places() if place.id == found.location_id)
    entry = entry_of(session, sale_id, "sale")
    return render_template(
        "office/sales/_sale_sheet.html" if request.headers.get("HX-Request") else "office/sales/sale.html",
        sale=found,
        place=place,
        receipt=receipts.of_sale(session, sale_id),
        client=client_of(session, found.client_id) if found.client_id else None,
        lines=lines_of(session, sale_id),
        exemptions=exemptions_of(session, sale_id),
        exempt_words=exempt_labels(),
        tenders=payments.tenders_of(session, sale_id),
        tenders_words=tender_labels(),
        refunds=refunds_of_sale(session, sale_id),
        tip_holders=_tip_holders(found),
        used=redemptions_of(session, sale_id),
        staff=names(session),
        entry=entry,
        postings=list(entry_lines(session, place, entry.id)) if entry else [],
    )


@bp.get("/sales/<uuid:sale_id>/receipt.html")
@requires(Permission.SEE_REPORTS)
def sale_receipt(sale_id: UUID) -> Response:
    """The receipt as it was printed, as a page."""
    return html_answer(receipt_html(receipts.of_sale(reading(), own_sale(sale_id).id)))


@bp.get("/sales/<uuid:sale_id>/receipt.pdf")
@requires(Permission.SEE_REPORTS)
def sale_receipt_pdf(sale_id: UUID) -> AnyResponse:
    """The receipt as it was printed, as PDF."""
    receipt = receipts.of_sale(reading(), own_sale(sale_id).id)
    return document_response(
        lambda: receipt_pdf(receipt, request.args.get("format", "a4")),
        receipt.label,
        url_for("office.sale_receipt", sale_id=sale_id),
    )
