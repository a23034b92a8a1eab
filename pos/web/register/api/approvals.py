"""The desk asks a second person: a PIN in place, bound to one action."""

from __future__ import annotations

from flask import Response, jsonify, request

from pos.core.errors import Invalid
from pos.core.messages.people import APPROVAL_ACTION_MISSING
from pos.domain.staff.permissions import Permission
from pos.services.auth import give_approval
from pos.web.common.json_body import Body
from pos.web.common.permissions import requires
from pos.web.common.sessions import DEVICE_COOKIE, current_staff
from pos.web.register.blueprint import bp
from pos.web.register.current_desk import current_desk_id


@bp.post("/api/approvals")
@requires(Permission.RING_UP)
def create_approval() -> tuple[Response, int]:
    """Take a manager's PIN for what the person at the desk may not do alone."""
    body = Body()
    action = body.text("action", most=40)
    if not action:
        raise Invalid(APPROVAL_ACTION_MISSING, field="action")
    approval_id = give_approval(
        desk_id=current_desk_id(),
        asked_by=current_staff().person.id,
        action=action,
        subject_id=body.id("subject_id"),
        amount_minor=body.integer_or_none("amount_minor"),
        content_hash=body.text("content_hash", most=64) or None,
        pin=body.text("pin", most=12),
        device=request.cookies.get(DEVICE_COOKIE),
    )
    return jsonify({"approval_id": str(approval_id)}), 201
