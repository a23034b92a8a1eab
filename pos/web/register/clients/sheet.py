"""The sheet of a client at the desk: visits, receipts, gift cards, contact; and who may be the one being typed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.messages.people import CLIENT_NAME_MISSING
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.records import alike, facts_of, typed_so_far
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value.queries import cards_bought_by
from pos.reports.clients.visits import visits_of
from pos.reports.desk.found_sales import sales_of
from pos.services.client_records.edit_contact import CONTACT_FIELDS, Contact, edit_contact, may_change
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.register.blueprint import bp
from pos.web.register.clients.who import visit_json
from pos.web.register.current_desk import current_desk
from pos.web.register.recent_sales import sale_row_json

# What the sheet lists of each; the office has the rest.
MOST_LISTED = 8


def _sheet(client_id: UUID) -> dict[str, Any]:
    session, place = reading(), current_desk().place
    client = client_of(session, client_id)
    facts, today = facts_of(client), place.today()
    return {
        "client_id": str(client.id),
        "visits": [visit_json(one) for one in visits_of(session, client.id, limit=MOST_LISTED)],
        "sales": [sale_row_json(one) for one in sales_of(session, place, client.id, limit=MOST_LISTED)],
        "today": today.isoformat(),
        "cards": [
            {
                "card_id": str(card.card_id),
                "last4": card.last4,
                "balance_minor": card.balance_minor,
                "expires_on": card.expires_on.isoformat() if card.expires_on else None,
                "to_name": card.to_name or None,
            }
            for card in cards_bought_by(session, client.id, place.id, today)
        ],
        "contact": {name: getattr(facts, name) or "" for name in CONTACT_FIELDS},
        "may_change": list(may_change(current_staff().person, facts)) if client.erased_at is None else [],
        "seen": facts.state_token,
    }


@bp.get("/api/clients/<uuid:client_id>/sheet")
@requires(Permission.SEE_CLIENTS)
def get_client_sheet(client_id: UUID) -> Response:
    """Last visits, receipts of this location, gift cards bought, and what may be changed of how the client is reached."""
    return jsonify(_sheet(client_id))


@bp.put("/api/clients/<uuid:client_id>/contact")
@requires(Permission.RING_UP)
def put_contact(client_id: UUID) -> Response:
    """Change how a client is reached; a field that the person may not change is refused by its name."""
    desk, body, person = current_desk(), Body(), current_staff().person
    contact = Contact(
        body.text("given_name", most=80),
        body.text("family_name", most=80),
        body.text("phone", most=40),
        body.text("email", most=320),
    )
    kept_id = edit_contact(
        client_id=client_id,
        contact=contact,
        seen=body.text("seen", most=40),
        person=person,
        country=desk.place.country,
        location_id=desk.place.id,
    )
    return jsonify(_sheet(kept_id) | {"name": client_of(reading(), kept_id).name})


@bp.post("/api/clients/alike")
@requires(Permission.RING_UP)
def find_alike() -> Response:
    """Who has the number, address or name of a form being filled in; in a body, because what stands in a URL is logged."""
    body = Body()
    if not body.values.keys() & set(CONTACT_FIELDS):
        raise Invalid(CLIENT_NAME_MISSING, field="given_name")
    typed = typed_so_far(
        body.text("given_name", most=80),
        body.text("family_name", most=80),
        body.text("email", most=320),
        body.text("phone", most=40),
        current_desk().place.country,
    )
    found = alike(reading(), typed) if typed else []
    return jsonify({"clients": [asdict(one) | {"client_id": str(one.client_id)} for one in found]})
