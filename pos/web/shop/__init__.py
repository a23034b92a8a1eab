"""The shop and the account: server-rendered pages for clients, complete without JavaScript up to Stripe's page."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("shop", __name__)

from pos.web.shop import account, at_desk, buying, credit_notes, gift_cards, invitations, packages, receipts  # noqa: E402, F401  (they attach their routes to bp)
