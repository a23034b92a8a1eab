"""The modules that declare reports. A new report's module is added here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pos.reports.analysis import (  # noqa: F401  (imported for their declarations)
    discounts,
    packages,
    sales_by,
    tax_by_rate,
    tenders,
    tickets,
)
from pos.reports.books import journal, rollforward  # noqa: F401  (imported for their declarations)
from pos.reports.clients import appointments, client_value, new_and_returning  # noqa: F401  (imported for their declarations)
from pos.reports.credits import breakage, expiring, owed, renewals  # noqa: F401  (imported for their declarations)
from pos.reports.desk import offline_sales, price_overrides  # noqa: F401  (imported for their declarations)
from pos.reports.people import commissions, tips  # noqa: F401  (imported for their declarations)
from pos.reports.registers import (  # noqa: F401  (imported for their declarations)
    card_money,
    drawers,
    papers,
    trial_balance,
)
from pos.reports.registry import DECLARED, Report
from pos.reports.sales import sales_export  # noqa: F401  (imported for its declarations)


def reports() -> Mapping[str, Report]:
    """Every declared report by its name, in the order of their titles."""
    return MappingProxyType(dict(sorted(DECLARED.items(), key=lambda pair: pair[1].title)))
