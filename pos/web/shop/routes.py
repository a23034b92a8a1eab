"""The shop with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.shop import (  # noqa: F401  (imported for their routes)
    account,
    at_desk,
    buying,
    credit_notes,
    gift_cards,
    invitations,
    packages,
    receipts,
)
from pos.web.shop.blueprint import bp

__all__ = ["bp"]
