"""Money: exact, in whole minor units, in one currency."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.core.errors import Invalid
from pos.core.money import (
    LARGEST_MINOR,
    Money,
    allocate,
    cumulative_share,
    exponent,
    inside,
    parse_amount,
    percent_of,
    plain,
    ratio,
    share_of,
    to_decimal,
)

amounts = st.integers(0, 10**9)
weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=20)
percents = st.decimals(0, 100, places=3)


@pytest.mark.parametrize(
    ("currency", "digits"), [("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("ISK", 0), ("CLF", 4)]
)
def test_currency_has_its_decimal_digits(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize("code", ["usd", "US", "DOLLAR", "", "U$D", "USD "])
def test_currency_code_invalid_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        exponent(code)
    assert refused.value.field == "currency"


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12", "USD", 1200),
        ("12.5", "USD", 1250),
        ("12,50", "EUR", 1250),
        (" 1 234.50 ", "USD", 123450),
        ("1'234.50", "CHF", 123450),
        ("1200", "JPY", 1200),
        ("1.250", "KWD", 1250),
        ("0", "USD", 0),
        ("7.", "USD", 700),
    ],
)
def test_amount_typed_by_people_is_parsed(typed: str, currency: str, minor: int) -> None:
    assert parse_amount(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "USD"),
        ("-5", "USD"),
        ("1e5", "USD"),
        ("12.345", "USD"),
        ("12.5", "JPY"),
        ("1,234.50", "USD"),
        ("abc", "USD"),
        ("NaN", "USD"),
        ("12.50 $", "USD"),
        ("99999999999.00", "USD"),
        ("9" * 40, "USD"),
    ],
)
def test_amount_invalid_is_refused_with_field(typed: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_amount(typed, currency, field="float")
    assert refused.value.field == "float"


@given(minor=st.integers(0, LARGEST_MINOR), currency=st.sampled_from(["JPY", "USD", "KWD"]))
@settings(max_examples=200)
def test_amount_written_plainly_is_parsed_back(minor: int, currency: str) -> None:
    assert parse_amount(plain(minor, currency), currency) == minor
    assert to_decimal(minor, currency) * 10 ** exponent(currency) == minor


def test_money_two_currencies_or_floats_raise() -> None:
    with pytest.raises(ValueError, match="cannot mix USD and EUR"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError, match="cannot mix EUR and USD"):
        Money(1, "EUR") - Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.0, "USD")
    with pytest.raises(TypeError):
        Money(True, "USD")
    with pytest.raises(TypeError):
        Money(100, "USD") * 0.5
    assert Money(100, "USD") * 3 - Money(1, "USD") == Money(299, "USD")


def test_money_arithmetic_stays_in_its_currency() -> None:
    assert Money(10_00, "USD") + Money(3_50, "USD") == Money(13_50, "USD")
    assert Money(10_00, "USD") - Money(13_50, "USD") == Money(-3_50, "USD")
    assert -Money(3_50, "USD") == Money(-3_50, "USD")
    assert Money(10_00, "KWD") * 3 == Money(30_00, "KWD")
    assert Money(1, "USD") + Money(1, "usd".upper()) == Money(2, "USD")  # a code read from elsewhere is the same code
    assert not Money(0, "USD")
    assert Money(1, "USD")
    assert Money(-1, "USD")
    assert Money(12_345, "KWD").decimal() == Decimal("12.345")


def test_money_is_immutable_and_not_ordered_across_currencies() -> None:
    amount = Money(10_00, "USD")
    with pytest.raises(FrozenInstanceError):
        amount.minor = 1
    with pytest.raises(TypeError):
        _ = amount < Money(10_00, "EUR")


def test_amount_above_largest_is_refused() -> None:
    assert parse_amount("10 000 000 000.00", "USD") == 10**12
    with pytest.raises(Invalid, match="too large"):
        parse_amount("10 000 000 000.01", "USD")
    assert parse_amount("1000000000000", "JPY") == 10**12
    with pytest.raises(Invalid, match="too large"):
        parse_amount("1000000000001", "JPY")


def test_amount_more_digits_than_currency_is_refused() -> None:
    assert parse_amount("1.2345", "CLF") == 1_2345
    for typed, currency, digits in (("1.234", "USD", 2), ("1.2345", "KWD", 3), ("1.2", "JPY", 0)):
        with pytest.raises(Invalid, match=f"{currency} has {digits} digits"):
            parse_amount(typed, currency)


def test_amount_refusal_repeats_forty_characters_at_most() -> None:
    with pytest.raises(Invalid) as refused:
        parse_amount("x" * 500, "USD")
    assert refused.value.sentence == f"“{'x' * 40}” is not an amount. Write it like 12.50."
    assert refused.value.field == "amount"


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [(-12_30, "USD", "-12.30"), (5, "USD", "0.05"), (1200, "JPY", "1200"), (1_250, "KWD", "1.250"), (0, "EUR", "0.00")],
)
def test_amount_in_file_has_all_its_digits(minor: int, currency: str, written: str) -> None:
    assert plain(minor, currency) == written


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (15_00, [100_00, 35_00, 12_00], [10_20, 3_57, 1_23]),  # docs/rules.md, example f
        (10_56, [89_80, 31_43, 10_77], [7_18, 2_52, 86]),
        (2, [1, 1, 1], [1, 1, 0]),  # among equals, the earlier
        (-1, [1, 1], [-1, 0]),
        (-10, [1, 1, 1], [-4, -3, -3]),  # what is taken back is split as it was given
        (1, [1, 2], [0, 1]),  # the larger remainder, not the larger place
        (7, [0, 5, 0], [0, 7, 0]),
        (0, [3, 4], [0, 0]),
        (-5, [0, 0], [-5, 0]),
        (9, [1], [9]),
    ],
)
def test_allocation_rest_goes_to_largest_remainder(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@given(total=st.integers(-(10**9), 10**9), weights=weights)
@settings(max_examples=400)
def test_allocation_sums_to_total_within_one_unit(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert abs(Decimal(part) - Decimal(total) * weight / whole) < 1
            assert weight or part == 0
        assert part == 0 or (part > 0) == (total > 0)


@pytest.mark.parametrize("bad", [[], [-1, 2]])
def test_allocation_invalid_weights_raise(bad: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(100, bad)


def test_allocation_zero_weights_give_all_to_first() -> None:
    assert allocate(5, [0, 0, 0]) == [5, 0, 0]
    assert allocate(10, [1, 1, 1]) == [4, 3, 3]


@given(minor=amounts, percent=percents)
@settings(max_examples=300)
def test_tax_on_top_and_inclusive_are_within_half_a_unit(minor: int, percent: Decimal) -> None:
    half = Decimal("0.5")
    assert abs(percent_of(minor, percent) - Decimal(minor) * percent / 100) <= half
    tax = inside(minor, percent)
    assert abs(tax - Decimal(minor) * percent / (100 + percent)) <= half
    assert 0 <= tax <= minor


def test_tax_halves_are_rounded_away_from_zero() -> None:
    assert percent_of(50, Decimal(1)) == 1
    assert percent_of(150, Decimal(1)) == 2
    assert percent_of(-50, Decimal(1)) == -1
    assert inside(110_00, Decimal(10)) == 10_00


@pytest.mark.parametrize(
    ("gross", "percent", "tax"),
    [
        (132_00, "20", 22_00),
        (100_00, "8", 7_41),
        (900_00, "10", 81_82),
        (1, "100", 1),
        (100_00, "0", 0),
        (-108, "8", -8),
    ],
)
def test_tax_inclusive_in_price_is_exact(gross: int, percent: str, tax: int) -> None:
    assert inside(gross, Decimal(percent)) == tax


@pytest.mark.parametrize(
    ("net", "percent", "tax"),
    [(132_00, "8", 10_56), (18_00, "6.25", 1_13), (100_00, "8.875", 8_88), (100_00, "100", 100_00), (0, "8", 0)],
)
def test_tax_on_top_of_price_is_exact(net: int, percent: str, tax: int) -> None:
    assert percent_of(net, Decimal(percent)) == tax


def test_share_and_ratio_of_a_half_are_rounded_up_as_amounts_are() -> None:
    assert [str(share_of(part, 16)) for part in (1, 3, 9)] == ["6.3", "18.8", "56.3"]
    assert (str(share_of(1, 800, 2)), str(ratio(9, 8, 2)), str(ratio(-9, 8, 2))) == ("0.13", "1.13", "-1.13")


def test_session_share_is_rounded_to_nearest_unit() -> None:
    assert [cumulative_share(10_00, k, 3) for k in range(4)] == [0, 3_33, 6_67, 10_00]
    assert cumulative_share(1, 1, 2) == 1  # half a cent counts as one


@given(total=amounts, count=st.integers(1, 60))
@settings(max_examples=300)
def test_session_shares_sum_to_price_and_differ_by_one_unit_at_most(total: int, count: int) -> None:
    steps = [cumulative_share(total, k, count) for k in range(count + 1)]
    assert steps[0] == 0
    assert steps[-1] == total
    each = [after - before for before, after in pairwise(steps)]
    assert max(each) - min(each) <= 1
