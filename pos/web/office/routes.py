"""The office with all its routes: importing this module attaches them."""

from __future__ import annotations

from pos.web.common.document_routes import add_documents
from pos.web.office import audit_log, dashboard, layout, reports, sign_in  # noqa: F401  (imported for their routes)
from pos.web.office.appointments import booking_systems  # noqa: F401  (imported for their routes)
from pos.web.office.appointments import pages as appointments  # noqa: F401  (imported for their routes)
from pos.web.office.blueprint import bp
from pos.web.office.bookkeeping import accounts as bookkeeping_accounts  # noqa: F401  (imported for its routes)
from pos.web.office.bookkeeping import cash_data, exports, months  # noqa: F401  (imported for their routes)
from pos.web.office.catalogue import catalogue_file, items, prices, stock  # noqa: F401  (imported for their routes)
from pos.web.office.clients import (  # noqa: F401  (imported for their routes)
    account_credit,
    clients,
    edit,
    merge,
    personal_data,
)
from pos.web.office.money import (  # noqa: F401  (imported for their routes)
    chart_of_accounts,
    closings,
    deferred_revenue,
    disputes,
    gift_cards,
    journal,
    payouts,
    review_limits,
)
from pos.web.office.packages import (  # noqa: F401  (imported for their routes)
    adjustments,
    complimentary,
    holder_mails,
    packages,
)
from pos.web.office.places import (  # noqa: F401  (imported for their routes)
    desks,
    displays,
    locations,
    printers,
    public_pages,
    receipts,
    service_charges,
)
from pos.web.office.request_args import own_ids
from pos.web.office.sales import refunds, sales, test_sale, tips  # noqa: F401  (imported for their routes)
from pos.web.office.saved_views import pages as saved_view_pages  # noqa: F401  (imported for its routes)
from pos.web.office.settings import (  # noqa: F401  (imported for their routes)
    card_payments,
    checks,
    devices,
    imports,
    location,
    package_plans,
    promo_codes,
    queues,
    taxes,
    tiers,
)
from pos.web.office.team import (  # noqa: F401  (imported for their routes)
    mailed_links,
    own_earnings,
    own_sign_in,
    people,
    required_factor,
    roles,
)

add_documents(bp, "office", own_ids)

__all__ = ["bp"]
