"""The visits that are expected at a location: a day of them, one, and a file of them from a booking system."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, PosError
from pos.core.hashing import sha256_hex
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, parse_id
from pos.core.messages.imports import FILE_NOT_THE_ONE_SEEN
from pos.domain.appointments.queries import Listed, appointment, appointments_between
from pos.domain.locations.queries import place as place_of
from pos.domain.staff.permissions import Permission
from pos.services.appointments.import_appointments import (
    COLUMNS,
    MOST_BYTES,
    NEEDED,
    AppointmentFile,
    import_appointments,
    read_appointments,
)
from pos.services.appointments.plan import add_appointment, change_appointment
from pos.web.common.packed_file import pack, sent_file
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.appointments.forms import AppointmentForm
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.request_args import own_ids, own_places, requested_day, requested_place

SHOWN_ROWS = 100


def state_words() -> dict[str, tuple[str, str]]:
    """What became of a visit, and how its chip looks."""
    return {
        "expected": (_("Expected"), ""),
        "arrived": (_("Arrived"), "accent"),
        "rung_up": (_("Rung up"), "good"),
        "missed": (_("Missed"), "warn"),
        "cancelled": (_("Cancelled"), ""),
    }


def _list_page(form: AppointmentForm | None = None, status: int = 200) -> Response:
    place, session = requested_place(), reading()
    text, day, error = requested_day(place)
    if form is None:
        form = AppointmentForm(appointment_id=str(new_id()), visit_on=(day or place.today()).isoformat())
        form.offer(session, place)
    rows = appointments_between(session, [place.id], day, day) if day else []
    page = render_template(
        "office/appointments/day.html",
        place=place,
        own_places=own_places(),
        on_text=text,
        day=day,
        error=error,
        rows=rows,
        states=state_words(),
        form=form,
    )
    return make_response(page, 422 if error and status == 200 else status)


@bp.get("/sales/visits")
@requires(Permission.SEE_CLIENTS)
@requires(Permission.SEE_REPORTS)
def appointments() -> Response:
    """The visits of a day at a location."""
    return _list_page()


@bp.post("/sales/visits")
@requires(Permission.MANAGE_CLIENTS)
def add_visit() -> AnyResponse:
    """Expect a visit."""
    place, session = requested_place(), reading()
    form = AppointmentForm(request.form)
    form.offer(session, place)
    if not form.validate():
        return _list_page(form, 422)
    try:
        visit = form.visit(session, place)
        add_appointment(
            appointment_id=parse_id(form.appointment_id.data, field="appointment_id"), location_id=place.id,
            visit=visit, source="office", staff_id=current_staff().person.id,
        )  # fmt: skip
    except PosError as error:
        add_error(form, error)
        return _list_page(form, error.status)
    return redirect(
        url_for("office.appointments", location=place.slug, on=visit.visit_on.isoformat(), done="added"), 303
    )


def _visit_page(found: Listed, form: AppointmentForm | None = None, status: int = 200) -> Response:
    session = reading()
    place = place_of(session, found.location_id)
    if form is None:
        form = AppointmentForm()
        form.of(found)
        form.offer(session, place)
    page = render_template("office/appointments/visit.html", found=found, place=place, form=form, states=state_words())
    return make_response(page, status)


@bp.get("/sales/visits/<uuid:appointment_id>")
@requires(Permission.SEE_CLIENTS)
@requires(Permission.SEE_REPORTS)
def visit(appointment_id: UUID) -> Response:
    """One visit: what is planned, and what became of it."""
    return _visit_page(appointment(reading(), appointment_id, own_ids()))


@bp.post("/sales/visits/<uuid:appointment_id>")
@requires(Permission.MANAGE_CLIENTS)
def change_visit(appointment_id: UUID) -> AnyResponse:
    """Change a visit that is not rung up."""
    session = reading()
    found = appointment(session, appointment_id, own_ids())
    place = place_of(session, found.location_id)
    form = AppointmentForm(request.form)
    form.offer(session, place)
    if not form.validate():
        return _visit_page(found, form, 422)
    try:
        planned = form.visit(session, place)
        change_appointment(
            appointment_id=appointment_id, location_ids=own_ids(), visit=planned, state=form.state.data or "",
            staff_id=current_staff().person.id,
        )  # fmt: skip
    except PosError as error:
        add_error(form, error)
        return _visit_page(found, form, error.status)
    return redirect(
        url_for("office.appointments", location=place.slug, on=planned.visit_on.isoformat(), done="saved"), 303
    )


def _file_page(
    error: PosError | None = None, found: AppointmentFile | None = None, *, packed: str = "", name: str = ""
) -> Response:
    page = render_template(
        "office/appointments/file.html",
        place=requested_place(),
        own_places=own_places(),
        found=found,
        error=error,
        packed=packed,
        name=name,
        columns=COLUMNS,
        needed=NEEDED,
        shown_rows=SHOWN_ROWS,
    )
    wrong = found is not None and (found.errors or not found.rows)
    return make_response(page, error.status if error else 422 if wrong else 200)


@bp.get("/sales/visits/file")
@requires(Permission.MANAGE_CLIENTS)
def visits_file() -> Response:
    """How a file of visits looks, and where to choose one."""
    return _file_page()


@bp.post("/sales/visits/file", defaults={"action": "look"})
@bp.post("/sales/visits/file/confirm", defaults={"action": "confirm"})
@requires(Permission.MANAGE_CLIENTS)
def bring_visits_in(action: str) -> AnyResponse:
    """Say what a file would bring in, or bring in the one that was looked at."""
    place = requested_place()
    try:
        content, sent_name = sent_file(MOST_BYTES)
        packed, name = pack(content), printable(sent_name, 200) or "visits.csv"
        if action == "look":
            return _file_page(found=read_appointments(reading(), place, content), packed=packed, name=name)
        if sha256_hex(content) != request.form.get("sha256", ""):
            raise Conflict(FILE_NOT_THE_ONE_SEEN)
        done = import_appointments(location_id=place.id, content=content, staff_id=current_staff().person.id)
    except PosError as error:
        return _file_page(error)
    first = min(row.visit.visit_on for row in done.rows).isoformat()
    return redirect(url_for("office.appointments", location=place.slug, on=first, done="imported"), 303)
