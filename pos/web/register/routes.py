"""The register with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.common.document_routes import add_documents
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
from pos.web.register.api.desk import here
from pos.web.register.blueprint import bp

add_documents(bp, "register", lambda: frozenset({here().place.id}))

__all__ = ["bp"]
