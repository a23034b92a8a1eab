"""The declared reports: a list, and for each its page and its files, behind the permission it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.i18n.name_folding import folded
from pos.core.money import Money
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.narrowing import FILTERS, choices, parse_only
from pos.reports.analysis.opens import Opens
from pos.reports.exporters import Cell, Totals, csv_parts, write_xlsx
from pos.reports.files.json_file import json_parts
from pos.reports.listed import grouped, reports
from pos.reports.period import FIRST, Only, Scope, file_name, one_moment
from pos.reports.registry import Report
from pos.reports.sales.figures import meanings
from pos.services.documents.declared_reports import as_pdf, report_document
from pos.web.common.downloads import CSV, XLSX, csv_habits, file_answer, sent_as_written
from pos.web.common.pdf_responses import document_response
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.request_args import (
    PAGE_ROWS,
    format_days,
    own_places,
    page_number,
    pages,
    requested_scope,
    required_scope,
)
from pos.web.office.saved_views.shown import save_href, view_rows

FILES = ("csv", "xlsx", "pdf", "json")
# A page adds up so many rows and no more: reading all of a million would keep somebody waiting for half a minute.
MOST_SUMMED = 5_000


def endpoint(report: Report, kind: str = "page") -> str:
    """The endpoint of a report's page, or of its file of one of the kinds in FILES."""
    return f"office.report_{report.name.replace('-', '_')}_{kind}"


@dataclass(frozen=True)
class Filter:
    """A filter of a report: its word in the address, what it is called, what it says when nothing is chosen, and the
    options, each a value and its words."""

    name: str
    label: str
    nothing: str
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True)
class Shown:
    """A cell as a page shows it; numbers stand at the right, days and times on one line. `href` opens what it is about."""

    text: str
    is_number: bool = False
    is_moment: bool = False
    href: str = ""


# What a text of a report may open: the page, and the name of the key in its address.
_OPENED = {
    "sale": ("office.sale", "sale_id"),
    "refund": ("office.one_refund", "refund_id"),
    "package": ("office.package", "package_id"),
    "client": ("office.client", "client_id"),
    "payout": ("office.one_payout", "payout_id"),
    "shift": ("office.x_page", "shift_id"),
    "z": ("office.z_page", "z_id"),
}


def _shown(cell: Cell) -> Shown:
    words = page_translator()
    match cell:
        case None:
            return Shown("")
        case Money(minor=minor, currency=currency):
            return Shown(words.amount(minor, currency), is_number=True)
        case time():
            return Shown(cell.strftime("%H:%M"), is_moment=True)
        case date():
            return Shown(words.day(cell), is_moment=True)
        case Decimal():
            return Shown(f"{cell.normalize():f}", is_number=True)
        case int():
            return Shown(str(cell), is_number=True)
        case Opens(what=what, key=key) if what != "client" or current_staff().person.may(Permission.SEE_CLIENTS):
            page, name = _OPENED[what]
            values: dict[str, Any] = {name: key}
            return Shown(cell, href=url_for(page, **values))
        case _:
            return Shown(cell)


def _numeric(rows: Sequence[Sequence[Shown]], columns: int) -> list[bool]:
    """Which columns hold numbers on this page: none of their cells is a text."""
    return [
        any(row[at].is_number for row in rows) and all(row[at].is_number or not row[at].text for row in rows)
        for at in range(columns)
    ]


@bp.get("/reports")
@requires(Permission.SEE_REPORTS)
def report_list() -> str:
    """The reports that this person may see, by what they are about; with `search` those that have all of its words."""
    person, w, typed = current_staff().person, page_translator(), request.args.get("search", "")[:80]
    wanted = folded(typed).split()
    seen = [
        found
        for found in reports().values()
        if person.may(found.permission) and all(word in folded(f"{w(found.title)} {w(found.about)}") for word in wanted)
    ]
    groups = [(words, [(found, endpoint(found)) for found in listed]) for words, listed in grouped(seen)]
    views = [
        view for view in view_rows() if all(word in folded(f"{view.name} {w(view.report.title)}") for word in wanted)
    ]
    return render_template("office/reports/list.html", groups=groups, search=typed, views=views)


def _only(report: Report) -> Only:
    """The filters of the address that the report has; raises Invalid for what is not offered."""
    return parse_only({name: request.args.get(name, "")[:40] for name in report.filters})


def _filters(report: Report, places: tuple[Place, ...], only: Only) -> list[Filter]:
    """The filters of a report with what may be chosen."""
    here, chosen = Scope(places, FIRST, FIRST), only.args()
    # Names are data; kinds, tenders and channels are words of this program.
    w, data = page_translator(), ("therapist", "item", "desk", "staff")
    return [
        Filter(
            name,
            *FILTERS[name],
            [(key, word if name in data else w(word)) for key, word in options],
            chosen.get(name, ""),
        )
        for name, options in choices(reading(), here, report.filters).items()
    ]


def _page(report: Report) -> Response:
    """The rows of some days, a page of them at a time."""
    question, person, only = requested_scope(), current_staff().person, _only(report)
    args = question.args() | only.args()
    shared = {
        "report": report,
        "asked": question,
        "args": args,
        "filters": _filters(report, question.places, only),
        "own_places": own_places(),
        "file_endpoints": {kind: endpoint(report, kind) for kind in FILES}
        if person.may(report.file_permission)
        else {},
    }
    if question.scope is None:
        return make_response(render_template("office/reports/report.html", **shared), 422)
    session, scope = reading(), replace(question.scope, only=only)
    one_moment(session)
    first = (page_number() - 1) * PAGE_ROWS
    totals, found, is_whole = Totals(report.columns, report.summed), [], True
    last = max(first + PAGE_ROWS, MOST_SUMMED if report.summed else 0)
    for number, row in enumerate(totals.counted(report.rows(session, scope))):
        if first <= number <= first + PAGE_ROWS:
            found.append([_shown(cell) for cell in row])
        if number >= last:
            is_whole = False
            break
    rows = found[:PAGE_ROWS]
    sums = [[_shown(cell) for cell in row] for row in totals.rows(_("Total"))] if is_whole else []
    rendered = render_template(
        "office/reports/report.html",
        **shared,
        days_words=format_days(scope),
        save_href=save_href(report, args),
        rows=rows,
        sums=sums,
        most_summed=0 if is_whole or not report.summed else MOST_SUMMED,
        numeric=_numeric(rows, len(report.columns)),
        meanings=meanings(report.columns),
        remarks=report.remarks_on(session, scope),
        pages=pages(len(rows), len(found) > PAGE_ROWS, **args),
    )
    return make_response(rendered)


def _csv(report: Report) -> Response:
    scope = replace(required_scope(), only=_only(report))

    def parts(session: Session) -> Iterator[bytes]:
        written = csv_parts(report.sheet(session, scope), **csv_habits(scope, for_programs=report.for_programs))
        return (part for part, _ in written)

    return sent_as_written(parts, name=file_name(report.name, scope, "csv"), media_type=CSV)


def _xlsx(report: Report) -> Response:
    scope = replace(required_scope(), only=_only(report))
    one_moment(reading())

    def write(out: BinaryIO) -> object:
        return write_xlsx(report.sheets(reading(), scope), out)

    return file_answer(write, name=file_name(report.name, scope, "xlsx"), media_type=XLSX)


def _json(report: Report) -> Response:
    scope = replace(required_scope(), only=_only(report))

    def parts(session: Session) -> Iterator[bytes]:
        return (part for part, _rows in json_parts(report, session, scope))

    return sent_as_written(parts, name=file_name(report.name, scope, "json"), media_type="application/json")


def _pdf(report: Report) -> Response:
    question, only = requested_scope(), _only(report)
    scope = replace(required_scope(), only=only)
    one_moment(reading())
    name = file_name(report.name, scope, "pdf").removesuffix(".pdf")
    page = f"{url_for(endpoint(report))}?{urlencode(question.args() | only.args())}"
    return document_response(lambda: as_pdf(report_document(report, reading(), scope), scope), name, page)


@bp.record
def _attach(state: BlueprintSetupState) -> None:
    """Give every declared report the routes of its page and files, guarded by the permission it declares."""
    kinds: tuple[tuple[str, str, Callable[[Report], Response]], ...] = (
        ("page", "", _page),
        ("csv", ".csv", _csv),
        ("xlsx", ".xlsx", _xlsx),
        ("pdf", ".pdf", _pdf),
        ("json", ".json", _json),
    )
    for found in reports().values():
        for kind, ending, view in kinds:
            state.add_url_rule(
                f"/reports/{found.name}{ending}",
                endpoint(found, kind).removeprefix("office."),
                requires(found.permission if kind == "page" else found.file_permission)(
                    requires(Permission.SEE_REPORTS)(partial(view, found))
                ),
                methods=["GET"],
            )
