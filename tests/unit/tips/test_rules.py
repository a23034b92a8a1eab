"""Sharing tips: sums are kept to the unit, nobody gets less than nothing, and the order of people does not matter."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.tips.rules import share_pool, share_tip, take_back

A, B, C = (UUID(int=number) for number in (1, 2, 3))
AMOUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("tip", "chosen", "lines", "shares"),
    [
        (0, None, [(A, "variant", 100_00)], []),
        (15_00, None, [(None, "variant", 100_00)], [(None, 15_00)]),
        (15_00, None, [(None, "variant", 100_00), (B, "add_on", 20_00)], [(B, 15_00)]),
        (15_00, B, [(A, "variant", 100_00)], [(B, 15_00)]),
        (30_00, None, [(A, "variant", 100_00), (B, "variant", 50_00)], [(A, 20_00), (B, 10_00)]),
        (10, None, [(A, "variant", 1_00), (B, "variant", 1_00), (C, "variant", 1_00)], [(A, 4), (B, 3), (C, 3)]),
        (10_00, None, [(A, "variant", 90_00), (B, "variant", 60_00), (A, "add_on", 30_00)], [(A, 6_67), (B, 3_33)]),
        (10_00, None, [(A, "retail", 90_00), (B, "variant", 60_00)], [(B, 10_00)]),
        (10_01, None, [(A, "variant", 0), (B, "variant", 0)], [(A, 5_01), (B, 5_00)]),
        (1, None, [(A, "variant", 1), (B, "variant", 2)], [(B, 1)]),
    ],
)  # fmt: skip
def test_tip_share_follows_choice_lines_or_pool(
    tip: int, chosen: UUID | None, lines: list[tuple[UUID | None, str, int]], shares: object
) -> None:
    assert share_tip(tip, chosen, lines) == shares


def test_tip_refund_is_taken_in_proportion() -> None:
    assert take_back(10_00, {B: 10_00, A: 20_00}) == [(A, -6_67), (B, -3_33)]
    assert take_back(30_00, {A: 20_00, None: 10_00}) == [(None, -10_00), (A, -20_00)]
    assert take_back(0, {A: 1}) == []
    with pytest.raises(ValueError, match="more tip"):
        take_back(2, {A: 1})


def test_tip_pool_share_is_equal_or_by_value() -> None:
    assert share_pool(10_00, {B: 0, A: 90_00}, by_value=False) == [(A, 5_00), (B, 5_00)]
    assert share_pool(10_00, {B: 30_00, A: 90_00}, by_value=True) == [(A, 7_50), (B, 2_50)]
    assert share_pool(10_00, {B: 0, A: 90_00}, by_value=True) == [(A, 10_00)]
    assert share_pool(10_00, {B: 0, A: 0}, by_value=True) == [(A, 5_00), (B, 5_00)]
    assert share_pool(-10_00, {B: 0, A: 90_00}, by_value=False) == [(A, -5_00), (B, -5_00)]


@given(AMOUNTS, st.lists(st.tuples(st.sampled_from([A, B, C, None]), st.sampled_from(["variant", "retail"]), AMOUNTS)))
def test_tip_share_any_lines_sums_to_tip_and_can_be_taken_back(
    tip: int, lines: list[tuple[UUID | None, str, int]]
) -> None:
    shares = share_tip(tip, None, lines)
    assert sum(minor for _, minor in shares) == tip
    assert all(minor > 0 for _, minor in shares)
    held = dict(shares)
    assert len(held) == len(shares)
    for part in (tip // 3, tip - tip // 3):
        for holder, minor in take_back(part, held):
            held[holder] += minor
        assert min(held.values(), default=0) >= 0
    assert sum(held.values()) == 0
