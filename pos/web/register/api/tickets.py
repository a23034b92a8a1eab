"""The register's JSON interface: tickets opened, changed, parked and dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, jsonify

from pos.core.database.base import reading
from pos.core.errors import Conflict
from pos.core.messages.sales import (
    AGREED_PRICE_NEEDS_PERMISSION,
    DISCOUNT_NEEDS_PERMISSION,
    EXEMPTION_NEEDS_PERMISSION,
    TICKET_NOT_PARKED,
)
from pos.domain.clients import queries as clients
from pos.domain.locations.queries import DeskPlace, Place
from pos.domain.offline_sales.queries import problems_of
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_json import cart_from_json
from pos.domain.sales.carts import EMPTY, CartRequest, cart_request_from_json, ticket_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.services.checkout import cart
from pos.services.checkout.price_cart import PricedCart
from pos.services.checkout.stored_value_tenders import charged
from pos.services.payments.payment_state import payment_state
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_text
from pos.web.register.api.serializers import ticket_json
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk, current_desk_id

if TYPE_CHECKING:
    from pos.domain.sales.models import Order, Ticket


def as_charged(ticket: Ticket, order: Order) -> cart.TicketState:
    """A ticket that is being paid, at the prices its order froze: its credits are held and would not be offered again."""
    applied = charged(reading(), order)
    priced = PricedCart(cart_from_json(order.cart), order.tip_minor, order.tip_staff_id, (), {}, applied)
    wanted = cart_request_from_json(ticket.content)
    return cart.TicketState(
        ticket.id, ticket.desk_id, ticket.client_id, ticket.state, ticket.version, ticket.note, wanted, priced
    )


def ticket_view(ticket_id: UUID, desk: DeskPlace) -> dict[str, Any]:
    """A ticket of this location as JSON, with the card payment it waits for; raises NotFound, and what pricing raises."""
    session = reading()
    row = ticket_of(session, ticket_id, desk.place.id)
    order = sales.placed_order(session, ticket_id)
    if order is None:
        return ticket_json(session, desk.place, cart.view_ticket(session, desk.place, ticket_id))
    return ticket_json(session, desk.place, as_charged(row, order), payment_state(session, order.id))


def ticket_answer(state: cart.TicketState, place: Place) -> Response:
    """A ticket that was just changed as the answer."""
    return jsonify(ticket_json(reading(), place, state))


def require_may(person: Person, wanted: CartRequest) -> None:
    """Raise Conflict for a discount, an agreed price or an exemption by somebody who may give none."""
    if (wanted.discount or any(line.discount for line in wanted.lines)) and not person.may(Permission.DISCOUNT):
        raise Conflict(DISCOUNT_NEEDS_PERMISSION, field="discount")
    if any(line.price for line in wanted.lines) and not person.may(Permission.DISCOUNT):
        raise Conflict(AGREED_PRICE_NEEDS_PERMISSION, field="discount")
    if any(line.exemption for line in wanted.lines) and not person.may(Permission.EXEMPT_TAX):
        raise Conflict(EXEMPTION_NEEDS_PERMISSION, field="exemption")


def parked_json(desk: DeskPlace) -> list[dict[str, Any]]:
    """The parked tickets of a desk's location."""
    session = reading()
    rows = cart.parked(session, desk.place.id)
    problems = problems_of(session, [row.id for row in rows])
    return [
        {
            "ticket_id": str(row.id),
            "note": row.note,
            "client": clients.client(session, row.client_id).name if row.client_id else None,
            "lines": len(row.content["lines"]),
            "parked_at": row.changed_at.isoformat(),
            "problem": page_text(problems[row.id]) if row.id in problems else None,
        }
        for row in rows
    ]


@bp.post("/api/tickets")
@requires(Permission.RING_UP)
def create_ticket() -> tuple[Response, int]:
    """Start a cart under the key the desk minted, with what it holds where the body has `lines`."""
    desk, body = current_desk(), Body()
    person = current_staff().person
    wanted = cart_request_from_json(body.values) if "lines" in body.values else EMPTY
    require_may(person, wanted)
    state = cart.open_ticket(
        ticket_id=body.id("ticket_id"),
        desk_id=desk.id,
        staff_id=person.id,
        client_id=body.id_or_none("client_id"),
        wanted=wanted,
        actor=person,
        approval_id=body.id_or_none("approval_id"),
    )
    return ticket_answer(state, desk.place), 201


def _state_of(ticket_id: UUID, desk: DeskPlace) -> str:
    return ticket_of(reading(), ticket_id, desk.place.id).state


@bp.get("/api/tickets/<uuid:ticket_id>")
@requires(Permission.RING_UP)
def get_ticket(ticket_id: UUID) -> Response:
    """A cart of this location."""
    desk = current_desk()
    return jsonify(ticket_view(ticket_id, desk))


@bp.put("/api/tickets/<uuid:ticket_id>")
@requires(Permission.RING_UP)
def put_ticket(ticket_id: UUID) -> Response:
    """Replace what an open cart holds: client, lines, discount, tip. Prices in the body are not looked at."""
    body = Body()
    wanted = cart_request_from_json(body.values)
    person = current_staff().person
    require_may(person, wanted)
    state = cart.change_ticket(
        ticket_id=ticket_id,
        desk_id=current_desk_id(),
        staff_id=person.id,
        client_id=body.id_or_none("client_id"),
        wanted=wanted,
        version=body.integer_or_none("version"),
        actor=person,
        approval_id=body.id_or_none("approval_id"),
    )
    assert state.place is not None
    return ticket_answer(state, state.place)


@bp.post("/api/tickets/<uuid:ticket_id>/park")
@requires(Permission.RING_UP)
def park(ticket_id: UUID) -> Response:
    """Put a cart aside; asking again changes nothing."""
    desk, body = current_desk(), Body()
    if _state_of(ticket_id, desk) != "parked":
        cart.park_ticket(ticket_id=ticket_id, desk_id=desk.id, note=body.text("note"))
    return jsonify({"parked": parked_json(desk)})


@bp.post("/api/tickets/<uuid:ticket_id>/take-up")
@requires(Permission.RING_UP)
def take_up(ticket_id: UUID) -> Response:
    """Take a parked cart up here; asking again gives the same cart."""
    desk = current_desk()
    row = ticket_of(reading(), ticket_id, desk.place.id)
    if row.state == "open" and row.desk_id == desk.id:
        return jsonify(ticket_view(ticket_id, desk))
    if row.state != "parked":
        raise Conflict(TICKET_NOT_PARKED)
    return ticket_answer(cart.take_up_ticket(ticket_id=ticket_id, desk_id=desk.id), desk.place)


@bp.post("/api/tickets/<uuid:ticket_id>/drop")
@requires(Permission.RING_UP)
def drop(ticket_id: UUID) -> Response:
    """Throw an unpaid cart away; asking again changes nothing."""
    desk = current_desk()
    if _state_of(ticket_id, desk) != "dropped":
        cart.drop_ticket(ticket_id=ticket_id, desk_id=desk.id, person=current_staff().person)
    return jsonify({"dropped": str(ticket_id)})
