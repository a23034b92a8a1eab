"""Visits that a booking system sends: JSON in, what became of each visit out. Its key stands in the Authorization header."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from pos.core.errors import Invalid, SignInNeeded
from pos.core.hashing import sha256_hex
from pos.core.messages.sales import BOOKING_KEY_UNKNOWN, VISITS_NOT_A_LIST
from pos.services.appointments.booking_systems import MOST_VISITS, take_visits
from pos.services.appointments.import_appointments import COLUMNS
from pos.web.common.json_body import Body
from pos.web.common.permissions import signed_by_sender
from pos.web.common.template_context import page_text
from pos.web.webhooks.stripe import bp

_MOST_TEXT = 400


def _key() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise SignInNeeded(BOOKING_KEY_UNKNOWN)
    return token.strip()[:200]


def _row(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise Invalid(VISITS_NOT_A_LIST(most=MOST_VISITS), field="visits")
    row = {name: given[name] for name in COLUMNS if given.get(name) is not None}
    if any(not isinstance(value, str) or len(value) > _MOST_TEXT for value in row.values()):
        raise Invalid(VISITS_NOT_A_LIST(most=MOST_VISITS), field="visits")
    return {name: value.strip() for name, value in row.items()}


@bp.post("/visits")
@signed_by_sender
def visits() -> Response | tuple[Response, int]:
    """Take visits in, all or none; 422 names each value that is wrong. Sent again, nothing changes."""
    token = _key()
    given = Body().values.get("visits")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_VISITS:
        raise Invalid(VISITS_NOT_A_LIST(most=MOST_VISITS), field="visits")
    found = take_visits(token=token, rows=[_row(one) for one in given], sha256=sha256_hex(request.get_data()))
    if found.errors:
        errors = [
            {"visit": error.number, "field": error.column, "detail": page_text(error.sentence)}
            for error in found.errors
        ]
        return jsonify({"errors": errors}), 422
    return jsonify({"visits": [{"reference": row.reference, "outcome": row.outcome} for row in found.rows]})
