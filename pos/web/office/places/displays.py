"""The screens that face the client: which desk has one, a code that pairs another, and its end."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.domain.displays.pairing import of_desk
from pos.domain.locations.queries import desk_place, desks
from pos.domain.staff.permissions import Permission
from pos.services.locations.displays import show_code, unpair_display
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_ids, own_places, requested_place


def _page(code: str = "", at: UUID | None = None) -> str:
    place, session = requested_place(), reading()
    return render_template(
        "office/places/displays.html",
        place=place,
        own_places=own_places(),
        rows=[(desk, of_desk(session, desk.id)) for desk in desks(session, place.id)],
        code=code,
        at=at,
        address=f"{settings().base_url}{url_for('register.display')}",
    )


@bp.get("/settings/displays")
@requires(Permission.MANAGE_BOOKS)
def displays() -> str:
    """The desks of a location and their displays."""
    return _page()


@bp.post("/settings/displays/<uuid:desk_id>/code")
@requires(Permission.MANAGE_BOOKS)
def display_code(desk_id: UUID) -> str:
    """Show a code that pairs a screen with a desk: once, and for ten minutes."""
    code = show_code(desk_id=desk_id, location_ids=own_ids(), staff_id=current_staff().person.id)
    return _page(code, desk_id)


@bp.post("/settings/displays/<uuid:desk_id>/unpair")
@requires(Permission.MANAGE_BOOKS)
def end_display(desk_id: UUID) -> AnyResponse:
    """End the pairing of a desk's display."""
    unpair_display(desk_id=desk_id, location_ids=own_ids(), staff_id=current_staff().person.id)
    slug = desk_place(reading(), desk_id).place.slug
    return redirect(url_for("office.displays", location=slug, done="unpaired"), 303)
