"""The register's JSON interface: giving money back, voiding, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, jsonify, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.core.messages.refunds import AS_CREDIT_MALFORMED, NO_SUCH_REFUND, POSITIONS_MALFORMED, UNITS_MALFORMED
from pos.domain.receipts import credit_notes
from pos.domain.refunds import repository as refunds
from pos.domain.staff.permissions import Permission
from pos.domain.stock.moves import sold_positions
from pos.services.payments.payment_state import cards_of
from pos.services.refunds.calculate import (
    RefundChoice,
    RefundQuote,
    quote_refund,
    whole_sale,
)
from pos.services.refunds.card_refunds import RetryPart, retry_part, send_parts
from pos.services.refunds.credit_notes import note_html, note_pdf, step_text
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.refundable import Refundable, refundable
from pos.services.refunds.status import RefundState, refund_state, refunds_of_sale
from pos.services.refunds.void_sale import VoidSale, may_be_voided, void_sale
from pos.web.common.json_body import Body
from pos.web.common.pdf_responses import document_response, html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_said, page_text, page_translator
from pos.web.register.api.sales import own_sale
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk, current_desk_id

if TYPE_CHECKING:
    from pos.domain.receipts.credit_note_models import CreditNote

Json = dict[str, Any]
MOST_POSITION = 999


def _units(value: object) -> tuple[tuple[int, int], ...]:
    """Of which lines how many go back: a list of pairs of a position and a number."""
    if not isinstance(value, list) or any(
        not isinstance(pair, list)
        or len(pair) != 2
        or any(type(one) is not int or not 0 < one <= MOST_POSITION for one in pair)
        for pair in value
    ):
        raise Invalid(UNITS_MALFORMED, field="lines")
    return tuple((position, count) for position, count in value)


def _wanted(sale_id: UUID, body: Body) -> RefundChoice:
    """What the body asks for; raises Invalid naming the field."""
    positions = body.values.get("positions") or []
    if not isinstance(positions, list) or any(type(p) is not int or not 0 < p <= MOST_POSITION for p in positions):
        raise Invalid(POSITIONS_MALFORMED, field="positions")
    as_credit = body.values.get("as_credit", False)
    if type(as_credit) is not bool:
        raise Invalid(AS_CREDIT_MALFORMED, field="as_credit")
    return RefundChoice(
        sale_id=sale_id,
        package_id=body.id_or_none("package_id"),
        positions=tuple(positions),
        units=_units(body.values.get("units") or []),
        restock=_units(body.values.get("restock") or []),
        amount_minor=body.integer_or_none("amount_minor"),
        tip_minor=body.integer_or_none("tip_minor") or 0,
        as_credit=as_credit,
    )


def _quote_json(found: Refundable, quote: RefundQuote) -> Json:
    w = page_translator()
    cards = cards_of(reading(), found.sale.id)
    return {
        "net_minor": quote.in_all_minor - quote.in_all_tax_minor - quote.tip_minor,
        "tax_minor": quote.in_all_tax_minor,
        "tip_minor": quote.tip_minor,
        "total_minor": quote.in_all_minor,
        "policy": quote.policy,
        "credits": quote.package.left if quote.package else 0,
        "steps": [{"words": step_text(w, step, found.sale.currency), "minor": step.minor} for step in quote.steps],
        "ways": [
            {
                "kind": way.kind,
                "amount_minor": way.moved_minor,
                "rounding_minor": way.rounding_minor,
                # Several cards may have paid: which one gets what.
                "card": cards.get(way.tender_position or 0, "") if at < len(quote.ways) and len(cards) > 1 else "",
            }
            for at, way in enumerate(quote.all_destinations)
        ],
        "second_person": quote.second_person,
    }


def _state_json(state: RefundState) -> Json:
    base = f"/register/refunds/{state.refund_id}/credit-note"
    return {
        "refund_id": str(state.refund_id),
        "sale_id": str(state.sale_id),
        "kind": state.kind,
        "state": state.state,
        "total_minor": state.total_minor,
        "cash_minor": state.cash_minor,
        "reason": page_said(state.reason),
        "created_at": state.created_at.isoformat(),
        "note": state.note_label,
        "pdf": f"{base}.pdf",
        "html": f"{base}.html",
        "parts": [
            {
                "part_id": str(part.part_id),
                "kind": part.kind,
                "label": part.label,
                "amount_minor": part.amount_minor + part.rounding_minor,
                "state": part.state,
                "sentence": page_text(part.sentence) or None,
                "owed": part.owed,
            }
            for part in state.parts
        ],
    }


def own_refund(refund_id: UUID) -> None:
    """A refund of this location; raises NotFound for any other."""
    if refunds.get(reading(), refund_id).location_id != current_desk().place.id:
        raise NotFound(NO_SUCH_REFUND)


@bp.get("/api/sales/<uuid:sale_id>/refundable")
@requires(Permission.RING_UP)
def get_refundable(sale_id: UUID) -> Response:
    """What of a sale can be given back now, whether it can be voided here, and what was given back before."""
    own_sale(sale_id)
    session = reading()
    found = refundable(session, sale_id)
    void: Json | None = None
    in_stock = sold_positions(session, sale_id)
    if not found.voided and not found.refunded_minor and may_be_voided(session, found.sale, current_desk_id()):
        try:
            void = _quote_json(found, whole_sale(found))
        except PosError:
            void = None
    return jsonify(
        {
            "sale_id": str(sale_id),
            "receipt": found.receipt_label,
            "client": found.client_name,
            "named": found.sale.client_id is not None,
            "currency": found.sale.currency,
            "voided": found.voided,
            "void": void,
            "tip_minor": found.tip_minor,
            "lines": [
                {
                    "position": line.position,
                    "kind": line.kind,
                    "name": line.name,
                    "quantity": line.quantity,
                    "left_minor": line.gross_minor,
                    "units_left": line.units_left if line.is_counted else 1,
                    "in_stock": line.position in in_stock,
                    "why_not": page_text(line.why_not),
                }
                for line in found.lines
            ],
            "packages": [
                {
                    "package_id": str(package.package_id),
                    "name": package.name,
                    "credits": package.credits,
                    "left": package.left,
                    "why_not": page_text(package.why_not),
                }
                for package in found.packages
            ],
            "refunds": [_state_json(state) for state in refunds_of_sale(session, sale_id)],
        }
    )


@bp.post("/api/sales/<uuid:sale_id>/refund-preview")
@requires(Permission.RING_UP)
def preview_refund(sale_id: UUID) -> Response:
    """The arithmetic of a refund, and which way its money goes; nothing is written."""
    own_sale(sale_id)
    found = refundable(reading(), sale_id)
    return jsonify(_quote_json(found, quote_refund(found, _wanted(sale_id, Body()))))


@bp.post("/api/sales/<uuid:sale_id>/refunds")
@requires(Permission.RING_UP)
def create_refund(sale_id: UUID) -> tuple[Response, int]:
    """Give money back. `refund_id` guards the retry; `expected_total_minor` is what the preview said."""
    own_sale(sale_id)
    body = Body()
    state = refund(
        RefundCommand(
            refund_id=body.id("refund_id"),
            wanted=_wanted(sale_id, body),
            reason=body.text("reason"),
            actor=current_staff().person,
            desk_id=current_desk_id(),
            approval_id=body.id_or_none("approval_id"),
            expected_total_minor=body.integer("expected_total_minor"),
        )
    )
    return jsonify(_state_json(state)), 201


@bp.post("/api/sales/<uuid:sale_id>/void")
@requires(Permission.RING_UP)
def create_void(sale_id: UUID) -> tuple[Response, int]:
    """Undo a sale of this desk's open shift. `refund_id` guards the retry."""
    own_sale(sale_id)
    body = Body()
    state = void_sale(
        VoidSale(
            refund_id=body.id("refund_id"),
            sale_id=sale_id,
            reason=body.text("reason"),
            actor=current_staff().person,
            desk_id=current_desk_id(),
            approval_id=body.id_or_none("approval_id"),
            expected_total_minor=body.integer("expected_total_minor"),
        )
    )
    return jsonify(_state_json(state)), 201


@bp.get("/api/refunds/<uuid:refund_id>")
@requires(Permission.RING_UP)
def get_refund(refund_id: UUID) -> Response:
    """Where a refund stands; asks Stripe about what is on its way or in doubt."""
    own_refund(refund_id)
    if settings().payments.on:
        for one in refunds.action_of(reading(), refund_id):
            send_parts(one)
    return jsonify(_state_json(refund_state(reading(), refund_id)))


@bp.post("/api/refunds/<uuid:refund_id>/another-way")
@requires(Permission.RING_UP)
def retry_refund(refund_id: UUID) -> tuple[Response, int]:
    """Give what did not reach a card back in cash, to the card once more, or as account credit."""
    own_refund(refund_id)
    body = Body()
    part_id = body.id("part_id")
    if part_id not in {part.part_id for part in refund_state(reading(), refund_id).parts}:
        raise NotFound(NO_SUCH_REFUND)
    state = retry_part(
        RetryPart(
            part_id=part_id,
            kind=body.text("kind", most=20),
            actor=current_staff().person,
            desk_id=current_desk_id(),
            approval_id=body.id_or_none("approval_id"),
        )
    )
    return jsonify(_state_json(state)), 201


def _own_note(refund_id: UUID) -> CreditNote:
    own_refund(refund_id)
    return credit_notes.of_refund(reading(), refund_id)


@bp.get("/refunds/<uuid:refund_id>/credit-note.html")
@requires(Permission.RING_UP)
def credit_note_page(refund_id: UUID) -> Response:
    """The credit note as a page."""
    return html_answer(note_html(_own_note(refund_id)))


@bp.get("/refunds/<uuid:refund_id>/credit-note.pdf")
@requires(Permission.RING_UP)
def credit_note_pdf(refund_id: UUID) -> AnyResponse:
    """The credit note as PDF."""
    note = _own_note(refund_id)
    label = note.label
    return document_response(
        lambda: note_pdf(note, request.args.get("format", "80mm")),
        label,
        url_for("register.credit_note_page", refund_id=refund_id),
    )
