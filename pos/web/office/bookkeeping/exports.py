"""Exporting journals for a bookkeeping program, and fetching what was exported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.domain.bookkeeping.queries import export_of
from pos.domain.staff.permissions import Permission
from pos.reports.bookkeeping.programs import program_of
from pos.reports.period import parse_days
from pos.services.bookkeeping.export_journal import export_journal, exported_file
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.bookkeeping.page import bookkeeping_page
from pos.web.office.request_args import own_ids, requested_place


@bp.get("/money/bookkeeping")
@requires(Permission.EXPORT_LEDGER)
def bookkeeping() -> Response:
    """The months, the check before an export, and what was exported."""
    return bookkeeping_page()


@bp.post("/money/bookkeeping")
@requires(Permission.EXPORT_LEDGER)
def export_days() -> AnyResponse:
    """Export the days in the address; the page then has the file."""
    place = requested_place()
    try:
        first, last = parse_days(request.args.get("from", "")[:40], request.args.get("to", "")[:40])
        program = program_of(request.args.get("program", "")[:40])
        done = export_journal(
            location_id=place.id,
            staff_id=current_staff().person.id,
            program_key=program.key,
            from_on=first,
            to_on=last,
            again=request.form.get("again") == "yes",
        )
    except NotFound:
        raise
    except PosError as error:
        return bookkeeping_page(error)
    asked: dict[str, Any] = {"from": first.isoformat(), "to": last.isoformat(), "exported": done.export_id}
    return redirect(url_for("office.bookkeeping", location=place.slug, program=program.key, **asked), 303)


@bp.get("/money/bookkeeping/exports/<uuid:export_id>")
@requires(Permission.EXPORT_LEDGER)
def exported_journal(export_id: UUID) -> Response:
    """The file of an export, the same bytes as ever."""
    file = exported_file(export_of(reading(), export_id, own_ids()))
    return Response(
        file.content,
        content_type="application/zip" if file.name.endswith(".zip") else "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
    )
