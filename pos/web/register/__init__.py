"""The register: pages for reception, and the JSON face its scripts speak to."""

from __future__ import annotations

from flask import Blueprint

from pos.web.common.guards import face_of

bp = Blueprint("register", __name__, url_prefix="/register")
face_of(bp, "register")

from pos.web.register import (  # noqa: E402, F401  (they attach their routes to bp)
    api,
    approvals_api,
    clients_api,
    drawer_api,
    drawer_paper,
    gift_cards_api,
    payments_api,
    refunds_api,
    sales_api,
    sign_in,
    views,
)
