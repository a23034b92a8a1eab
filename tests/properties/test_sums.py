"""A hundred thousand carts and splits, in currencies of no, two and three decimals: every sum is exact.

Hypothesis looks for the odd case elsewhere (tests/unit); this is the walk through the ordinary ones, its first tenth in the
short run. The seed is fixed; a failure names the example.
"""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from pos.core.ids import new_id
from pos.core.money import allocate, exponent, rates_of
from pos.domain.credits.rules.value import next_value
from pos.domain.sales.pricing import (
    Cart,
    CartLine,
    Discount,
    PricedLine,
    price_cart,
)

SEED = 20_261_122
EXAMPLES = 100_000
# The short run walks the first tenth of the same way.
WALKS = pytest.mark.parametrize("examples", [EXAMPLES // 10, pytest.param(EXAMPLES, marks=pytest.mark.long)])
PERCENTS = [Decimal(text) for text in ("0", "5", "5.5", "6", "7", "8", "8.875", "10", "13", "19", "20", "25")]
CURRENCIES = ("JPY", "USD", "KWD")
ITEM = new_id()


def _amount(chance: random.Random, currency: str) -> int:
    """A price somebody could ask: up to some hundreds, now and then a silly one."""
    largest = chance.choice((1, 300, 300, 300, 20_000))
    return chance.randrange(largest * int(10 ** exponent(currency)) + 1)


def _cart(chance: random.Random, currency: str) -> tuple[Cart, Discount | None]:
    rates = chance.sample(PERCENTS, k=chance.choice((1, 1, 2, 3)))
    seconds = chance.choice((["0"], ["0"], ["9.975"], ["0", "9.975", "7"]))
    lines = [
        CartLine(
            item_id=ITEM,
            kind="variant",
            name="",
            quantity=chance.choice((1, 1, 1, 2, 5)),
            unit_minor=_amount(chance, currency),
            tax_category="",
            tax_percent=chance.choice(rates),
            second_tax_percent=Decimal(chance.choice(seconds)),
            discount=_discount(chance, currency) if chance.random() < 0.3 else None,
        )
        for _ in range(chance.choice((1, 2, 2, 3, 4, 7)))
    ]
    discount = _discount(chance, currency) if chance.random() < 0.4 else None
    inclusive, method = chance.random() < 0.5, chance.choice(("invoice", "line"))
    return price_cart(lines, currency=currency, tax_inclusive=inclusive, tax_method=method, discount=discount), discount


def _discount(chance: random.Random, currency: str) -> Discount:
    if chance.random() < 0.5:
        return Discount(percent=Decimal(chance.randrange(1, 100_001)).scaleb(-3))
    return Discount(amount_minor=1 + _amount(chance, currency))


def _holds(cart: Cart, discount: Discount | None) -> None:
    assert cart.total_minor == sum(line.gross_minor for line in cart.lines)
    for line in cart.lines:
        assert min(line.list_minor, line.net_minor, line.tax_minor, line.discount_minor, line.displayed_minor) >= 0
        shown = line.gross_minor if cart.tax_inclusive else line.net_minor
        assert shown == line.list_minor - line.covered_minor - line.discount_minor
        # Revenue at list less the discount booked against it is what is kept, and the discount never turns into revenue.
        assert line.list_net_minor >= line.net_minor
    reduced = sum(line.list_minor - line.covered_minor - line.line_discount_minor for line in cart.lines)
    assert sum(line.ticket_discount_minor for line in cart.lines) == (
        discount.of(reduced) if discount and reduced else 0
    )
    assert sum(tax.tax_minor for tax in cart.taxes) == cart.tax_minor
    for tax in cart.taxes:
        of_rate = [line for line in cart.lines if rates_of(line.line)[tax.second] == tax.percent]
        assert sum(line.net_minor for line in of_rate) == tax.net_minor
        assert sum(tax_of(line, second=tax.second) for line in of_rate) == tax.tax_minor
        share = Fraction(tax.percent) / 100
        exact = [
            Fraction(line.displayed_minor) * share / (1 + Fraction(rates_of(line.line).total) / 100)
            if cart.tax_inclusive
            else Fraction(line.displayed_minor) * share
            for line in of_rate
        ]
        roundings = 1 if cart.tax_method == "invoice" else len(of_rate)
        # Inside a price the second tax is split off the tax of both, which was rounded before.
        groups = len({rates_of(line.line) for line in of_rate}) if cart.tax_inclusive else 1
        roundings *= groups * (2 if cart.tax_inclusive and any(line.line.second_tax_percent for line in of_rate) else 1)
        assert abs(tax.tax_minor - sum(exact)) <= Fraction(roundings, 2)
        for line, fair in zip(of_rate, exact, strict=True):
            assert abs(tax_of(line, second=tax.second) - fair) < 2


def tax_of(line: PricedLine, *, second: bool) -> int:
    """One of the taxes of a line."""
    return line.second_tax_minor if second else line.tax_minor - line.second_tax_minor


@WALKS
@pytest.mark.parametrize("currency", CURRENCIES)
def test_cart_random_lines_sum_exactly(currency: str, examples: int) -> None:
    chance = random.Random(f"{SEED} {currency}")
    for number in range(examples // len(CURRENCIES) + 1):
        cart, discount = _cart(chance, currency)
        try:
            _holds(cart, discount)
        except AssertionError as error:
            raise AssertionError(f"cart {number} of seed {SEED}: {cart}") from error


@WALKS
def test_allocation_random_weights_sum_to_total_within_one_unit(examples: int) -> None:
    chance = random.Random(SEED)
    for _ in range(examples):
        total = chance.randrange(10 ** chance.choice((1, 3, 5, 9)))
        weights = [chance.randrange(10 ** chance.choice((0, 2, 6)) + 1) for _ in range(chance.randrange(1, 9))]
        parts = allocate(total, weights)
        assert sum(parts) == total, (total, weights)
        if whole := sum(weights):
            for part, weight in zip(parts, weights, strict=True):
                assert abs(part - Fraction(total * weight, whole)) < 1, (total, weights)


def test_credit_values_random_packages_sum_to_price_and_differ_by_one_unit() -> None:
    chance = random.Random(SEED)
    for _ in range(EXAMPLES // 10):
        price, sessions = chance.randrange(10 ** chance.choice((2, 4, 6, 9))), chance.randrange(1, 31)
        values: list[int] = []
        for used in range(1, sessions + 1):
            values.append(next_value(price, used, sessions, sum(values)))
        assert sum(values) == price, (price, sessions)
        assert max(values) - min(values) <= 1, (price, sessions)
