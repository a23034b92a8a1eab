"""The modules that declare reports. A new report's module is added here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pos.reports.analysis import (  # noqa: F401  (imported for their declarations)
    discounts,
    packages,
    sales_by,
    tax_by_rate,
    tenders,
    tickets,
    visit_lines,
)
from pos.reports.books import journal, rollforward  # noqa: F401  (imported for their declarations)
from pos.reports.clients import appointments, client_value, new_and_returning  # noqa: F401  (imported for their declarations)
from pos.reports.credits import breakage, credit_moves, expiring, owed, renewals  # noqa: F401  (imported for their declarations)
from pos.reports.desk import offline_sales, price_overrides  # noqa: F401  (imported for their declarations)
from pos.reports.people import commissions, tip_lines, tips  # noqa: F401  (imported for their declarations)
from pos.reports.registers import (  # noqa: F401  (imported for their declarations)
    card_lines,
    card_money,
    drawers,
    papers,
    trial_balance,
)
from pos.reports.registry import DECLARED, Report
from pos.reports.review import events  # noqa: F401  (imported for its declarations)
from pos.reports.sales import sales_export  # noqa: F401  (imported for its declarations)

# The order in which a page shows reports, by what they are about; one that is named nowhere comes last.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Sales",
        (
            "sales", "items", "sales-by-item", "sales-by-category", "sales-by-therapist", "sales-by-person",
            "sales-by-weekday", "sales-by-hour", "sales-by-tender", "average-ticket", "add-ons", "visit-lines",
            "discounts", "overrides", "refunds",
        ),
    ),
    (
        "Packages and credits",
        (
            "packages", "credit-moves", "owed", "liability", "credits-by-age", "expiring-credits", "breakage", "renewals",
            "packages-used-up",
        ),
    ),
    ("People", ("tips", "tip-lines", "tips-paid-out", "commissions", "commission-lines")),
    ("Till", ("drawers", "cash-movements", "events-to-review", "events-by-person", "offline-sales")),
    ("Books", ("tax", "tax-by-rate", "journal", "trial-balance", "receipts", "card-fees", "card-lines", "payouts")),
    ("Clients", ("clients", "new-clients", "treated-clients", "appointments")),
    ("Other reports", ()),
)  # fmt: skip


def grouped(found: Iterable[Report]) -> list[tuple[str, list[Report]]]:
    """Some reports by what they are about, groups without any left out."""
    left = {one.name: one for one in found}
    groups = [(words, [left.pop(name) for name in names if name in left]) for words, names in GROUPS]
    groups[-1][1].extend(left.values())
    return [group for group in groups if group[1]]


def reports() -> Mapping[str, Report]:
    """Every declared report by its name, in the order of their titles."""
    return MappingProxyType(dict(sorted(DECLARED.items(), key=lambda pair: pair[1].title)))
