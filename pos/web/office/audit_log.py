"""The audit log of the person's locations: searched, paged, and as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.i18n.sanitize import printable
from pos.core.ids import parse_id
from pos.domain.staff.permissions import Permission
from pos.reports.audit_log import AuditRow, AuditSearch, actors, audit_rows, audit_sheet
from pos.reports.exporters import csv_parts, write_xlsx
from pos.reports.period import Scope, file_name, one_moment
from pos.web.common.downloads import CSV, XLSX, csv_habits, file_answer, sent_as_written
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.office.blueprint import bp
from pos.web.office.request_args import (
    keyed_pages,
    own_ids,
    own_places,
    requested_scope,
    requested_window,
    required_scope,
)


def _search(scope: Scope) -> AuditSearch:
    person, all_places = request.args.get("person", "")[:40], not request.args.get("location")
    return AuditSearch(
        scope,
        actor_id=parse_id(person, field="person") if person else None,
        text=printable(request.args.get("text", ""), 100),
        chain_wide=all_places and may_chain_wide(),
    )


@bp.get("/settings/audit-log")
@requires(Permission.MANAGE_BOOKS)
def audit_log() -> Response:
    """Who did what, newest first."""
    question, session = requested_scope(days=30), reading()
    rows: Sequence[AuditRow] = ()
    pager, error = None, question.error
    args = question.args() | {name: request.args.get(name, "")[:100] for name in ("person", "text")}
    if question.scope:
        try:
            search = _search(question.scope)
        except PosError as refused:
            return make_response(_render(question, args, [], None, refused), refused.status)
        one_moment(session)
        window = requested_window(datetime, UUID)
        rows, pager = keyed_pages(audit_rows(session, search, window), window, lambda row: row.key, **args)
    return make_response(_render(question, args, rows, pager, error), 422 if error else 200)


def _render(question: object, args: dict[str, str], rows: object, pager: object, error: PosError | None) -> str:
    return render_template(
        "office/settings/audit_log.html",
        asked=question,
        args=args,
        rows=rows,
        pages=pager,
        error=error,
        own_places=own_places(),
        people=actors(reading(), own_ids()),
        zone=own_places()[0].time_zone,
    )


@bp.get("/settings/audit-log.csv")
@requires(Permission.MANAGE_BOOKS)
def audit_log_csv() -> Response:
    """The same as CSV."""
    scope = required_scope()
    search = _search(scope)

    def parts(session: Session) -> Iterator[bytes]:
        return (part for part, _ in csv_parts(audit_sheet(session, search), **csv_habits(scope)))

    return sent_as_written(parts, name=file_name("audit-log", scope, "csv"), media_type=CSV)


@bp.get("/settings/audit-log.xlsx")
@requires(Permission.MANAGE_BOOKS)
def audit_log_xlsx() -> Response:
    """The same as a workbook."""
    scope = required_scope()
    search = _search(scope)
    one_moment(reading())
    return file_answer(
        lambda out: write_xlsx([audit_sheet(reading(), search)], out),
        name=file_name("audit-log", scope, "xlsx"),
        media_type=XLSX,
    )
