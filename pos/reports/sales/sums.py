"""The shapes of summed sales: what lines of a kind, an event, and a location's day come to. No database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from pos.core.money import Rate, Rates
from pos.domain.sales.tender_kinds import STORED

DayKey = tuple[UUID, date]


@dataclass
class KindSum:
    """Lines of one kind: how many units, at which amounts. Money in minor units."""

    quantity: int = 0
    list_minor: int = 0
    covered_minor: int = 0
    discount_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0

    def add(self, other: KindSum) -> None:
        """Add another sum of the same currency."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def rate_order(rate: Rate) -> tuple[bool, Decimal]:
    """The order of rates in reports: those of the first tax, the lowest first, then those of the second."""
    return rate.is_second, rate.percent


@dataclass
class TaxSums:
    """Tax by rate: what became due with the base it is due on, and the change of what is not due yet. Minor units.

    The bases of the first tax sum to what was sold, at 0 % included; those of the second tax are the same net once more.
    """

    due: dict[Rate, tuple[int, int]] = field(default_factory=dict)
    not_due: dict[Rate, int] = field(default_factory=dict)

    @property
    def rates(self) -> list[Rate]:
        """The rates at which something became due, in the order of reports."""
        return sorted(self.due, key=rate_order)

    def _add_due(self, rate: Rate, net_minor: int, tax_minor: int) -> None:
        net, tax = self.due.get(rate, (0, 0))
        self.due[rate] = net + net_minor, tax + tax_minor

    def _add_later(self, rate: Rate, tax_minor: int) -> None:
        self.not_due[rate] = self.not_due.get(rate, 0) + tax_minor

    def becomes_due(self, rates: Rates, net_minor: int, tax_minor: int, second_minor: int) -> None:
        """Add a base and its tax, `second_minor` of it the second tax; negative where it is taken back."""
        self._add_due(Rate(rates.first), net_minor, tax_minor - second_minor)
        if rates.second:
            self._add_due(Rate(rates.second, is_second=True), net_minor, second_minor)

    def free_of_tax(self, rates: Rates, net_minor: int) -> None:
        """Move a part of a rate's base to what holds no tax."""
        if net_minor:
            self.becomes_due(rates, -net_minor, 0, 0)
            self.becomes_due(Rates(Decimal(0)), net_minor, 0, 0)

    def later(self, rates: Rates, tax_minor: int, second_minor: int) -> None:
        """Change what is not due yet."""
        self._add_later(Rate(rates.first), tax_minor - second_minor)
        if rates.second:
            self._add_later(Rate(rates.second, is_second=True), second_minor)

    def add(self, other: TaxSums, sign: int = 1) -> None:
        """Add other sums of the same currency, or with −1 take them off."""
        for rate, (net, tax) in other.due.items():
            self._add_due(rate, sign * net, sign * tax)
        for rate, tax in other.not_due.items():
            self._add_later(rate, sign * tax)


@dataclass
class EventSum:
    """What one kind of event other than sales and refunds moved, minor units: each part signed as it changed the figure.

    `revenue_minor` is revenue less discounts, `liability_minor` what is owed in packages, `stored_minor` what is owed on
    gift cards and as account credit. `breakage_minor` includes `ahead_minor`, recognised before the credits end.
    """

    count: int = 0
    revenue_minor: int = 0
    breakage_minor: int = 0
    ahead_minor: int = 0
    liability_minor: int = 0
    stored_minor: int = 0
    tips_minor: int = 0
    taxes: TaxSums = field(default_factory=TaxSums)

    @property
    def tax_minor(self) -> int:
        """The tax that became due, of all rates."""
        return sum(tax for _, tax in self.taxes.due.values())

    @property
    def moves_tax_or_revenue(self) -> bool:
        """Whether it stands in the report of tax and revenue."""
        return bool(self.revenue_minor or self.breakage_minor or any(self.taxes.not_due.values())) or any(
            net or tax for net, tax in self.taxes.due.values()
        )

    def add(self, other: EventSum) -> None:
        """Add another sum of the same event and currency."""
        for name in self.__dataclass_fields__:
            if name != "taxes":
                setattr(self, name, getattr(self, name) + getattr(other, name))
        self.taxes.add(other.taxes)


@dataclass
class Figures:
    """Sums of some sales in one currency, minor units; `tenders` and `kinds` by their words, `taxes` by rate.

    `taxes` are what became due with the sales: of lines taxed at their sale, and of sessions of packages taxed at
    redemption; and what was charged with such packages less what became due of it. A gift card sold has no part in them.
    `tenders` are what was received: of cash `rounding_minor` more than what it settles, negative where it is less; and
    `back` gave `back_rounding_minor` more than was owed. Refunds and voids of the same days stand beside them, positive:
    `back` by the way it went, `back_taxes` by rate.
    `second_tax_minor` is the part of the tax that is the second tax; `tax_names` are what both are called, empty where there
    is one. `events` is everything else that moves tax or revenue, by its name: see
    `pos.reports.books.tax_and_revenue_events`.
    """

    currency: str
    tax_names: tuple[str, str] = ("", "")
    sales: int = 0
    list_minor: int = 0
    covered_minor: int = 0
    discount_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    second_tax_minor: int = 0
    total_minor: int = 0
    tip_minor: int = 0
    rounding_minor: int = 0
    tenders: dict[str, tuple[int, int]] = field(default_factory=dict)
    kinds: dict[str, KindSum] = field(default_factory=dict)
    taxes: TaxSums = field(default_factory=TaxSums)
    redeemed: int = 0
    redeemed_minor: int = 0
    credits_sold: int = 0
    packages_sold: int = 0
    packages_minor: int = 0
    refunds: int = 0
    back_discount_minor: int = 0
    back_net_minor: int = 0
    back_tax_minor: int = 0
    back_tip_minor: int = 0
    back_minor: int = 0
    back_rounding_minor: int = 0
    back_liability_minor: int = 0
    back_gift_minor: int = 0
    visits_reversed_minor: int = 0
    ahead_minor: int = 0
    back: dict[str, int] = field(default_factory=dict)
    back_taxes: TaxSums = field(default_factory=TaxSums)
    events: dict[str, EventSum] = field(default_factory=dict)

    @property
    def takings_minor(self) -> int:
        """Money received: cash and card, tips included. Gift cards and account credit spent were received before."""
        return sum(minor for kind, (_, minor) in self.tenders.items() if kind not in STORED)

    @property
    def spent_minor(self) -> int:
        """What gift cards and account credit paid."""
        return self.tender_minor(*STORED)

    @property
    def gift_minor(self) -> int:
        """Gift cards sold and reloaded: owed, neither sales nor revenue."""
        return self.kind("gift_card").net_minor

    @property
    def gross_minor(self) -> int:
        """List prices less what packages covered, before discounts; gift cards left out as in `net_sales_minor`."""
        return self.list_minor - self.covered_minor - self.gift_minor

    @property
    def net_sales_minor(self) -> int:
        """What was sold, net of tax, gift cards left out: they count as sales when they are spent."""
        return self.net_minor - self.gift_minor

    @property
    def revenue_minor(self) -> int:
        """What was delivered, net of tax: every line but packages and gift cards, and the credits used at their value."""
        owed = self.packages_minor + self.gift_minor
        return sum(part.net_minor for part in self.kinds.values()) - owed + self.redeemed_minor

    @property
    def all_taxes(self) -> TaxSums:
        """Tax by rate of sales, refunds, voids and every other event: what the ledger's accounts of tax moved by."""
        found = TaxSums()
        found.add(self.taxes)
        found.add(self.back_taxes, -1)
        for event in self.events.values():
            found.add(event.taxes)
        return found

    @property
    def back_revenue_minor(self) -> int:
        """What refunds and voids took back of revenue; negative where credits given up were worth more than the refund."""
        liability = self.back_liability_minor - self.visits_reversed_minor
        return self.back_net_minor - self.back_gift_minor - liability

    def tax_name(self, rate: Rate) -> str:
        """What the tax of a rate is called; empty where there is one tax."""
        return self.tax_names[rate.is_second]

    def rate_words(self, rate: Rate) -> str:
        """A rate for a file: `8 %`, or `QST 9.975 %` where there are two taxes."""
        percent = f"{rate.percent.normalize():f} %"
        return f"{self.tax_name(rate)} {percent}" if self.tax_name(rate) else percent

    def tender_minor(self, *kinds: str) -> int:
        """The sum of these means of payment."""
        return sum(self.tenders.get(kind, (0, 0))[1] for kind in kinds)

    def given_back_minor(self, *kinds: str) -> int:
        """What these means of payment gave back."""
        return sum(self.back.get(kind, 0) for kind in kinds)

    def kind(self, name: str) -> KindSum:
        """The sum of one kind of lines."""
        return self.kinds.get(name, KindSum())

    def event(self, name: str) -> EventSum:
        """The sum of one kind of event, made where there is none yet."""
        return self.events.setdefault(name, EventSum())

    def add(self, other: Figures) -> None:
        """Add figures of the same currency; raises ValueError for another."""
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        for name in _PLAIN:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, (count, minor) in other.tenders.items():
            was = self.tenders.get(kind, (0, 0))
            self.tenders[kind] = was[0] + count, was[1] + minor
        for way, minor in other.back.items():
            self.back[way] = self.back.get(way, 0) + minor
        for kind, part in other.kinds.items():
            self.kinds.setdefault(kind, KindSum()).add(part)
        self.taxes.add(other.taxes)
        self.back_taxes.add(other.back_taxes)
        for name, event in other.events.items():
            self.event(name).add(event)


_PARTED = ("currency", "tax_names", "tenders", "kinds", "taxes", "back", "back_taxes", "events")
_PLAIN = tuple(name for name in Figures.__dataclass_fields__ if name not in _PARTED)
