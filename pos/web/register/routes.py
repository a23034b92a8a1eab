"""The register with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.common.document_routes import add_documents
from pos.web.register import offline, printing, recent_sales, shift_reports, sign_in, views  # noqa: F401  (imported for their routes)
from pos.web.register.api import (  # noqa: F401  (imported for their routes)
    approvals,
    clients,
    desk,
    drawer,
    gift_cards,
    payments,
    refunds,
    sales,
    search,
    tickets,
)
from pos.web.register.appointments import routes as appointments  # noqa: F401  (imported for their routes)
from pos.web.register.blueprint import bp
from pos.web.register.clients import sheet, who  # noqa: F401  (imported for their routes)
from pos.web.register.current_desk import current_desk
from pos.web.register.display import pages as display  # noqa: F401  (imported for their routes)

add_documents(bp, "register", lambda: frozenset({current_desk().place.id}))

__all__ = ["bp"]
