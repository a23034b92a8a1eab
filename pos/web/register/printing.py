"""The register's JSON interface: what is printed on the network printer of a desk."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from pos.domain.staff.permissions import Permission
from pos.services.documents.roll_printing import print_receipt
from pos.services.refunds.credit_notes import print_note
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
    sale, body = own_sale(sale_id), Body()
    duplicate = body.integer_or_none("duplicate", least=1, most=_MOST_REPRINTS)
    opened = print_receipt(
        current_desk(), current_staff().person, sale, duplicate=duplicate, drawer_only=body.flag("drawer_only")
    )
    return jsonify({"drawer_opened": opened})


@bp.post("/api/refunds/<uuid:refund_id>/print")
@requires(Permission.RING_UP)
def print_credit_note(refund_id: UUID) -> Response:
    """Print a credit note, or with `drawer_only` only open the drawer, where cash goes back out of it."""
    own_refund(refund_id)
    opened = print_note(current_desk(), current_staff().person, refund_id, drawer_only=Body().flag("drawer_only"))
    return jsonify({"drawer_opened": opened})
