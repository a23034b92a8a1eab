"""How a due amount is split between stored value, cash and card; pure."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.core.errors import Invalid
from pos.core.money import LARGEST_MINOR
from pos.domain.locations.cash_rounding import CASH_ROUNDINGS, CashRounding
from pos.domain.sales.cart_options import StoredPart
from pos.domain.sales.pricing import (
    settle,
)


@pytest.mark.parametrize(
    ("due", "cash", "card", "kept", "change", "rest"),
    [
        (86_56, 100_00, False, 86_56, 13_44, 0),
        (86_56, 40_00, True, 40_00, 0, 46_56),
        (86_56, 0, True, 0, 0, 86_56),
        (0, 0, False, 0, 0, 0),
        (0, 5_00, False, 0, 5_00, 0),
    ],
)
def test_settlement_due_is_split_between_cash_and_card(
    due: int, cash: int, card: bool, kept: int, change: int, rest: int
) -> None:
    found = settle(due, cash_tendered_minor=cash, card=card)
    assert (found.cash_minor, found.change_minor, found.card_minor) == (kept, change, rest)


@pytest.mark.parametrize(("cash", "card"), [(86_55, False), (-1, False), (LARGEST_MINOR + 1, False), (86_57, True)])
def test_settlement_invalid_cash_is_refused(cash: int, card: bool) -> None:
    with pytest.raises(Invalid) as refused:
        settle(86_56, cash_tendered_minor=cash, card=card)
    assert refused.value.field == "cash_tendered_minor"


def test_settlement_stored_value_pays_before_cash() -> None:
    """486.00 due, 400.00 on a gift card and 30.00 on account: 60.00 in cash leaves change of 4.00."""
    stored = (StoredPart("gift_card", 400_00, UUID(int=2)), StoredPart("account_credit", 30_00))
    found = settle(486_00, cash_tendered_minor=60_00, card=False, stored=stored)
    assert (found.due_minor, found.cash_tendered_minor, found.cash_minor) == (486_00, 60_00, 56_00)
    assert (found.change_minor, found.card_minor, found.stored) == (4_00, 0, stored)
    rest = settle(486_00, cash_tendered_minor=50_00, card=True, stored=stored)
    assert (rest.cash_minor, rest.change_minor, rest.card_minor) == (50_00, 0, 6_00)
    exact = settle(430_00, cash_tendered_minor=0, card=False, stored=stored)
    assert (exact.cash_minor, exact.card_minor) == (0, 0)
    with pytest.raises(Invalid, match="worth more than is due") as refused:
        settle(429_99, cash_tendered_minor=0, card=False, stored=stored)
    assert refused.value.field == "stored"


@pytest.mark.parametrize("tendered", [86_56, 86_57])
def test_settlement_cash_covering_all_refuses_card(tendered: int) -> None:
    with pytest.raises(Invalid, match="no card is needed"):
        settle(86_56, cash_tendered_minor=tendered, card=True)


def test_settlement_one_unit_too_little_cash_is_refused_or_left_for_card() -> None:
    with pytest.raises(Invalid, match="not enough cash"):
        settle(86_56, cash_tendered_minor=86_55, card=False)
    assert settle(86_56, cash_tendered_minor=86_55, card=True).card_minor == 1


def test_settlement_largest_cash_amount_gives_change() -> None:
    assert settle(1, cash_tendered_minor=LARGEST_MINOR, card=False).change_minor == LARGEST_MINOR - 1
    with pytest.raises(Invalid, match="Cash must be zero or more"):
        settle(1, cash_tendered_minor=-1, card=True)


@pytest.mark.parametrize(
    ("rounding", "exact", "in_cash"),
    [
        ("5", 72_42, 72_40), ("5", 72_43, 72_45), ("5", 2, 0), ("10", 72_45, 72_50), ("10_down", 72_45, 72_40),
        ("10_down", 72_46, 72_50), ("50", 72_25, 72_50), ("50", 72_24, 72_00), ("100", 72_50, 73_00), ("500", 72_49, 70_00),
        ("none", 72_43, 72_43),
    ],
)  # fmt: skip
def test_settlement_cash_is_rounded_to_the_coins_in_use(rounding: str, exact: int, in_cash: int) -> None:
    found = settle(exact, cash_tendered_minor=in_cash, card=False, rounding=CASH_ROUNDINGS[rounding])
    assert (found.cash_minor, found.cash_kept_minor, found.rounding_minor) == (exact, in_cash, in_cash - exact)


@given(
    due=st.integers(0, 10**7),
    more=st.integers(0, 2000),
    part=st.integers(0, 10**5),
    rounding=st.sampled_from(list(CASH_ROUNDINGS.values())),
)
def test_settlement_rounding_moves_the_cash_alone(due: int, more: int, part: int, rounding: CashRounding) -> None:
    """What is settled is what is due; the cash differs from it by half a coin at most, and a card by nothing."""
    cash = rounding.rounded(due) + more * rounding.step_minor
    found = settle(due, cash_tendered_minor=cash, card=False, rounding=rounding)
    assert found.cash_minor == due
    assert found.cash_kept_minor + found.change_minor == cash
    assert abs(found.rounding_minor) * 2 <= rounding.step_minor
    assert rounding.fits(found.cash_kept_minor)
    first = part // rounding.step_minor * rounding.step_minor
    split = settle(due + first + rounding.step_minor, cash_tendered_minor=first, card=True, rounding=rounding)
    assert (split.cash_minor, split.card_minor, split.rounding_minor) == (first, due + rounding.step_minor, 0)
