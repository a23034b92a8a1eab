"""The register's JSON interface: what is printed on the network printer of a desk."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.general import NO_SUCH_REPRINT
from pos.domain.payments import repository as payments
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.staff.permissions import Permission
from pos.services.documents.roll_printing import print_document
from pos.services.refunds.status import refund_state
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.register.api.refunds import own_refund
from pos.web.register.api.sales import own_sale
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk

# Far more than one receipt is ever printed again; PostgreSQL compares no larger number with its column.
_MOST_REPRINTS = 999_999


@bp.post("/api/sales/<uuid:sale_id>/print")
@requires(Permission.RING_UP)
def print_sale(sale_id: UUID) -> Response:
    """Print a receipt, or `duplicate`, a reprint that was counted; with `drawer_only` only open the drawer for its cash."""
    sale, session, body = own_sale(sale_id), reading(), Body()
    receipt = receipts.of_sale(session, sale.id)
    duplicate = body.integer_or_none("duplicate", least=1, most=_MOST_REPRINTS)
    if duplicate is not None and not receipts.was_reprinted(session, receipt.id, duplicate):
        raise NotFound(NO_SUCH_REPRINT)
    desk = current_desk()
    is_cash = sale.desk_id == desk.id and any(one.kind == "cash" for one in payments.tenders_of(session, sale.id))
    opened = print_document(
        desk, current_staff().person, receipt.document, subject_id=sale.id, duplicate=duplicate,
        paper=not body.flag("drawer_only"), cash_at=sale.completed_at if is_cash and duplicate is None else None,
    )  # fmt: skip
    return jsonify({"drawer_opened": opened})


@bp.post("/api/refunds/<uuid:refund_id>/print")
@requires(Permission.RING_UP)
def print_credit_note(refund_id: UUID) -> Response:
    """Print a credit note, or with `drawer_only` only open the drawer, where cash goes back out of it."""
    own_refund(refund_id)
    session, body, desk = reading(), Body(), current_desk()
    note, state = credit_notes.of_refund(session, refund_id), refund_state(session, refund_id)
    is_cash = state.cash_minor and refunds.get(session, refund_id).desk_id == desk.id
    opened = print_document(
        desk, current_staff().person, note.document, subject_id=refund_id,
        paper=not body.flag("drawer_only"), cash_at=state.created_at if is_cash else None,
    )  # fmt: skip
    return jsonify({"drawer_opened": opened})
