"""Who the client on a ticket is: what they have, usually have and had last, and what the desk should know of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from pos.core.database.base import reading
from pos.domain.clients.habits import Visit, habits
from pos.domain.clients.queries import client as client_of
from pos.domain.staff.permissions import Permission
from pos.reports.clients.visits import visits_of
from pos.web.common.permissions import requires
from pos.web.register.api.serializers import client_json
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk


def visit_json(visit: Visit) -> dict[str, Any]:
    """One treatment that a client had."""
    return {"on": visit.on.isoformat(), "name": visit.name, "therapist": visit.therapist or None}


@bp.get("/api/clients/<uuid:client_id>")
@requires(Permission.SEE_CLIENTS)
def get_client(client_id: UUID) -> Response:
    """A client with the packages that can be used today, their habits and last visit, and what the desk should know."""
    session, place = reading(), current_desk().place
    client = client_of(session, client_id)
    visits = visits_of(session, client.id)
    usual = habits(visits, place.today())
    known = {
        "note": client.note,
        "has_allergy": client.has_allergy,
        "allergy": client.allergy,
        "usual_item_id": str(usual.item_id) if usual.item_id else None,
        "usual_therapist_id": str(usual.therapist_id) if usual.therapist_id else None,
        "last_visit": visit_json(visits[0]) if visits else None,
    }
    return jsonify(client_json(session, place, client) | known)
