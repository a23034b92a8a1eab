"""What moved tax and revenue on some days: sales, refunds and voids, and every other event, by rate, and all together."""

from __future__ import annotations

from dataclasses import dataclass

from pos.core.money import Rate
from pos.reports.analysis.opens import Word, words
from pos.reports.books.tax_and_revenue_events import EVENTS
from pos.reports.sales.sums import Figures, TaxSums, rate_order

_WORDS = words({
    "sales": "Sales and visits",
    "refunds": "Refunds and voids",
    "used_ahead": "Breakage taken back by use and refund",
    "all": "In all",
})  # fmt: skip


@dataclass(frozen=True)
class RateLine:
    """The tax of one rate: the base it is due on, what is due, and the change of what is not due yet. Minor units.

    `name` is what the tax is called, empty where there is one.
    """

    rate: Rate
    name: str
    net_minor: int
    tax_minor: int
    not_due_minor: int


@dataclass(frozen=True)
class EventLine:
    """One kind of event: how many, their revenue less discounts, their breakage, and their tax by rate. Minor units.

    `key` is `sales`, `refunds`, an event of `pos.reports.books.tax_and_revenue_events`, or `all`.
    """

    key: str
    words: Word
    count: int
    revenue_minor: int
    breakage_minor: int
    rates: tuple[RateLine, ...]

    @property
    def tax_minor(self) -> int:
        """What became due, of all rates."""
        return sum(rate.tax_minor for rate in self.rates)


def _rates(figures: Figures, taxes: TaxSums, sign: int) -> tuple[RateLine, ...]:
    found = []
    for rate in sorted({*taxes.due, *taxes.not_due}, key=rate_order):
        net, tax = taxes.due.get(rate, (0, 0))
        later = taxes.not_due.get(rate, 0)
        if net or tax or later:
            found.append(RateLine(rate, figures.tax_name(rate), sign * net, sign * tax, sign * later))
    return tuple(found)


def event_lines(found: Figures) -> list[EventLine]:
    """The events of some days in the order of reports; the last line is the sum of all."""
    lines = [
        EventLine("sales", _WORDS["sales"], found.sales, found.revenue_minor, 0, _rates(found, found.taxes, 1)),
        EventLine(
            "refunds",
            _WORDS["refunds"],
            found.refunds,
            -found.back_revenue_minor,
            0,
            _rates(found, found.back_taxes, -1),
        ),
    ]
    if found.ahead_minor:
        lines.append(EventLine("used_ahead", _WORDS["used_ahead"], 0, 0, found.ahead_minor, ()))
    for key, word in EVENTS.items():
        event = found.events.get(key)
        if event is not None and event.moves_tax_or_revenue:
            rates = _rates(found, event.taxes, 1)
            lines.append(EventLine(key, word, event.count, event.revenue_minor, event.breakage_minor, rates))
    revenue, breakage = sum(line.revenue_minor for line in lines), sum(line.breakage_minor for line in lines)
    count = sum(line.count for line in lines)
    return [*lines, EventLine("all", _WORDS["all"], count, revenue, breakage, _rates(found, found.all_taxes, 1))]
