"""What a credit is worth, and which credit a visit takes: the arithmetic alone."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from pos.domain.credits.rules.value import (
    LotFacts,
    due_for,
    next_value,
    part_of,
    soonest,
    usable,
)

SESSION, OTHER = UUID(int=60), UUID(int=90)
DAY = date(2026, 6, 16)


def lot(
    number: int,
    *,
    remaining: int = 1,
    expires_on: date | None = None,
    granted: int | None = None,
    eligible: UUID = SESSION,
) -> LotFacts:
    """A lot bought on the day `granted` of the year; without it, later the higher its number."""
    return LotFacts(
        lot_id=UUID(int=number),
        package_id=UUID(int=number),
        name="10 × 60 min",
        quantity=10,
        remaining=remaining,
        expires_on=expires_on,
        granted_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number if granted is None else granted),
        net_minor=900_00,
        eligible={eligible: 100_00},
        included={},
    )


@pytest.mark.parametrize(
    ("net", "quantity", "values"),
    [
        (818_18, 10, [81_82, 81_82, 81_81]),  # A1
        (750_00, 10, [75_00, 75_00, 75_00]),  # A2
        (425_00, 6, [70_83, 70_84, 70_83, 70_83, 70_84, 70_83]),  # buy five, get one
        (0, 3, [0, 0, 0]),  # a complimentary credit
        (1, 2, [1, 0]),
    ],
)
def test_credit_value_each_session_reaches_cumulative_share(net: int, quantity: int, values: list[int]) -> None:
    recognised = 0
    for used, value in enumerate(values, start=1):
        assert next_value(net, used, quantity, recognised) == value
        recognised += value


def test_credit_value_of_several_credits_is_their_joint_share() -> None:
    assert next_value(900_00, 5, 10, 270_00) == 180_00  # hard case 10: three used, two for a sister
    assert next_value(818_18, 10, 10, 245_45) == 572_73  # A1: the liability left


def test_credit_value_is_never_negative() -> None:
    """Another session's rounding was reversed: a cent more is recognised than the share says."""
    assert next_value(10_00, 1, 3, 3_34) == 0
    assert next_value(10_00, 1, 3, 3_33) == 0
    assert next_value(10_00, 1, 3, 3_32) == 1


def test_credit_tax_of_leaving_credits_sums_to_tax_of_lot() -> None:
    """A1: 81.82 of tax on ten; three, two and five credits leave one after the other and take all of it."""
    parts = [part_of(81_82, 0, 3, 10), part_of(81_82, 3, 2, 10), part_of(81_82, 5, 5, 10)]
    assert parts == [24_55, 16_36, 40_91]
    assert sum(parts) == 81_82
    assert [part_of(10_00, before, 1, 3) for before in range(3)] == [3_33, 3_34, 3_33]
    assert part_of(10_00, 1, 0, 3) == 0


def test_credit_lot_on_its_last_day_is_valid() -> None:
    """Hard case 9: ends on 31 March, a session that evening."""
    package = lot(1, expires_on=date(2026, 3, 31))
    assert package.valid_on(date(2026, 3, 30))
    assert package.valid_on(date(2026, 3, 31))
    assert not package.valid_on(date(2026, 4, 1))
    assert lot(1).valid_on(date(2099, 12, 31))
    assert soonest([package], SESSION, date(2026, 3, 31), {}) is package
    assert soonest([package], SESSION, date(2026, 4, 1), {}) is None


def test_credit_lot_choice_first_to_expire_then_oldest_then_without_expiry() -> None:
    never, late, soon = lot(1), lot(2, expires_on=date(2027, 1, 1)), lot(3, expires_on=date(2026, 7, 1))
    assert soonest([never, late, soon], SESSION, DAY, {}) is soon
    assert soonest([never, late], SESSION, DAY, {}) is late
    older, newer = lot(5, granted=1, expires_on=DAY), lot(4, granted=2, expires_on=DAY)
    assert soonest([newer, older], SESSION, DAY, {}) is older
    # Bought in one sale and otherwise alike: always the same one, so that a quote and the sale agree.
    twins = [lot(7, granted=1), lot(6, granted=1)]
    assert soonest(twins, SESSION, DAY, {}) is soonest(twins[::-1], SESSION, DAY, {}) is twins[1]


def test_credit_lot_choice_lot_without_usable_credit_is_skipped() -> None:
    assert soonest([], SESSION, DAY, {}) is None
    assert soonest([lot(1, eligible=OTHER)], SESSION, DAY, {}) is None
    assert soonest([lot(1, remaining=0)], SESSION, DAY, {}) is None
    two = lot(1, remaining=2)
    assert soonest([two], SESSION, DAY, {}) is two
    assert soonest([two], SESSION, DAY, {two.lot_id: 1}) is two
    assert soonest([two], SESSION, DAY, {two.lot_id: 2}) is None
    assert soonest([two], SESSION, DAY, {two.lot_id: 3}) is None
    later = lot(2, expires_on=None)
    assert soonest([two, later], SESSION, DAY, {two.lot_id: 2}) is later


def test_credit_lot_facts_are_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        lot(1).remaining = 5


@pytest.mark.parametrize(
    ("price", "paid", "quantity", "count"),
    [
        (990_00, 330_00, 10, 3),
        (990_00, 395_99, 10, 3),
        (990_00, 396_00, 10, 4),
        (990_00, 98_99, 10, 0),
        (990_00, 990_00, 10, 10),
        (0, 0, 10, 10),
        (285_00, 200_00, 3, 2),
    ],
)
def test_instalment_paid_share_limits_usable_sessions(price: int, paid: int, quantity: int, count: int) -> None:
    assert usable(price, paid, quantity) == count


@pytest.mark.parametrize(
    ("paid", "number", "due"), [(330_00, 4, 66_00), (330_00, 3, 0), (0, 1, 99_00), (330_00, 10, 660_00)]
)
def test_instalment_due_before_session_is_its_unpaid_share(paid: int, number: int, due: int) -> None:
    assert due_for(990_00, paid, 10, number) == due


def test_instalment_indivisible_share_is_rounded_up() -> None:
    """A third of 100.00 is 33.34 to pay: with 33.33 the first of three may not be used yet."""
    assert due_for(100_00, 0, 3, 1) == 33_34
    assert due_for(100_00, 33_33, 3, 1) == 1
    assert (usable(100_00, 33_33, 3), usable(100_00, 33_34, 3)) == (0, 1)


def test_instalment_credit_value_never_exceeds_paid() -> None:
    """Ten for 900.00 net of which 300.00 is paid: sessions are worth 90.00 until what was paid is used up."""
    assert next_value(300_00, 1, 10, 0, 600_00) == 90_00
    assert next_value(300_00, 3, 10, 180_00, 600_00) == 90_00
    assert next_value(300_00, 4, 10, 270_00, 600_00) == 30_00
    assert next_value(300_00, 5, 10, 300_00, 600_00) == 0


def test_credit_lot_defaults_are_paid_and_standard_tier() -> None:
    found = lot(1)
    assert (found.unpaid_minor, found.next_due_minor, found.tier) == (0, 0, 0)
