"""The declared reports: a list, and for each its page, CSV and XLSX, behind the permission it declares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import BinaryIO

from flask import Response, make_response, render_template
from flask.blueprints import BlueprintSetupState

from pos.core.database.base import reading
from pos.core.money import Money
from pos.domain.staff.permissions import Permission
from pos.reports.exporters import Cell, write_csv, write_xlsx
from pos.reports.listed import reports
from pos.reports.period import one_moment
from pos.reports.registry import Report
from pos.reports.sales.figures import meanings
from pos.web.common.downloads import CSV, XLSX, file_answer, file_name
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


def endpoint(report: Report, kind: str = "page") -> str:
    """The endpoint of a report's page, or of its file of the kind `csv` or `xlsx`."""
    return f"office.report_{report.name.replace('-', '_')}_{kind}"


@dataclass(frozen=True)
class Shown:
    """A cell as a page shows it; numbers stand at the right, days and times on one line."""

    text: str
    is_number: bool = False
    is_moment: bool = False


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
    """The reports that this person may see."""
    person = current_staff().person
    listed = [(found, endpoint(found)) for found in reports().values() if person.may(found.permission)]
    return render_template("office/reports/list.html", listed=listed)


def _page(report: Report) -> Response:
    """The rows of some days, a page of them at a time."""
    question, person = requested_scope(), current_staff().person
    shared = {
        "report": report,
        "asked": question,
        "own_places": own_places(),
        "file_endpoints": {kind: endpoint(report, kind) for kind in ("csv", "xlsx")}
        if person.may(report.file_permission)
        else {},
    }
    if question.scope is None:
        return make_response(render_template("office/reports/report.html", **shared), 422)
    session, scope = reading(), question.scope
    one_moment(session)
    first = (page_number() - 1) * PAGE_ROWS
    found = [
        [_shown(cell) for cell in row] for row in islice(report.rows(session, scope), first, first + PAGE_ROWS + 1)
    ]
    rows = found[:PAGE_ROWS]
    rendered = render_template(
        "office/reports/report.html",
        **shared,
        days_words=format_days(scope),
        rows=rows,
        numeric=_numeric(rows, len(report.columns)),
        meanings=meanings(report.columns),
        remarks=report.remarks_on(session, scope),
        pages=pages(len(rows), len(found) > PAGE_ROWS, **question.args()),
    )
    return make_response(rendered)


def _csv(report: Report) -> Response:
    scope = required_scope()
    one_moment(reading())

    def write(out: BinaryIO) -> object:
        return write_csv(report.sheet(reading(), scope), out, for_spreadsheet=not report.for_programs)

    return file_answer(write, name=file_name(report.name, scope, "csv"), media_type=CSV)


def _xlsx(report: Report) -> Response:
    scope = required_scope()
    one_moment(reading())

    def write(out: BinaryIO) -> object:
        return write_xlsx(report.sheets(reading(), scope), out)

    return file_answer(write, name=file_name(report.name, scope, "xlsx"), media_type=XLSX)


@bp.record
def _attach(state: BlueprintSetupState) -> None:
    """Give every declared report its three routes, each guarded by the permission that the report declares."""
    kinds: tuple[tuple[str, str, Callable[[Report], Response]], ...] = (
        ("page", "", _page),
        ("csv", ".csv", _csv),
        ("xlsx", ".xlsx", _xlsx),
    )
    for found in reports().values():
        for kind, ending, view in kinds:
            state.add_url_rule(
                f"/reports/{found.name}{ending}",
                endpoint(found, kind).removeprefix("office."),
                requires(found.permission if kind == "page" else found.file_permission)(partial(view, found)),
                methods=["GET"],
            )
