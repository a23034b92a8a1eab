"""The register with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.register import (  # noqa: F401  (imported for their routes)
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
from pos.web.register.blueprint import bp

__all__ = ["bp"]
