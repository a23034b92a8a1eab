"""The shop with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.shop import (  # noqa: F401  (imported for their routes)
    catalogue,
    checkout,
    clinic_pages,
    credit_notes,
    gift_cards,
    qr_payment,
    receipts,
)
from pos.web.shop.account import invitations, pages  # noqa: F401  (imported for their routes)
from pos.web.shop.blueprint import bp

__all__ = ["bp"]
