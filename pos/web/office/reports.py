"""The declared reports: a list, and for each its page and its files, behind the permission it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Any, BinaryIO
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.i18n.name_folding import folded
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import Behind
from pos.reports.comparison.compared import COMPARE, COMPARISON_WORDS, in_comparison, parse_comparison
from pos.reports.exporters import Cell, Totals, csv_parts, write_xlsx
from pos.reports.files.json_file import json_parts
from pos.reports.listed import grouped, reports
from pos.reports.period import Only, Scope, file_name, one_moment
from pos.reports.registry import Report, Summed
from pos.reports.sales.figures import meanings
from pos.services.documents.declared_reports import as_pdf, report_document
from pos.web.common.downloads import CSV, XLSX, csv_habits, file_answer, sent_as_written
from pos.web.common.pdf_responses import document_response
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.report_pages.cells import Href, Shown, columns_of, numeric, opens_nothing, shown_row
from pos.web.office.report_pages.endpoints import ACTIONS, FILES, report_endpoint
from pos.web.office.report_pages.picture import Picture, Pictured
from pos.web.office.request_args import (
    PAGE_ROWS,
    Pages,
    ScopeRequest,
    format_days,
    keyed_pages,
    own_places,
    page_number,
    pages,
    requested_scope,
    requested_window,
    required_scope,
)
from pos.web.office.saved_views.shown import save_href, view_rows

# A page adds up so many rows and no more: reading all of a million would keep somebody waiting for half a minute.
MOST_SUMMED = 5_000


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
    groups = [(words, [(found, report_endpoint(found.name)) for found in listed]) for words, listed in grouped(seen)]
    views = [
        view for view in view_rows() if all(word in folded(f"{view.name} {w(view.report.title)}") for word in wanted)
    ]
    return render_template("office/reports/list.html", groups=groups, search=typed, views=views)


def _asked(declared: Report, places: tuple[Place, ...]) -> tuple[Report, AskedFilters]:
    """The report, beside the days that the address compares it with, and the filters that the address asks for."""
    report, filters = declared, AskedFilters(declared.filters, places)
    with filters.noted():
        report = in_comparison(declared, parse_comparison(declared, request.args.get(COMPARE, "")[:20]))
    return report, filters


def _file_of(declared: Report) -> tuple[Report, Scope]:
    """The report and the scope of a file; raises Invalid where a page would show what was typed."""
    scope = required_scope()
    report, filters = _asked(declared, scope.places)
    filters.require(url_for(report_endpoint(report.name)))
    return report, replace(scope, only=filters.only)


def _args(report: Report, question: ScopeRequest, only: Only) -> dict[str, str]:
    """What a page was asked, for a link."""
    return question.args() | only.args() | ({COMPARE: report.compare} if report.compare else {})


def _behind(report: Report, args: dict[str, str], *, everywhere: bool = False) -> Href:
    """Where a name of a report opens what it sums: the same days, location and filters, then its own.

    `everywhere`: of a name that stands for all locations asked for.
    """
    found = reports()[report.behind] if report.behind else None
    if found is None or not current_staff().person.may(found.permission):
        return opens_nothing
    page, opened = url_for(report_endpoint(found.name)), ("location", "from", "to", *found.filters)

    def href(name: Behind) -> str:
        own = {word: text for word, text in name.args.items() if word != "location" or not everywhere}
        return f"{page}?{urlencode({word: text for word, text in (args | own).items() if word in opened})}"

    return href


@dataclass
class _Read:
    """What a page shows of a report: its rows, their sums where all could be added up, its pager and its bars."""

    rows: list[list[Shown]]
    sums: list[list[Shown]]
    is_whole: bool
    pages: Pages
    pictures: list[Picture]


def _read(report: Report, session: Session, scope: Scope, args: dict[str, str]) -> _Read:
    first = (page_number() - 1) * PAGE_ROWS
    totals = Totals(report.columns, report.summed, scope.currencies)
    pictured, found, is_whole = Pictured(report), [], True
    behind = _behind(report, args)
    read: Iterable[Sequence[Cell]] = report.rows(session, scope)
    keyed: list[tuple[Any, Sequence[Cell]]] = []
    if report.keyed:
        window = requested_window(*report.keyed.key)
        keyed = list(report.keyed.rows(session, scope, window))
        if window.key is None and len(keyed) < window.limit:  # all that there are
            read = [row for _key, row in keyed]
    known = read.sums() if isinstance(read, Summed) else None
    reads_on = report.summed and known is None
    last = max(0 if report.keyed else first + PAGE_ROWS, MOST_SUMMED if reads_on else 0)
    if report.keyed and not reads_on:
        read = ()
    for number, row in enumerate(pictured.counted(read if known is not None else totals.counted(read))):
        if not report.keyed and first <= number <= first + PAGE_ROWS:
            found.append(shown_row(report.columns, row, behind))
        if number >= last:
            is_whole = not reads_on
            break
    for row in known or ():
        totals.add(row)
    if report.keyed:
        on_page, pager = keyed_pages(keyed, window, itemgetter(0), **args)
        rows = [shown_row(report.columns, row, behind) for _key, row in on_page]
    else:
        rows, pager = found[:PAGE_ROWS], pages(min(len(found), PAGE_ROWS), len(found) > PAGE_ROWS, **args)
    sums = [shown_row(report.columns, row, behind) for row in totals.rows(_("Total"))] if is_whole else []
    drawn = pictured.pictures(_behind(report, args, everywhere=True), scope.currencies) if is_whole else []
    return _Read(rows, sums, is_whole, pager, drawn)


def _page(declared: Report) -> Response:
    """The rows of some days, a page of them at a time."""
    question, person = requested_scope(), current_staff().person
    report, filters = _asked(declared, question.places)
    only = filters.only
    args, columns, action = _args(report, question, only), columns_of(report.columns), ACTIONS.get(report.name)
    shared = {
        "report": report,
        "columns": columns,
        "asked": question,
        "args": args,
        "filters": filters.filters(),
        "refused": filters,
        "comparisons": list(COMPARISON_WORDS.items()) if report.by else [],
        "own_places": own_places(),
        "action": action if action and person.may(action.permission) else None,
        "file_endpoints": {kind: report_endpoint(report.name, kind) for kind in FILES}
        if person.may(report.file_permission)
        else {},
    }
    if question.scope is None or filters.wrong:
        shared["asked"] = filters.refused(question)
        return make_response(render_template("office/reports/report.html", **shared), 422)
    session, scope = reading(), replace(question.scope, only=only)
    one_moment(session)
    read = _read(report, session, scope, args)
    rendered = render_template(
        "office/reports/report.html",
        **shared,
        days_words=format_days(scope),
        save_href=save_href(report, args),
        rows=read.rows,
        sums=read.sums,
        most_summed=0 if read.is_whole else MOST_SUMMED,
        numeric=numeric(read.rows, len(columns)),
        meanings=meanings(report.columns),
        remarks=report.remarks_on(session, scope),
        pages=read.pages,
        pictures=read.pictures,
    )
    return make_response(rendered)


def _csv(declared: Report) -> Response:
    report, scope = _file_of(declared)

    def parts(session: Session) -> Iterator[bytes]:
        written = csv_parts(report.sheet(session, scope), **csv_habits(scope, for_programs=report.for_programs))
        return (part for part, _ in written)

    return sent_as_written(parts, name=file_name(report.name, scope, "csv"), media_type=CSV)


def _xlsx(declared: Report) -> Response:
    report, scope = _file_of(declared)
    one_moment(reading())

    def write(out: BinaryIO) -> object:
        return write_xlsx(report.sheets(reading(), scope), out)

    return file_answer(write, name=file_name(report.name, scope, "xlsx"), media_type=XLSX)


def _json(declared: Report) -> Response:
    report, scope = _file_of(declared)

    def parts(session: Session) -> Iterator[bytes]:
        return (part for part, _rows in json_parts(report, session, scope))

    return sent_as_written(parts, name=file_name(report.name, scope, "json"), media_type="application/json")


def _pdf(declared: Report) -> Response:
    report, scope = _file_of(declared)
    one_moment(reading())
    name = file_name(report.name, scope, "pdf").removesuffix(".pdf")
    args = _args(report, requested_scope(), scope.only)
    page = f"{url_for(report_endpoint(report.name))}?{urlencode(args)}"
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
                report_endpoint(found.name, kind).removeprefix("office."),
                requires(found.permission if kind == "page" else found.file_permission)(
                    requires(Permission.SEE_REPORTS)(partial(view, found))
                ),
                methods=["GET"],
            )
