"""Z reports and closed days and months: the list, the paper, and closing what is over."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.messages.till import NO_SUCH_OPEN_SHIFT
from pos.domain.staff.permissions import Permission
from pos.domain.till.shifts import desk_of_open_shift
from pos.reports.books.period_closings import closings_list
from pos.reports.dashboard import newest_shifts
from pos.services.documents.renderer import html_page
from pos.services.documents.x_reports import x_document
from pos.services.till.close_period import close_periods
from pos.services.till.z_reports import z_list
from pos.web.common.pdf_responses import html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import (
    format_days,
    own_ids,
    own_places,
    requested_place,
    requested_scope,
)


def _page(error: PosError | None = None, status: int = 200) -> Response:
    question = requested_scope(days=31)
    shared = {"asked": question, "own_places": own_places(), "refused": error}
    if question.scope is None:
        return make_response(render_template("office/money/closings.html", **shared), 422)
    session, scope = reading(), question.scope
    page = render_template(
        "office/money/closings.html",
        **shared,
        days_words=format_days(scope),
        open_shifts=[
            drawn for place in scope.places for drawn in newest_shifts(session, place) if drawn.state == "open"
        ],
        z_rows=z_list(session, scope),
        closings=[(scope.place(row.location_id), row) for row in closings_list(session, scope)],
    )
    return make_response(page, status)


@bp.get("/money/closings")
@requires(Permission.SEE_REPORTS)
def closings() -> Response:
    """Z reports, closed days and months of some days."""
    return _page()


@bp.post("/money/closings")
@requires(Permission.MANAGE_BOOKS)
def create_closings() -> AnyResponse:
    """Close every day and month of a location that is over."""
    try:
        close_periods(requested_place().id, staff_id=current_staff().person.id)
    except PosError as error:
        return _page(error, error.status)
    return redirect(url_for("office.closings", location=request.args.get("location", "")), 303)


@bp.get("/money/x/<uuid:shift_id>.html")
@requires(Permission.SEE_REPORTS)
def x_page(shift_id: UUID) -> Response:
    """The X report of an open shift."""
    session = reading()
    desk = desk_of_open_shift(session, shift_id)
    if desk is None or desk.place.id not in own_ids():
        raise NotFound(NO_SUCH_OPEN_SHIFT)
    return html_answer(html_page(x_document(session, desk), "a4"))
