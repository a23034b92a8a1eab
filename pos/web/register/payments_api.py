"""The register's JSON face: taking money, and what became of it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from pos.checkout import card_at_desk
from pos.checkout.orders import ChargeTicket
from pos.checkout.ring_up import RingUpSale, ring_up
from pos.kernel.db import reading
from pos.kernel.errors import Invalid
from pos.sales.tickets import wanted_from_json
from pos.staff.rules import Permission
from pos.web.common.bodies import Body
from pos.web.common.guards import requires
from pos.web.common.sessions import current_staff
from pos.web.register import bp
from pos.web.register.api import desk_id_here, here
from pos.web.register.shapes import payment_json, rung_up_json


@bp.post("/api/sales")
@requires(Permission.RING_UP)
def create_sale() -> tuple[Response, int]:
    """Complete a sale paid by cash or credits: of a ticket, or of the lines in the body. `sale_id` guards the retry."""
    body = Body()
    ticket_id = body.id_or_none("ticket_id")
    if ticket_id is None and not body.values.get("lines"):
        raise Invalid("There is nothing on the ticket yet.", field="lines")
    done = ring_up(
        RingUpSale(
            sale_id=body.id("sale_id"),
            desk_id=desk_id_here(),
            staff_id=current_staff().person.id,
            cash_tendered_minor=body.integer("cash_tendered_minor"),
            ticket_id=ticket_id,
            ticket_version=body.integer_or_none("ticket_version"),
            client_id=None if ticket_id else body.id_or_none("client_id"),
            wanted=None if ticket_id else wanted_from_json(body.values),
            expected_due_minor=body.integer_or_none("expected_due_minor"),
            expected_credits=body.integer_or_none("expected_credits"),
            expected_stored_minor=body.integer_or_none("expected_stored_minor"),
        )
    )
    return jsonify(rung_up_json(done)), 200 if done.replayed else 201


@bp.post("/api/payments")
@requires(Permission.RING_UP)
def create_payment() -> tuple[Response, int]:
    """Take a ticket's amount, less a first part in cash, at the desk's reader. `sale_id` guards the retry."""
    body = Body()
    state = card_at_desk.charge_at_reader(
        ChargeTicket(
            sale_id=body.id("sale_id"),
            desk_id=desk_id_here(),
            staff_id=current_staff().person.id,
            ticket_id=body.id("ticket_id"),
            ticket_version=body.integer_or_none("ticket_version"),
            cash_tendered_minor=body.integer_or_none("cash_tendered_minor") or 0,
            expected_due_minor=body.integer_or_none("expected_due_minor"),
            expected_credits=body.integer_or_none("expected_credits"),
            expected_stored_minor=body.integer_or_none("expected_stored_minor"),
        )
    )
    return jsonify(payment_json(state)), 202


def _own(order_id: UUID) -> None:
    card_at_desk.order_of_desk(reading(), order_id, here().place.id)


@bp.get("/api/payments/<uuid:order_id>")
@requires(Permission.RING_UP)
def get_payment(order_id: UUID) -> Response:
    """Where a card payment stands; asks Stripe."""
    _own(order_id)
    return jsonify(payment_json(card_at_desk.find_out(order_id)))


@bp.post("/api/payments/<uuid:order_id>/again")
@requires(Permission.RING_UP)
def send_again(order_id: UUID) -> Response:
    """Let the reader ask for the card again after a decline: the same intent."""
    _own(order_id)
    return jsonify(payment_json(card_at_desk.send(order_id)))


@bp.post("/api/payments/<uuid:order_id>/cancel")
@requires(Permission.RING_UP)
def cancel_payment(order_id: UUID) -> Response:
    """Give a card payment up; if it was paid meanwhile, the answer says so."""
    _own(order_id)
    return jsonify(payment_json(card_at_desk.cancel(order_id)))
