"""The figures of sales, each with its one name, its meaning and its one formula; docs/figures.md is the same in long.

Pages, X and Z, closings, CSV and XLSX take names and formulas from here, so that a word means one thing everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType

from pos.domain.sales.tender_kinds import RECEIVED, STORED
from pos.reports.sales.sums import Figures


def _nothing(_sums: Figures) -> int:
    return 0


@dataclass(frozen=True)
class Figure:
    """One figure: `label` names it everywhere, `about` says in one or two sentences what it is.

    `of` is what the sales of some days come to, `back` what the refunds and voids of the same days took back of it,
    positive; minor units.
    """

    key: str
    label: str
    about: str
    of: Callable[[Figures], int]
    back: Callable[[Figures], int] = _nothing


_ALL = (
    Figure(
        "gross",
        "Gross",
        "Prices of what was sold, less what packages covered, before discounts. With tax where prices include it. "
        "Gift cards sold are not in it.",
        lambda sums: sums.gross_minor,
    ),
    Figure(
        "discounts",
        "Discounts",
        "What was taken off prices by promo codes and by hand. A price agreed below the list is the price, and not in it.",
        lambda sums: sums.discount_minor,
        lambda sums: sums.back_discount_minor,
    ),
    Figure(
        "net",
        "Net sales",
        "What was sold, before tax and after discounts. Packages count when they are sold, not again when their credits are "
        "used. Gift cards sold are not in it: they count as sales when they are spent.",
        lambda sums: sums.net_sales_minor,
        lambda sums: sums.back_net_minor - sums.back_gift_minor,
    ),
    Figure(
        "tax",
        "Tax charged",
        "Tax on the receipts of these days. Of packages that are taxed as they are used, a part of it is due later.",
        lambda sums: sums.tax_minor,
        lambda sums: sums.back_tax_minor,
    ),
    Figure(
        "gift_sold",
        "Gift cards sold",
        "Gift cards sold and reloaded. Owed to whoever holds them; neither sales nor revenue until they are spent.",
        lambda sums: sums.gift_minor,
        lambda sums: sums.back_gift_minor,
    ),
    Figure(
        "total",
        "Total with tax",
        "Everything on the receipts but tips: net sales, tax charged and gift cards sold.",
        lambda sums: sums.total_minor,
        lambda sums: sums.back_net_minor + sums.back_tax_minor,
    ),
    Figure(
        "tips",
        "Tips",
        "Tips given with the sales of these days. Owed to therapists: never revenue and never taxed here.",
        lambda sums: sums.tip_minor,
        lambda sums: sums.back_tip_minor,
    ),
    Figure(
        "takings",
        "Takings",
        "Money that came in with sales: cash as it was kept, cards and transfers, tips included. What gift cards and "
        "account credit paid is not in it: that money came in before. Refunds are not taken off.",
        lambda sums: sums.takings_minor,
        lambda sums: sums.given_back_minor(*RECEIVED),
    ),
    Figure(
        "spent",
        "Paid with stored value",
        "What gift cards and account credit paid. That money came in before, when the card was sold or the credit was "
        "given.",
        lambda sums: sums.spent_minor,
        lambda sums: sums.given_back_minor(*STORED),
    ),
    Figure(
        "packages",
        "Packages sold",
        "Packages sold, before tax. Part of net sales; owed as sessions, and revenue as their credits are used.",
        lambda sums: sums.packages_minor,
    ),
    Figure(
        "credits",
        "Credits used",
        "Sessions paid by a package, at the value each had in it, before tax. This is the moment they become revenue.",
        lambda sums: sums.redeemed_minor,
        lambda sums: sums.visits_reversed_minor,
    ),
    Figure(
        "refunds",
        "Refunds and voids",
        "What refunds and voids of these days gave back, by every means, of sales of any day; with tax and tips.",
        lambda sums: sums.given_back_minor(*sums.back),
    ),
    Figure(
        "rounding",
        "Cash rounding",
        "What cash was more than it settled, or with a minus less, where small coins are out of use.",
        lambda sums: sums.rounding_minor,
        lambda sums: sums.back_rounding_minor,
    ),
    Figure(
        "revenue",
        "Revenue",
        "What was delivered, before tax: treatments, add-ons and goods sold, and credits used at their value. Packages and "
        "gift cards sold are not in it.",
        lambda sums: sums.revenue_minor,
        lambda sums: sums.back_revenue_minor,
    ),
)
FIGURES = MappingProxyType({figure.key: figure for figure in _ALL})
_BY_LABEL = {figure.label: figure for figure in _ALL}


# Further columns of files and tables: their names and what they mean.
COLUMNS = MappingProxyType(
    {
        "List price": "Prices of the catalogue, or as agreed on for this sale, before anything is taken off.",
        "Below list price": "What agreed prices are less than the catalogue’s; no discount in the books.",
        "Refunds, net": "What refunds and voids of these days took back of net sales.",
        "Net after refunds": "Net sales less what refunds and voids of these days took back.",
        "Covered by package": "What of the list price a package paid: a session by a credit, an add-on that comes free.",
        "Of the tax, second tax": "The part of the tax charged that is the second tax, where a location has two.",
        "Base": "The net amount that the tax of this row is due on.",
        "Tax due": "Tax that became due in these days, at its tax point: the sale, or the use of a package.",
        "Tax not due yet": "Tax charged with packages that are taxed as they are used, less what of it became due.",
        "Breakage": "Value of unused credits and gift cards that became the clinic’s own, as the policy allows.",
        "Free of tax, net": "The part of net sales that was sold free of tax.",
    }
)


def label(key: str) -> str:
    """The name of a figure."""
    return FIGURES[key].label


def meanings(columns: Iterable[str]) -> list[tuple[str, str]]:
    """Of some column heads those that are figures, each with what it means, in their order."""
    found = []
    for column in columns:
        about = _BY_LABEL[column].about if column in _BY_LABEL else COLUMNS.get(column)
        if about:
            found.append((column, about))
    return found
