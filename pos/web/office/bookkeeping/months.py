"""Everything of a month in one file: asked for, followed while it is made, stopped, downloaded."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.domain.bookkeeping.queries import month_file_of
from pos.domain.locations.queries import place as place_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.reports.period import parse_month
from pos.services.bookkeeping.month_files import (
    cancel_month_file,
    make_month_file,
    month_name,
    ready_file,
)
from pos.web.common.downloads import open_file_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.bookkeeping.month_rows import month_row
from pos.web.office.bookkeeping.page import bookkeeping_page
from pos.web.office.request_args import own_ids, requested_place


@bp.post("/money/bookkeeping/months")
@requires(Permission.EXPORT_LEDGER)
def make_month() -> AnyResponse:
    """Have the file of a month made."""
    place = requested_place()
    try:
        month_on = parse_month(request.form.get("month", "")[:20])
        make_month_file(location_id=place.id, staff_id=current_staff().person.id, month_on=month_on)
    except NotFound:
        raise
    except PosError as error:
        return bookkeeping_page(error)
    return redirect(url_for("office.bookkeeping", location=place.slug), 303)


@bp.get("/money/bookkeeping/months/<uuid:file_id>")
@requires(Permission.EXPORT_LEDGER)
def month_progress(file_id: UUID) -> AnyResponse:
    """How far a file is: a part of the page for htmx, the page without it."""
    session = reading()
    row = month_file_of(session, file_id, own_ids())
    place = place_of(session, row.location_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("office.bookkeeping", location=place.slug), 303)
    return Response(render_template("office/bookkeeping/_month.html", one=month_row(row, place, names(session))))


@bp.post("/money/bookkeeping/months/<uuid:file_id>/cancel")
@requires(Permission.EXPORT_LEDGER)
def cancel_month(file_id: UUID) -> AnyResponse:
    """Stop making a file; one that has ended stays as it is."""
    row = month_file_of(reading(), file_id, own_ids())
    slug = place_of(reading(), row.location_id).slug
    cancel_month_file(file_id=file_id, staff_id=current_staff().person.id, location_id=row.location_id)
    return redirect(url_for("office.bookkeeping", location=slug), 303)


@bp.get("/money/bookkeeping/months/<uuid:file_id>.zip")
@requires(Permission.EXPORT_LEDGER)
def month_download(file_id: UUID) -> Response:
    """The file of a month."""
    row = month_file_of(reading(), file_id, own_ids())
    name = month_name(row.month_on, place_of(reading(), row.location_id).slug)
    path = ready_file(row)
    return open_file_answer(path.open("rb"), path.stat().st_size, name=name, media_type="application/zip")
