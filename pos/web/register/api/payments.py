"""The register's JSON interface: taking money, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, jsonify, render_template

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound
from pos.core.messages.payments import QR_CODE_GONE
from pos.core.messages.sales import TICKET_EMPTY
from pos.domain.payments.attempt_states import PENDING
from pos.domain.sales.carts import cart_request_from_json
from pos.domain.sales.shown_totals import ShownTotals
from pos.domain.staff.permissions import Permission
from pos.services.checkout.place_order import ChargeTicket
from pos.services.checkout.ring_up import RingUpSale, ring_up
from pos.services.payments import switch_method, terminal_payment
from pos.services.payments.next_part import TakePart, take_part
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.reconciliation.give_back_parts import give_back_parts
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.qr_picture import qr_picture
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_said
from pos.web.register.api.serializers import (
    Json,
    payment_json,
    rung_up_json,
    short_url,
)
from pos.web.register.api.tickets import require_may
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk, current_desk_id

if TYPE_CHECKING:
    from pos.domain.sales.models import Order


def _shown(body: Body) -> ShownTotals:
    """The totals on the screen of whoever takes the money; what stored value pays may be left out."""
    return ShownTotals(
        due_minor=body.integer("expected_due_minor"),
        credits=body.integer("expected_credits"),
        stored_minor=body.integer_or_none("expected_stored_minor"),
    )


@bp.post("/api/sales")
@requires(Permission.RING_UP)
def create_sale() -> tuple[Response, int]:
    """Complete a sale paid by cash or credits: of a ticket, or of the lines in the body. `sale_id` guards the retry.

    Whoever sells says what was on the screen: the amount due, the credits used and, of a ticket, its version.
    """
    body = Body()
    ticket_id = body.id_or_none("ticket_id")
    if ticket_id is None and not body.values.get("lines"):
        raise Invalid(TICKET_EMPTY, field="lines")
    person = current_staff().person
    wanted = None if ticket_id else cart_request_from_json(body.values)
    if wanted is not None:
        require_may(person, wanted)
    done = ring_up(
        RingUpSale(
            sale_id=body.id("sale_id"),
            desk_id=current_desk_id(),
            staff_id=person.id,
            actor=person,
            approval_id=body.id_or_none("approval_id"),
            cash_tendered_minor=body.integer("cash_tendered_minor"),
            ticket_id=ticket_id,
            ticket_version=body.integer("ticket_version") if ticket_id else None,
            client_id=None if ticket_id else body.id_or_none("client_id"),
            wanted=wanted,
            shown=_shown(body),
            confirmed_cash_minor=body.integer_or_none("confirmed_minor"),
        )
    )
    return jsonify(rung_up_json(done)), 200 if done.replayed else 201


@bp.post("/api/payments")
@requires(Permission.RING_UP)
def create_payment() -> tuple[Response, int]:
    """Take a ticket's amount, or a first part of it (`card_minor`, cash), at a reader or by QR code.

    `sale_id` guards the retry. Where `card_minor` is 0 no card is asked for: the part is the cash.
    """
    body, person = Body(), current_staff().person
    state = terminal_payment.charge_at_desk(
        ChargeTicket(
            sale_id=body.id("sale_id"),
            desk_id=current_desk_id(),
            staff_id=person.id,
            ticket_id=body.id("ticket_id"),
            ticket_version=body.integer("ticket_version"),
            cash_tendered_minor=body.integer_or_none("cash_tendered_minor") or 0,
            card_minor=body.integer_or_none("card_minor"),
            shown=_shown(body),
            tip_on_reader=body.flag("tip_on_reader"),
            reader_id=body.id_or_none("reader_id"),
            by_code=body.flag("by_code"),
            actor=person,
            approval_id=body.id_or_none("approval_id"),
        )
    )
    return jsonify(payment_json(state)), 202


def _own(order_id: UUID) -> Order:
    return terminal_payment.order_of_desk(reading(), order_id, current_desk().place.id)


@bp.get("/api/payments/<uuid:order_id>")
@requires(Permission.RING_UP)
def get_payment(order_id: UUID) -> Response:
    """Where a card payment stands; asks Stripe."""
    _own(order_id)
    return jsonify(payment_json(terminal_payment.refresh_at_desk(order_id)))


@bp.post("/api/payments/<uuid:order_id>/again")
@requires(Permission.RING_UP)
def send_again(order_id: UUID) -> Response:
    """Let the reader ask for the card again after a decline: the same intent."""
    _own(order_id)
    return jsonify(payment_json(terminal_payment.start_or_resume(order_id)))


@bp.post("/api/payments/<uuid:order_id>/cancel")
@requires(Permission.RING_UP)
def cancel_payment(order_id: UUID) -> Response:
    """Give a card payment up; if it was paid meanwhile, the answer says so."""
    _own(order_id)
    return jsonify(payment_json(terminal_payment.cancel(order_id)))


@bp.post("/api/payments/<uuid:order_id>/part")
@requires(Permission.RING_UP)
def take_next_part(order_id: UUID) -> Response:
    """Take the next part of a ticket that is partly paid, or all that is left; the last one completes the sale."""
    _own(order_id)
    body = Body()
    state = take_part(
        TakePart(
            order_id=order_id,
            desk_id=current_desk_id(),
            staff_id=current_staff().person.id,
            kind=body.text("kind", most=20),
            amount_minor=body.integer_or_none("amount_minor"),
            expected_rest_minor=body.integer("expected_rest_minor"),
            is_part=body.flag("is_part"),
            by_code=body.flag("by_code"),
            tip_on_reader=body.flag("tip_on_reader"),
            reader_id=body.id_or_none("reader_id"),
            card_id=body.id_or_none("card_id"),
            confirmed_minor=body.integer_or_none("confirmed_minor"),
        )
    )
    return jsonify(payment_json(state))


@bp.post("/api/payments/<uuid:order_id>/give-back")
@requires(Permission.RING_UP)
def give_parts_back(order_id: UUID) -> Response:
    """Give a ticket up that is partly paid: its cards are paid back in full, and the answer says the cash to hand back."""
    _own(order_id)
    rest = Body().integer("expected_rest_minor")
    done = give_back_parts(order_id, current_desk_id(), current_staff().person, expected_rest_minor=rest)
    cards = [{"card": one.card, "amount_minor": one.amount_minor, "state": one.state} for one in done.cards]
    return jsonify(payment_json(done.state) | {"given_back": {"cards": cards, "cash_minor": done.cash_minor}})


@bp.post("/api/payments/<uuid:order_id>/reader")
@requires(Permission.RING_UP)
def switch_to_reader(order_id: UUID) -> Response:
    """Let another reader of the location ask for the card instead."""
    _own(order_id)
    return jsonify(
        payment_json(switch_method.request_at_reader(order_id, Body().id("reader_id"), current_desk().place.id))
    )


@bp.post("/api/payments/<uuid:order_id>/code")
@requires(Permission.RING_UP)
def switch_to_qr(order_id: UUID) -> Response:
    """Show a QR code to pay by instead of the reader."""
    _own(order_id)
    return jsonify(payment_json(switch_method.show_code(order_id)))


def _open_code(order_id: UUID) -> PaymentState:
    _own(order_id)
    state = payment_state(reading(), order_id)
    if state.kind != "checkout" or state.url is None or state.state != PENDING:
        raise NotFound(QR_CODE_GONE)
    return state


@bp.get("/api/payments/<uuid:order_id>/code.svg")
@requires(Permission.RING_UP)
def code_image(order_id: UUID) -> Response:
    """The QR code as a picture."""
    return qr_picture(_open_code(order_id).url or "")


@bp.get("/payments/<uuid:order_id>/code")
@requires(Permission.RING_UP)
def code_page(order_id: UUID) -> str:
    """The QR code on a slip of paper, with the address to type."""
    state = _open_code(order_id)
    place = current_desk().place
    return render_template("register/code.html", place=place, state=state, short_url=short_url(state))


@bp.get("/api/readers")
@requires(Permission.RING_UP)
def get_readers() -> Response:
    """The readers of this location, the desk's own first, and what each is doing; asks Stripe."""
    return jsonify({"readers": [_reader_json(one) for one in switch_method.readers_here(current_desk())]})


def _reader_json(one: switch_method.ReaderState) -> Json:
    return {
        "reader_id": str(one.reader_id),
        "label": one.label,
        "desk": one.desk,
        "is_own": one.is_own,
        "state": one.state,
        "holder": page_said(one.holder),
        "order_id": str(one.order_id) if one.order_id else None,
    }


@bp.post("/api/readers/<uuid:reader_id>/free")
@requires(Permission.RING_UP)
def free_reader(reader_id: UUID) -> Response:
    """Take a reader away from the payment it is stuck on, which is given up; another desk's sale wants a manager."""
    person = current_staff().person
    sentence = switch_method.free_reader(current_desk(), person, reader_id, Body().id_or_none("approval_id"))
    return jsonify({"freed": True, "sentence": page_said(sentence)})
