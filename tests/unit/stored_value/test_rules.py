"""The rules of gift cards without a database: what may be sold, when a card ends, what it is called on a day."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from pos.core.errors import Invalid
from pos.core.money import LARGEST_MINOR
from pos.domain.stored_value.rules import (
    CardTerms,
    NotEnoughValue,
    card_state,
    move_name,
    usual_terms,
)

SOLD = date(2026, 1, 31)


def test_gift_card_default_terms_follow_currency() -> None:
    assert usual_terms("USD") == CardTerms(10_00, 1_000_00, 2_000_00)
    assert usual_terms("JPY") == CardTerms(10, 1_000, 2_000)
    assert usual_terms("KWD") == CardTerms(10_000, 1_000_000, 2_000_000)
    assert usual_terms("USD").cash_out_minor is None
    assert usual_terms("USD").expires_on(SOLD) is None


@pytest.mark.parametrize("amount", [10_00, 10_01, 999_99, 1_000_00])
def test_gift_card_amount_within_limits_is_accepted(amount: int) -> None:
    usual_terms("USD").require_amount(amount)


@pytest.mark.parametrize("amount", [9_99, 1_000_01, 0, -10_00])
def test_gift_card_amount_outside_limits_is_refused_with_limits(amount: int) -> None:
    with pytest.raises(Invalid) as refused:
        usual_terms("USD").require_amount(amount)
    assert refused.value.field == "value_minor"
    assert refused.value.extra == {"least_minor": 10_00, "most_minor": 1_000_00}


@pytest.mark.parametrize(
    ("least", "most", "highest"),
    [(1, 1, 1), (5, 5, 9), (5, 9, 9), (1, LARGEST_MINOR, LARGEST_MINOR)],
)
def test_gift_card_terms_narrowest_and_widest_limits_are_accepted(least: int, most: int, highest: int) -> None:
    terms = CardTerms(least, most, highest)
    terms.require_amount(least)
    terms.require_amount(most)


@pytest.mark.parametrize(
    ("least", "most", "highest"),
    [(0, 5, 9), (-1, 5, 9), (6, 5, 9), (5, 9, 8), (9, 5, 9), (1, 2, LARGEST_MINOR + 1)],
)
def test_gift_card_terms_contradicting_limits_are_refused(least: int, most: int, highest: int) -> None:
    with pytest.raises(Invalid) as refused:
        CardTerms(least, most, highest)
    assert refused.value.field == "least_minor"


@pytest.mark.parametrize("cash_out", [None, 0, 1, 10_00, 50_00])
def test_gift_card_terms_cash_out_up_to_highest_balance_is_accepted(cash_out: int | None) -> None:
    assert CardTerms(1_00, 20_00, 50_00, cash_out_minor=cash_out).cash_out_minor == cash_out


@pytest.mark.parametrize("cash_out", [-1, 50_01])
def test_gift_card_terms_cash_out_out_of_range_is_refused(cash_out: int) -> None:
    with pytest.raises(Invalid) as refused:
        CardTerms(1_00, 20_00, 50_00, cash_out_minor=cash_out)
    assert refused.value.field == "cash_out_minor"


@pytest.mark.parametrize(
    ("months", "last_day"),
    [
        (1, date(2026, 2, 28)),
        (12, date(2027, 1, 31)),
        (240, date(2046, 1, 31)),
        (None, None),
    ],
)
def test_gift_card_expiry_is_same_day_months_later(months: int | None, last_day: date | None) -> None:
    assert CardTerms(1, 2, 3, validity_months=months).expires_on(SOLD) == last_day


@pytest.mark.parametrize("months", [0, -1, 241])
def test_gift_card_terms_validity_out_of_range_is_refused(months: int) -> None:
    with pytest.raises(Invalid) as refused:
        CardTerms(1, 2, 3, validity_months=months)
    assert refused.value.field == "validity_months"


@pytest.mark.parametrize(
    ("state", "balance", "day", "found"),
    [
        ("active", 14_00, date(2026, 6, 30), "active"),
        ("active", 14_00, date(2026, 7, 1), "active"),  # the last day counts
        ("active", 14_00, date(2026, 7, 2), "expired"),
        ("active", 0, date(2026, 7, 1), "used_up"),
        ("active", 0, date(2026, 7, 2), "expired"),
        ("blocked", 14_00, date(2026, 7, 2), "blocked"),
        ("blocked", 0, date(2026, 7, 1), "blocked"),
        ("replaced", 0, date(2026, 7, 2), "replaced"),
    ],
)
def test_gift_card_state_follows_balance_and_day(state: str, balance: int, day: date, found: str) -> None:
    assert card_state(state, balance, date(2026, 7, 1), day) == found


def test_gift_card_without_expiry_is_active_while_balance_remains() -> None:
    assert card_state("active", 1, None, date(2099, 1, 1)) == "active"
    assert card_state("active", 0, None, date(2099, 1, 1)) == "used_up"
    assert card_state("expired", 1, None, date(2099, 1, 1)) == "expired"


def test_gift_card_move_has_label_for_any_kind() -> None:
    assert move_name("spend") == "Paid with"
    assert move_name("cash_out") == "Paid out"
    assert move_name("birthday_present") == "Birthday present"


def test_gift_card_terms_are_immutable_and_lack_of_value_has_code() -> None:
    with pytest.raises(FrozenInstanceError):
        usual_terms("USD").most_minor = 1
    assert NotEnoughValue("Only 14.00 is left.", balance_minor=14_00).code == "not_enough_value"
