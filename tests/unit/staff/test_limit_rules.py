"""What a role does alone: nothing, up to a limit, or anything."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.core.money import LARGEST_MINOR
from pos.domain.staff.limit_rules import (
    NO_LIMITS,
    NOTHING,
    Limit,
    Limits,
    Value,
    discount_exceeded,
    exceeded,
    usual_limits,
)
from pos.domain.staff.permissions import LineCut, Role


@pytest.mark.parametrize(
    ("most", "used", "above"),
    [(50_00, 50_00, False), (50_00, 50_01, True), (50_00, 0, False), (None, 10**12, False), (0, 1, True), (0, 0, True)],
)
def test_limit_decides_by_amount_zero_always_asks(most: int | None, used: int, above: bool) -> None:
    assert exceeded(Limits({Limit.REFUND: most}), {Limit.REFUND: used}) == ({Limit.REFUND} if above else set())


@pytest.mark.parametrize(
    ("percent", "amount", "off", "above"),
    [
        (None, None, 100_00, False),
        (Decimal(100), None, 100_00, False),
        (Decimal(0), None, 1, True),  # nothing alone: also not the unit that a spread discount may round to
        (Decimal(10), None, 10_01, False),
        (Decimal("7.5"), None, 7_52, True),
        (None, 5_00, 5_01, True),
        (None, 0, 1, True),
    ],
)
def test_discount_limit_of_role_may_be_missing_or_zero(
    percent: Decimal | None, amount: int | None, off: int, above: bool
) -> None:
    limits = Limits({Limit.DISCOUNT_PERCENT: percent, Limit.DISCOUNT: amount})
    assert bool(discount_exceeded(limits, [LineCut(new_id(), 100_00, off, 0)])) is above


@pytest.mark.parametrize(("currency", "hundred", "five"), [("USD", 100_00, 5_00), ("JPY", 10_000, 500)])
def test_usual_limits_follow_role_and_currency(currency: str, hundred: int, five: int) -> None:
    desk, manager = usual_limits(Role.RECEPTIONIST, currency), usual_limits(Role.MANAGER, currency)
    assert (desk.of(Limit.PAID_OUT), desk.of(Limit.DIFFERENCE), desk.of(Limit.REFUND)) == (hundred, five, 0)
    assert (manager.of(Limit.PAID_OUT), manager.of(Limit.DIFFERENCE), manager.of(Limit.REFUND)) == (None, five, None)
    assert manager.of(Limit.CASH_REFUND) == 0
    assert usual_limits(Role.OWNER, currency) == NO_LIMITS
    assert usual_limits(Role.THERAPIST, currency) == usual_limits(Role.BOOKKEEPER, currency) == NOTHING
    assert all(NOTHING.of(limit) == 0 for limit in Limit)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        (Limit.DISCOUNT_PERCENT, Decimal("100.001")),
        (Limit.DISCOUNT_PERCENT, Decimal(-1)),
        (Limit.REFUND, -1),
        (Limit.REFUND, LARGEST_MINOR + 1),
        (Limit.COMPLIMENTARY, 1001),
        (Limit.EXTENSION, 3651),
    ],
)
def test_limit_without_sense_is_refused_with_field(limit: Limit, value: Value) -> None:
    with pytest.raises(Invalid) as refused:
        Limits({limit: value}).checked()
    assert refused.value.field == limit.value
