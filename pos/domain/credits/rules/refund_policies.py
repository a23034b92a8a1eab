"""What comes back for a part-used package, and why: the policies as arithmetic a client can follow. Pure.

| policy | what comes back |
|---|---|
| `pro_rata` | the part of the price that belongs to the sessions that are left |
| `single_price` | the price, less the sessions used at the single price as it was at sale, less a disclosed fee |
| `store_credit` | as pro rata, but kept as account credit |
| `statutory` | withdrawal from an online purchase: everything, or pro rata where it was begun on express request |

Never below zero, never above what was paid and not given back yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pos.core.money import Rates, allocate, cumulative_share, rates_of

POLICIES = ("pro_rata", "single_price", "store_credit")
# Directive 2011/83/EU, articles 9 and 16, and the United Kingdom's regulations of 2013. A habit to edit, not advice.
WITHDRAWAL = timedelta(days=14)
WITHDRAWAL_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)


@dataclass(frozen=True)
class Owned:
    """A package as it stands. Money in minor units; `single_minor` is the list price of a session as displayed at sale.

    `left` are the credits that would be given up, worth `liability_minor` net; all others (used, burned, given to
    somebody, lapsed) count as used. `given_back_minor` was refunded of it before, tax included. Of its sessions
    `exempt` were sold free of tax: the first ones that were used. Of a package paid in parts `net_minor` and `tax_minor`
    are what was paid, `unpaid_minor` what is missing from its price, tax included. Where the tax is due when sessions are
    used, `not_due_minor` is what of it belongs to the sessions left.
    """

    policy: str
    credits: int
    left: int
    net_minor: int
    tax_minor: int
    liability_minor: int
    single_minor: Sequence[int]
    tax_percent: Decimal
    tax_inclusive: bool
    fee_minor: int = 0
    given_back_minor: int = 0
    exempt: int = 0
    unpaid_minor: int = 0
    not_due_minor: int | None = None
    second_tax_percent: Decimal = Decimal(0)

    @property
    def used(self) -> int:
        """Credits that do not come back."""
        return self.credits - self.left

    @property
    def paid_minor(self) -> int:
        """The price paid, tax included."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True)
class Step:
    """A line of the arithmetic. `text` may name %(count)s, %(of)s and %(each)s (an amount: `each_minor`)."""

    text: str
    minor: int
    count: int = 0
    of: int = 0
    each_minor: int = 0


@dataclass(frozen=True)
class Preview:
    """What comes back: net and tax, and what that does to revenue. `as_credit`: kept as account credit, not paid out.

    `extra_revenue_minor` is what the credits given up were worth beyond the net given back; negative where more is given
    back than was still owed, and revenue is taken back.
    """

    policy: str
    as_credit: bool
    credits: int
    net_minor: int
    tax_minor: int
    liability_minor: int
    steps: tuple[Step, ...]

    @property
    def total_minor(self) -> int:
        """What the client gets."""
        return self.net_minor + self.tax_minor

    @property
    def extra_revenue_minor(self) -> int:
        """Revenue that comes of it."""
        return self.liability_minor - self.net_minor


def may_withdraw(*, online: bool, country: str, bought_on: date, today: date) -> bool:
    """Whether the law lets a consumer withdraw: an online purchase in the EU or UK, within 14 days after its day."""
    return online and country in WITHDRAWAL_COUNTRIES and bought_on <= today <= bought_on + WITHDRAWAL


def single_price_with_tax(minor: int, rates: Rates, *, tax_inclusive: bool) -> int:
    """A displayed price as the client would have paid it."""
    return minor if tax_inclusive else minor + rates.on(minor)


def _paid(owned: Owned) -> Step:
    if not owned.unpaid_minor:
        return Step("Paid for the package", owned.paid_minor)
    return Step("Paid of the price of %(each)s", owned.paid_minor, each_minor=owned.paid_minor + owned.unpaid_minor)


def _pro_rata(owned: Owned) -> tuple[int, list[Step]]:
    back = owned.paid_minor - cumulative_share(owned.paid_minor + owned.unpaid_minor, owned.used, owned.credits)
    return back, [
        _paid(owned),
        Step("Sessions used: %(count)s of %(of)s", -(owned.paid_minor - back), owned.used, owned.credits),
    ]


def _at_single_price(owned: Owned) -> tuple[int, list[Step]]:
    free = sum(owned.single_minor[: owned.exempt])
    displayed = sum(owned.single_minor[owned.exempt :])
    charged = free + single_price_with_tax(displayed, rates_of(owned), tax_inclusive=owned.tax_inclusive)
    steps = [_paid(owned)]
    if owned.used:
        prices = set(owned.single_minor)
        if len(prices) == 1 and not owned.exempt:
            each = single_price_with_tax(prices.pop(), rates_of(owned), tax_inclusive=owned.tax_inclusive)
            steps.append(
                Step("Sessions used: %(count)s, at the single price of %(each)s", -charged, owned.used, each_minor=each)
            )
        else:
            steps.append(Step("Sessions used: %(count)s, at their single prices", -charged, owned.used))
    if owned.fee_minor:
        steps.append(Step("Fee named in the terms", -owned.fee_minor))
    return owned.paid_minor - charged - owned.fee_minor, steps


def preview(owned: Owned, *, statutory: bool = False, begun_on_request: bool = False) -> Preview:
    """The refund of a package by its policy, or by the law where `statutory`; raises ValueError for an unknown policy.

    `begun_on_request`: the client asked expressly to begin before the time to withdraw was over, and that was recorded.
    """
    if owned.policy not in POLICIES:
        raise ValueError(f"there is no refund policy {owned.policy!r}")
    policy, exact = "statutory" if statutory else owned.policy, False
    if statutory and not begun_on_request:
        back, steps = owned.paid_minor, [_paid(owned)]
        if owned.used:
            steps.append(
                Step("Sessions used: %(count)s, free, for no request to begin early was recorded", 0, owned.used)
            )
    elif policy == "single_price":
        back, steps = _at_single_price(owned)
    else:
        (back, steps), exact = _pro_rata(owned), True
    if back < 0:
        steps.append(Step("Nothing is left to give back; nothing is charged", -back))
        back = 0
    most = owned.paid_minor - owned.given_back_minor
    if back > most:
        steps.append(Step("Given back before", most - back))
        back = max(most, 0)
    net, tax = _split(owned, back) if exact else _as_sold(owned, back)
    return Preview(
        policy=policy,
        as_credit=policy == "store_credit",
        credits=owned.left,
        net_minor=net,
        tax_minor=tax,
        liability_minor=owned.liability_minor,
        steps=tuple(steps),
    )


def _split(owned: Owned, back: int) -> tuple[int, int]:
    """Net and tax of an amount given back pro rata: one of them is exactly that of the sessions left.

    It is the net, and where their tax was not due yet the tax: what was due stays due to the minor unit. The other takes
    the minor unit that the shares of price, net and tax may differ by.
    """
    if owned.not_due_minor is not None and abs(back - owned.liability_minor - owned.not_due_minor) <= owned.credits:
        return back - owned.not_due_minor, owned.not_due_minor
    if owned.liability_minor <= back <= owned.liability_minor + owned.tax_minor:
        return owned.liability_minor, back - owned.liability_minor
    return _as_sold(owned, back)


def _as_sold(owned: Owned, back: int) -> tuple[int, int]:
    """Net and tax of an amount in the proportion of the sale."""
    net, tax = allocate(back, [owned.net_minor, owned.tax_minor]) if owned.paid_minor else (back, 0)
    return net, tax
