"""Stripe's webhooks: verified, kept once, answered at once; the worker acts."""

from __future__ import annotations

from flask import Blueprint, Response, request

from pos.services.jobs.webhook_inbox import receive
from pos.web.common.permissions import signed_by_sender

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


@bp.post("/stripe")
@signed_by_sender
def stripe() -> Response:
    """Take a message in; a repeated one is fine, a forged one is refused unread."""
    receive(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
    return Response(status=204)
