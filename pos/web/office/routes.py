"""The office with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.office import (  # noqa: F401  (imported for their routes)
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
from pos.web.office.blueprint import bp

__all__ = ["bp"]
