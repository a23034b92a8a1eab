"""The register's gift cards: looked up by code, paid out, and the paper of those just sold."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.messages.stored_value import NO_CARD_OR_CODE_OF_THAT_NAME
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value import queries
from pos.services.stored_value.gift_cards import cash_out, look_up
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.register.api.gift_card_serializers import card_json, sold_json
from pos.web.register.api.sales import own_sale
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk, current_desk_id


@bp.post("/api/gift-cards/look-up")
@requires(Permission.RING_UP)
def look_up_card() -> Response:
    """The card of a code; raises Invalid for text that cannot be one, NotFound, and Locked after five that were wrong."""
    desk = current_desk()
    card = look_up(Body().text("code", most=80), door=str(desk.id))
    if card is None:
        raise Invalid(NO_CARD_OR_CODE_OF_THAT_NAME, field="code")
    return jsonify(card_json(card, desk))


@bp.get("/api/sales/<uuid:sale_id>/gift-cards")
@requires(Permission.RING_UP)
def sold_cards(sale_id: UUID) -> Response:
    """The cards a sale of today brought into the world, with their codes."""
    sale, today = own_sale(sale_id), current_desk().place.today()
    found = queries.cards_of_sale(reading(), sale.id, today)
    return jsonify({"gift_cards": [sold_json(card) for card in found if card.issued_on == today]})


@bp.post("/api/gift-cards/<uuid:card_id>/cash-out")
@requires(Permission.RING_UP)
def pay_out(card_id: UUID) -> Response:
    """Pay what is left on a card out of the drawer, where the location's terms allow it. `action_id` guards the retry."""
    body = Body()
    done = cash_out(
        card_id=card_id,
        action_id=body.id("action_id"),
        desk_id=current_desk_id(),
        staff_id=current_staff().person.id,
        approval_id=body.id_or_none("approval_id"),
    )
    cash = current_desk().place.cash.rounded(done.amount_minor)
    return jsonify({"amount_minor": done.amount_minor, "cash_minor": cash, "currency": done.currency})
