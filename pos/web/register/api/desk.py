"""The register's JSON face: state of the desk, search, tickets, clients, the drawer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, jsonify, request

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import Conflict, PosError
from pos.core.i18n.name_folding import found_in, search_words, searchable
from pos.core.messages.people import SIGN_IN_AT_A_DESK
from pos.core.messages.sales import (
    DISCOUNT_NEEDS_PERMISSION,
    EXEMPTION_NEEDS_PERMISSION,
    TICKET_NOT_PARKED,
)
from pos.domain.catalogue.barcodes import same_code
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.catalogue.queries import menu
from pos.domain.clients import queries as clients
from pos.domain.credits.queries import left_by_client
from pos.domain.locations.queries import DeskPlace, Place, desk_place, tier_names
from pos.domain.payments import repository as payments
from pos.domain.receipts.repository import found_by_label
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_json import cart_from_json
from pos.domain.sales.carts import CartRequest, cart_request_from_json, ticket_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person, therapists
from pos.domain.till.shifts import current_shift
from pos.services.checkout import cart
from pos.services.checkout.price_cart import PricedCart
from pos.services.checkout.stored_value_tenders import charged
from pos.services.clients import register_client
from pos.services.integrity.stops import active_stops
from pos.services.payments.payment_state import payment_state
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_text
from pos.web.register.api.gift_card_serializers import found_cards
from pos.web.register.api.serializers import (
    client_json,
    left_json,
    menu_json,
    place_json,
    sale_links,
    ticket_json,
)
from pos.web.register.blueprint import bp

if TYPE_CHECKING:
    from pos.domain.sales.models import Order, Ticket


def desk_id_here() -> UUID:
    """The key of the desk this person is signed in at; raises Conflict."""
    desk_id = current_staff().desk_id
    if desk_id is None:
        raise Conflict(SIGN_IN_AT_A_DESK)
    return desk_id


def here() -> DeskPlace:
    """The desk this person is signed in at, and its location."""
    return desk_place(reading(), desk_id_here())


def as_charged(ticket: Ticket, order: Order) -> cart.TicketState:
    """A ticket that is being paid, at the prices its order froze: its credits are held and would not be offered again."""
    chosen = charged(reading(), order)
    priced = PricedCart(cart_from_json(order.cart), order.tip_minor, order.tip_staff_id, (), {}, {}, chosen)
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


def shift_json(desk: DeskPlace) -> dict[str, Any] | None:
    """The open shift of a desk; nothing of what should be in its drawer."""
    shift = current_shift(reading(), desk.id)
    if shift is None:
        return None
    return {"shift_id": str(shift.id), "opened_at": shift.opened_at.isoformat(), "float_minor": shift.float_minor}


@bp.get("/api/state")
@requires(Permission.RING_UP)
def get_state() -> Response:
    """All that a desk needs to draw itself, the ticket it was working on included: a reload loses nothing."""
    desk, person, session = here(), current_staff().person, reading()
    ticket, stuck = _current(desk)
    has_reader = payments.has_reader(session, desk.id)
    return jsonify(
        {
            "desk": {"desk_id": str(desk.id), "name": desk.name},
            "place": place_json(desk.place),
            "person": {"staff_id": str(person.id), "name": person.name, "role": person.role.value},
            "permissions": sorted(p.value for p in Permission if person.may(p)),
            "shift": shift_json(desk),
            "menu": menu_json(menu(session, desk.place, desk.place.today())),
            "therapists": _therapists(desk),
            "gift_card_item": str(GIFT_CARD_ITEM),
            "card": {
                "on": settings().payments.on,
                "reader": settings().payments.on and has_reader,
                "tips": desk.place.reader_tips,
                "mode": settings().payments.mode,
            },
            "parked": _parked(desk),
            "ticket": ticket,
            "stuck": stuck,
            "stopped": bool(active_stops(session, (desk.place.id,))),
        }
    )


def _therapists(desk: DeskPlace) -> list[dict[str, Any]]:
    """Who treats here, with the name of their tier where it is not the standard one."""
    named = tier_names(reading())
    return [
        {"staff_id": str(staff_id), "name": name, "tier": named.get(tier) if tier else None}
        for staff_id, name, tier in therapists(reading(), desk.place.id)
    ]


def _current(desk: DeskPlace) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The cart a desk was working on; or, where it cannot be priced any more, what it asked for and why not."""
    session = reading()
    current = cart.current_ticket(session, desk.id)
    if current is None:
        return None, None
    try:
        return ticket_view(current, desk), None
    except PosError as error:
        row = ticket_of(session, current, desk.place.id)
        client_id = str(row.client_id) if row.client_id else None
        found = {"ticket_id": str(current), "version": row.version, "client_id": client_id, "content": row.content}
        return None, found | {"sentence": page_text(error.sentence)}


def _parked(desk: DeskPlace) -> list[dict[str, Any]]:
    session = reading()
    rows = cart.parked(session, desk.place.id)
    return [
        {
            "ticket_id": str(row.id),
            "note": row.note,
            "client": clients.client(session, row.client_id).name if row.client_id else None,
            "lines": len(row.content["lines"]),
            "parked_at": row.changed_at.isoformat(),
        }
        for row in rows
    ]


@bp.get("/api/search")
@requires(Permission.SEE_CLIENTS)
def search() -> Response:
    """One box for everything: clients by part of a name or phone, items by name, key or barcode, receipts by number.

    With `scan` a scanner typed it: only what has exactly this code is found, never a client.
    """
    desk, session = here(), reading()
    text = request.args.get("q", "")[:80].strip()
    if not text:
        return jsonify({"clients": [], "items": [], "receipts": []})
    cards, sentence = found_cards(text, desk)
    scanned = "scan" in request.args
    found = [] if scanned else clients.search(session, text)
    on_sale = menu(session, desk.place, desk.place.today()).all()
    left = left_by_client(session, [c.id for c in found], desk.place.id, desk.place.today())
    words = [] if scanned else search_words(text)
    by_code = {item.item_id for item in on_sale if item.code and same_code(item.code, text)}
    items = [item for item in on_sale if item.item_id in by_code or found_in(words, searchable(item.name))]
    receipts = found_by_label(session, desk.place.id, text, whole=scanned, limit=4)
    return jsonify(
        {
            "clients": [
                {
                    "client_id": str(c.id),
                    "name": c.name,
                    "email": c.email,
                    "phone": c.phone,
                    **left_json(left.get(c.id)),
                }
                for c in found
            ],
            "items": [
                {
                    "item_id": str(i.item_id),
                    "kind": i.kind,
                    "name": i.name,
                    "price_minor": i.price_minor,
                    "by_code": i.item_id in by_code,
                }
                for i in items[:6]
            ],
            "receipts": [sale_links(sale_id, label) for sale_id, label in receipts] if len(text) >= 3 else [],
            "gift_cards": cards,
            "sentence": sentence,
            "scanned": scanned,
        }
    )


@bp.post("/api/clients")
@requires(Permission.RING_UP)
def create_client() -> tuple[Response, int]:
    """Add a client."""
    desk, body = here(), Body()
    client_id = register_client(
        client_id=body.id("client_id"),
        given_name=body.text("given_name", most=80),
        family_name=body.text("family_name", most=80),
        email=body.text("email", most=320) or None,
        phone=body.text("phone", most=40) or None,
        country=desk.place.country,
        locale=desk.place.locale,
        staff_id=current_staff().person.id,
        location_id=desk.place.id,
    )
    session = reading()
    return jsonify(client_json(session, desk.place, clients.client(session, client_id))), 201


@bp.post("/api/tickets")
@requires(Permission.RING_UP)
def create_ticket() -> tuple[Response, int]:
    """Start a cart under the key the desk minted."""
    desk, body = here(), Body()
    state = cart.open_ticket(
        ticket_id=body.id("ticket_id"),
        desk_id=desk.id,
        staff_id=current_staff().person.id,
        client_id=body.id_or_none("client_id"),
    )
    return ticket_answer(state, desk.place), 201


def _standing(ticket_id: UUID, desk: DeskPlace) -> str:
    return ticket_of(reading(), ticket_id, desk.place.id).state


@bp.get("/api/tickets/<uuid:ticket_id>")
@requires(Permission.RING_UP)
def get_ticket(ticket_id: UUID) -> Response:
    """A cart of this location."""
    desk = here()
    return jsonify(ticket_view(ticket_id, desk))


def require_may(person: Person, wanted: CartRequest) -> None:
    """Raise Conflict for a discount or an exemption by somebody who may give none."""
    if (wanted.discount or any(line.discount for line in wanted.lines)) and not person.may(Permission.DISCOUNT):
        raise Conflict(DISCOUNT_NEEDS_PERMISSION, field="discount")
    if any(line.exemption for line in wanted.lines) and not person.may(Permission.EXEMPT_TAX):
        raise Conflict(EXEMPTION_NEEDS_PERMISSION, field="exemption")


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
        desk_id=desk_id_here(),
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
    desk, body = here(), Body()
    if _standing(ticket_id, desk) != "parked":
        cart.park_ticket(ticket_id=ticket_id, desk_id=desk.id, note=body.text("note"))
    return jsonify({"parked": _parked(desk)})


@bp.post("/api/tickets/<uuid:ticket_id>/take-up")
@requires(Permission.RING_UP)
def take_up(ticket_id: UUID) -> Response:
    """Take a parked cart up here; asking again gives the same cart."""
    desk = here()
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
    desk = here()
    if _standing(ticket_id, desk) != "dropped":
        cart.drop_ticket(ticket_id=ticket_id, desk_id=desk.id)
    return jsonify({"dropped": str(ticket_id)})
