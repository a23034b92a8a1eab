"""The register's JSON interface: the visits that are expected today, planned, changed and rung up."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from pos.core.database.base import reading
from pos.domain.appointments.queries import TO_COME, Listed, appointments_between
from pos.domain.staff.permissions import Permission
from pos.reports.desk.found_sales import find_sales
from pos.reports.period import parse_day
from pos.services.appointments.plan import PlannedVisit, add_appointment, change_appointment, time_of
from pos.services.appointments.ring_up import ring_up_appointment
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.register.api.tickets import ticket_answer
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk, current_desk_id
from pos.web.register.recent_sales import sale_row_json

LAST_SALES = 6


def _json(one: Listed) -> dict[str, Any]:
    return {
        "appointment_id": str(one.id),
        "on": one.visit_on.isoformat(),
        "at": one.starts_at.isoformat("minutes"),
        "client_id": str(one.client_id) if one.client_id else None,
        "client": one.client,
        "item_id": str(one.item_id),
        "item": one.item,
        "therapist_id": str(one.therapist_id) if one.therapist_id else None,
        "therapist": one.therapist or None,
        "note": one.note,
        "state": one.state,
        "sale_id": str(one.sale_id) if one.sale_id else None,
        "receipt": one.receipt or None,
        "ticket_state": one.ticket_state or None,
    }


def _answer(day: date) -> Response:
    desk, session = current_desk(), reading()
    found = appointments_between(session, [desk.place.id], day, day)
    sales = [] if found else find_sales(session, desk.place, "", desk_id=desk.id)[:LAST_SALES]
    return jsonify(
        {
            "today": desk.place.today().isoformat(),
            "on": day.isoformat(),
            "visits": [_json(one) for one in found],
            "to_come": sum(one.state in TO_COME for one in found),
            "sales": [sale_row_json(one) for one in sales],
        }
    )


@bp.get("/api/appointments")
@requires(Permission.RING_UP)
def list_appointments() -> Response:
    """The visits of today, or of a day (`on`), at this location; where there are none, the last sales at this desk."""
    text = request.args.get("on", "")[:40]
    return _answer(parse_day(text, field="on") if text else current_desk().place.today())


def _visit(body: Body) -> PlannedVisit:
    return PlannedVisit(
        parse_day(body.text("visit_on", most=40), field="visit_on"),
        time_of(body.text("starts_at", most=10)),
        body.id("item_id"),
        body.id_or_none("client_id"),
        body.text("client_name"),
        body.id_or_none("therapist_id"),
        body.text("note", most=400),
    )


@bp.post("/api/appointments")
@requires(Permission.RING_UP)
def plan_appointment() -> tuple[Response, int]:
    """Expect a visit, under a key the desk minted."""
    desk, body = current_desk(), Body()
    visit = _visit(body)
    add_appointment(
        appointment_id=body.id("appointment_id"), location_id=desk.place.id, visit=visit, source="desk",
        staff_id=current_staff().person.id,
    )  # fmt: skip
    return _answer(visit.visit_on), 201


@bp.put("/api/appointments/<uuid:appointment_id>")
@requires(Permission.RING_UP)
def replan_appointment(appointment_id: UUID) -> Response:
    """Change a visit that is not rung up: what is planned, and whether it is expected, arrived, missed or cancelled."""
    desk, body = current_desk(), Body()
    visit = _visit(body)
    change_appointment(
        appointment_id=appointment_id, location_ids={desk.place.id}, visit=visit, state=body.text("state", most=20),
        staff_id=current_staff().person.id,
    )  # fmt: skip
    return _answer(visit.visit_on)


@bp.post("/api/appointments/<uuid:appointment_id>/ring-up")
@requires(Permission.RING_UP)
def ring_up_visit(appointment_id: UUID) -> tuple[Response, int]:
    """Open a ticket with client, treatment and therapist, under a key the desk minted."""
    body = Body()
    state = ring_up_appointment(
        appointment_id=appointment_id, ticket_id=body.id("ticket_id"), desk_id=current_desk_id(),
        staff_id=current_staff().person.id,
    )  # fmt: skip
    assert state.place is not None
    return ticket_answer(state, state.place), 201
