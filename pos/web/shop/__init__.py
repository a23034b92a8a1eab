"""The shop and the account: server-rendered pages for clients, complete without JavaScript up to Stripe's page."""

from __future__ import annotations

from flask import Blueprint, request

from pos.kernel.errors import NotFound

bp = Blueprint("shop", __name__)


@bp.before_request
def _refuse_nul() -> None:
    """PostgreSQL knows no NUL in a text, so no address of ours holds one."""
    if "\x00" in request.path:
        raise NotFound("There is nothing at this address.")


from pos.web.shop import account, buying, credit_notes, gift_cards, packages, receipts  # noqa: E402, F401  (they attach their routes to bp)
