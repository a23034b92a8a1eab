"""What is recognised before credits end, as pure arithmetic."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.core.errors import Invalid
from pos.core.money import cumulative_share
from pos.domain.credits.rules.breakage import (
    MOST_MONTHS,
    Expectation,
    Unused,
    ahead,
)

SOLD = date(2026, 6, 16)
FIFTH = Expectation("proportional", Decimal(20))


def ten(used: int, *, owed: int | None = None, recognised: int = 0, **facts: bool) -> Unused:
    """Ten for 800.00 of which some are used."""
    left = 800_00 - 80_00 * used if owed is None else owed
    return Unused(800_00, 10, used, left, recognised, SOLD, **facts)


@pytest.mark.parametrize(
    ("used", "minor"), [(0, 0), (1, 20_00), (3, 60_00), (7, 140_00), (8, 160_00), (9, 80_00), (10, 0)]
)
def test_breakage_proportional_expectation_follows_use(used: int, minor: int) -> None:
    """With the eighth session everything expected is recognised; a ninth takes half of it back, a tenth the rest."""
    assert ahead(ten(used), FIFTH, SOLD) == minor


def test_breakage_proportional_rounds_whole_not_each_session() -> None:
    lot = [Unused(100_00, 3, used, 100_00 - cumulative_share(100_00, used, 3), 0, SOLD) for used in range(4)]
    assert [ahead(one, Expectation("proportional", Decimal(10)), SOLD) for one in lot] == [0, 3_70, 7_41, 0]
    half_up = Unused(9, 1, 1, 9, 0, SOLD)
    assert ahead(half_up, Expectation("proportional", Decimal(28)), SOLD) == 4  # 9 · 28/72 = 3.5


@pytest.mark.parametrize(
    ("today", "minor"), [(date(2028, 6, 15), 0), (date(2028, 6, 16), 560_00), (date(2029, 1, 1), 560_00)]
)
def test_breakage_remote_is_recognised_whole_on_its_day(today: date, minor: int) -> None:
    assert ahead(ten(3), Expectation("remote", remote_months=24), today) == minor


def test_breakage_frozen_lot_is_not_remote_and_keeps_recognised() -> None:
    remote, late = Expectation("remote", remote_months=1), date(2030, 1, 1)
    assert ahead(ten(3, rests=True), remote, late) == 0
    assert ahead(ten(3, recognised=50_00, rests=True), remote, late) == 50_00
    assert ahead(ten(3, rests=True), FIFTH, late) == 60_00


def test_breakage_method_at_end_keeps_recognised_up_to_owed() -> None:
    assert ahead(ten(3, recognised=60_00), Expectation(), SOLD) == 60_00
    assert ahead(ten(3, owed=50_00, recognised=60_00), Expectation(), SOLD) == 50_00


@pytest.mark.parametrize("how", [Expectation(), FIFTH, Expectation("remote", remote_months=1)])
def test_breakage_of_refundable_value_is_zero(how: Expectation) -> None:
    assert ahead(ten(3, recognised=60_00, returns=True), how, date(2030, 1, 1)) == 0


@given(
    net=st.integers(0, 10**9),
    quantity=st.integers(1, 60),
    used=st.integers(0, 60),
    percent=st.decimals("0.001", "99.999", places=3),
)
def test_breakage_any_input_stays_between_zero_and_owed(net: int, quantity: int, used: int, percent: Decimal) -> None:
    used = min(used, quantity)
    owed = net - cumulative_share(net, used, quantity)
    found = ahead(Unused(net, quantity, used, owed, 0, SOLD), Expectation("proportional", percent), SOLD)
    assert 0 <= found <= owed


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Expectation("sometimes"), "method"),
        (Expectation("proportional", Decimal(0)), "expected_percent"),
        (Expectation("proportional", Decimal(100)), "expected_percent"),
        (Expectation("proportional", Decimal(-5)), "expected_percent"),
        (Expectation("proportional", Decimal(150)), "expected_percent"),
        (Expectation("remote", remote_months=0), "remote_months"),
        (Expectation("remote", remote_months=MOST_MONTHS + 1), "remote_months"),
    ],
)
def test_breakage_rule_invalid_is_refused_with_field(wrong: Expectation, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        wrong.checked()
    assert refused.value.field == field
    assert str(refused.value.sentence)


@pytest.mark.parametrize(
    "right",
    [
        Expectation(),
        Expectation("proportional", Decimal("0.5")),
        Expectation("proportional", Decimal("99.5")),
        Expectation("remote", remote_months=1),
        Expectation("remote", remote_months=MOST_MONTHS),
    ],
)
def test_breakage_rule_valid_is_accepted(right: Expectation) -> None:
    assert right.checked() == right
    assert (Expectation().expected_percent, Expectation().remote_months, MOST_MONTHS) == (Decimal(10), 24, 240)


def test_breakage_rule_is_immutable() -> None:
    for kept, name in ((FIFTH, "method"), (ten(1), "used")):
        with pytest.raises(FrozenInstanceError):
            setattr(kept, name, "remote")
