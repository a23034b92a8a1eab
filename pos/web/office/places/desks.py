"""Desks of a location with their drawers and card readers: added, named, retired, brought back."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.ids import new_id, parse_id
from pos.domain.locations.printers import all_printers
from pos.domain.locations.queries import all_desks
from pos.domain.payments.repository import readers_at
from pos.domain.staff.permissions import Permission
from pos.domain.till.shifts import open_desks
from pos.services.locations.desks import PAPERS, add_desk, bring_back_desk, change_desk, retire_desk
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


def _page(error: PosError | None = None, at: str = "") -> Response:
    session, place = reading(), requested_place()
    page = render_template(
        "office/places/desks.html",
        place=place,
        own_places=own_places(),
        desks=all_desks(session, place.id),
        readers={reader.desk_id: reader.label for reader, _ in readers_at(session, place.id)},
        printers=all_printers(session, place.id),
        open_desks=open_desks(session, place.id),
        key=str(new_id()),
        error=error,
        at=at,
        typed=request.form if error else {},
    )
    return make_response(page, error.status if error else 200)


def _done(action: str) -> AnyResponse:
    return redirect(url_for("office.desks", location=requested_place().slug, done=action), 303)


@bp.get("/settings/desks")
@requires(Permission.MANAGE_BOOKS)
def desks() -> Response:
    """The desks of a location."""
    return _page()


@bp.post("/settings/desks")
@requires(Permission.MANAGE_BOOKS)
def new_desk() -> AnyResponse:
    """Add a desk."""
    form = request.form
    try:
        add_desk(
            desk_id=parse_id(form.get("key"), field="key"),
            location_id=requested_place().id,
            name=form.get("name", "")[:200],
            paper=form.get("paper", PAPERS[0]),
            person=current_staff().person,
        )
    except (Invalid, Conflict) as error:
        return _page(error, "new")
    return _done("added")


@bp.post("/settings/desks/<uuid:desk_id>/<any(change, retire, restore):action>")
@requires(Permission.MANAGE_BOOKS)
def act_on_desk(desk_id: UUID, action: str) -> AnyResponse:
    """Give a desk another name or paper, retire it or bring it back."""
    person = current_staff().person
    try:
        if action == "change":
            form = request.form
            change_desk(
                desk_id=desk_id, name=form.get("name", "")[:200], paper=form.get("paper", ""), person=person,
                printer_id=parse_id(form["printer"], field="printer") if form.get("printer") else None,
                scanner_prefix=form.get("scanner_prefix", "")[:80], scanner_suffix=form.get("scanner_suffix", "")[:80],
            )  # fmt: skip
        elif action == "retire":
            retire_desk(desk_id=desk_id, person=person)
        else:
            bring_back_desk(desk_id=desk_id, person=person)
    except (Invalid, Conflict) as error:
        return _page(error, str(desk_id))
    return _done(action)
