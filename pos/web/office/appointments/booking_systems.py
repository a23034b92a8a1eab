"""Booking systems that send visits by themselves: their keys are made, shown once, and ended."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.staff.permissions import Permission
from pos.services.appointments.booking_systems import (
    MOST_NAME,
    add_booking_system,
    booking_systems,
    end_booking_system,
)
from pos.services.appointments.import_appointments import COLUMNS, NEEDED
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_ids, own_places, requested_place

_SAMPLE = """{"visits": [{
  "reference": "A-1001", "state": "booked",
  "date": "2027-05-12", "time": "09:30",
  "client": "Maria Lopes", "email": "maria@example.com",
  "service": "Foot massage, 30 min"
}]}"""


def _page(error: PosError | None = None, key: str = "", name: str = "") -> Response:
    place = requested_place()
    page = render_template(
        "office/appointments/booking_systems.html",
        place=place,
        own_places=own_places(),
        rows=booking_systems(reading(), [place.id]),
        key=key,
        name=name,
        most_name=MOST_NAME,
        error=error,
        address=f"{settings().base_url}{url_for('hooks.visits')}",
        sample=_SAMPLE,
        columns=COLUMNS,
        needed=(*NEEDED, "reference"),
    )
    return make_response(page, error.status if error else 200)


@bp.get("/sales/visits/systems")
@requires(Permission.MANAGE_BOOKS)
def visit_systems() -> Response:
    """The booking systems that send visits to a location, and how they do it."""
    return _page()


@bp.post("/sales/visits/systems")
@requires(Permission.MANAGE_BOOKS)
def new_visit_system() -> Response:
    """Make a key for a booking system; the answer alone shows it."""
    place, name = requested_place(), request.form.get("name", "")[:200]
    try:
        key = add_booking_system(location_id=place.id, name=name, staff_id=current_staff().person.id)
    except PosError as error:
        return _page(error, name=name)
    answer = _page(key=key, name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/sales/visits/systems/<uuid:system_id>/end")
@requires(Permission.MANAGE_BOOKS)
def end_visit_system(system_id: UUID) -> AnyResponse:
    """End the key of a booking system."""
    end_booking_system(system_id=system_id, own=own_ids(), staff_id=current_staff().person.id)
    return redirect(url_for("office.visit_systems", location=requested_place().slug), 303)
