"""The register with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.register import shift_reports, sign_in, views  # noqa: F401  (imported for their routes)
from pos.web.register.api import (  # noqa: F401  (imported for their routes)
    approvals,
    clients,
    desk,
    drawer,
    gift_cards,
    payments,
    refunds,
    sales,
)
from pos.web.register.blueprint import bp

__all__ = ["bp"]
