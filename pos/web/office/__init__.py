"""The office: reports, exports and checks for managers, owners and bookkeepers."""

from __future__ import annotations

from flask import Blueprint

from pos.web.common.guards import face_of

bp = Blueprint("office", __name__, url_prefix="/office")
face_of(bp, "office")

from pos.web.office import (  # noqa: E402, F401  (they attach their routes to bp)
    account_credit,
    accounts,
    card_payments,
    checks,
    clients,
    closings,
    devices,
    disputes,
    frame,
    gift_cards,
    imports,
    messages,
    money,
    owed,
    package_courtesy,
    package_deeds,
    packages,
    payouts,
    plans,
    promo_codes,
    refunds,
    sales,
    setup,
    sign_in,
    taxes,
    tiers,
    tips,
    today,
)
