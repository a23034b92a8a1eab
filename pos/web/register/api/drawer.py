"""The register's JSON interface: the drawer, from its counted opening to its blind close."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.messages.till import COUNTS_MALFORMED
from pos.domain.locations.queries import DeskPlace
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names, therapists
from pos.domain.till.rules import KINDS, denominations
from pos.domain.till.shifts import MovementRequest, current_shift, drawer_at, left_in, movements_of
from pos.domain.tips import repository as tips
from pos.services.till.cash_movements import record_movement
from pos.services.till.shifts import close_shift, open_shift
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_text
from pos.web.register.api.desk import shift_json
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


def _counts(body: Body) -> dict[str, int] | None:
    """How many of each coin and note, or nothing where only a sum was written."""
    found = body.values.get("counts")
    if found is None or found == {}:
        return None
    if not isinstance(found, dict):
        raise Invalid(COUNTS_MALFORMED, field="counts")
    return found


def _movements(session: Session, desk: DeskPlace) -> list[dict[str, Any]]:
    shift = current_shift(session, desk.id)
    if shift is None:
        return []
    return [
        {
            "kind": row.kind,
            "words": page_text(KINDS[row.kind].words),
            "amount_minor": KINDS[row.kind].direction * row.amount_minor,
            "reason": row.reason,
            "at": row.at.isoformat(),
        }
        for row in movements_of(session, shift.id)
    ]


def _tips(session: Session, desk: DeskPlace) -> list[dict[str, Any]]:
    """What each therapist here is owed of tips, and whoever else has something to get."""
    owed, known = tips.owed(session, desk.place.id), names(session)
    here_now = [(staff_id, name) for staff_id, name, _ in therapists(session, desk.place.id)]
    others = sorted((known[one], one) for one in owed.keys() - {one for one, _ in here_now} if owed[one] > 0)
    return [
        {"staff_id": str(one), "name": name, "owed_minor": max(0, owed.get(one, 0))}
        for one, name in [*here_now, *((one, name) for name, one in others)]
    ]


@bp.get("/api/shift")
@requires(Permission.RUN_DRAWER)
def get_shift() -> Response:
    """What a person who runs the drawer needs: the coins to count, what was left in it, what moved, whose tips are owed."""
    desk, session = current_desk(), reading()
    drawer_id = drawer_at(session, desk.id)
    return jsonify(
        {
            "shift": shift_json(desk),
            "denominations": list(denominations(desk.place.currency)),
            "left_minor": left_in(session, drawer_id) if drawer_id else 0,
            "movements": _movements(session, desk),
            "tips": _tips(session, desk),
        }
    )


@bp.post("/api/shift")
@requires(Permission.RUN_DRAWER)
def create_shift() -> tuple[Response, int]:
    """Open the drawer with its counted float."""
    desk, body = current_desk(), Body()
    open_shift(
        desk_id=desk.id,
        staff_id=current_staff().person.id,
        float_minor=body.integer_or_none("float_minor"),
        counts=_counts(body),
        note=body.text("note"),
        confirmed_minor=body.integer_or_none("confirmed_minor"),
    )
    return jsonify({"shift": shift_json(desk)}), 201


@bp.post("/api/shift/movements")
@requires(Permission.RUN_DRAWER)
def create_movement() -> tuple[Response, int]:
    """Record cash that moves without a sale, under the key the desk minted."""
    desk, body = current_desk(), Body()
    wanted = MovementRequest(
        body.id("movement_id"),
        body.text("kind", most=16),
        body.integer_or_none("amount_minor") or 0,
        body.text("reason"),
        body.id_or_none("recipient_id"),
    )
    done = record_movement(
        desk_id=desk.id,
        staff_id=current_staff().person.id,
        wanted=wanted,
        approval_id=body.id_or_none("approval_id"),
        confirmed_minor=body.integer_or_none("confirmed_minor"),
    )
    return jsonify({"movement_id": str(done.movement_id), "movements": _movements(reading(), desk)}), 201


@bp.post("/api/shift/close")
@requires(Permission.RUN_DRAWER)
def end_shift() -> Response:
    """Close the drawer by a blind count; the answer says what was expected, and where the Z report is."""
    body = Body()
    done = close_shift(
        desk_id=current_desk().id,
        staff_id=current_staff().person.id,
        counted_minor=body.integer_or_none("counted_minor"),
        counts=_counts(body),
        left_minor=body.integer_or_none("left_minor") or 0,
        note=body.text("note"),
        approval_id=body.id_or_none("approval_id"),
        confirmed_minor=body.integer_or_none("confirmed_minor"),
    )
    base = f"/register/z/{done.z_id}"
    return jsonify(
        {
            "expected_minor": done.expected_minor,
            "counted_minor": done.counted_minor,
            "over_short_minor": done.over_short_minor,
            "left_minor": done.left_minor,
            "z_number": done.z_number,
            "z_pdf": f"{base}.pdf",
            "z_html": f"{base}.html",
        }
    )
