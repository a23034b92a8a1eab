"""What a till knows without a database: coins and notes, counts, movements of cash, and when a second person is wanted."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from pos.core.errors import Invalid
from pos.core.money import LARGEST_MINOR, parse_amount
from pos.domain.till.rules import (
    KINDS,
    counted,
    denominations,
    require_amount,
)


@pytest.mark.parametrize(
    ("currency", "wallet"),
    [
        ("USD", "0.01 0.05 0.10 0.25 0.50 1 2 5 10 20 50 100"),
        ("CAD", "0.05 0.10 0.25 1 2 5 10 20 50 100"),
        ("EUR", "0.01 0.02 0.05 0.10 0.20 0.50 1 2 5 10 20 50 100 200"),
        ("GBP", "0.01 0.02 0.05 0.10 0.20 0.50 1 2 5 10 20 50"),
        ("CHF", "0.05 0.10 0.20 0.50 1 2 5 10 20 50 100 200"),
        ("AUD", "0.05 0.10 0.20 0.50 1 2 5 10 20 50 100"),
        ("NZD", "0.10 0.20 0.50 1 2 5 10 20 50 100"),
        ("JPY", "1 5 10 50 100 500 1000 2000 5000 10000"),
        ("KWD", ""),  # counted as one sum
    ],
)
def test_denominations_follow_currency(currency: str, wallet: str) -> None:
    assert denominations(currency) == tuple(parse_amount(piece, currency) for piece in wallet.split())


def test_cash_count_sums_pieces() -> None:
    assert counted({"10000": 1, "25": 3, "1": 4}, "USD", field="counts") == 100_79
    assert counted({"1000": 3, "500": 1, "1": 7}, "JPY", field="counts") == 3_507
    assert counted({"10000": 0}, "USD", field="counts") == 0
    assert counted({}, "USD", field="counts") == 0
    assert counted({"1": 100_000}, "USD", field="counts") == 1_000_00


@pytest.mark.parametrize("number", [-1, 100_001, 1.5, True, "3", None])
def test_cash_count_invalid_number_is_refused(number: Any) -> None:
    with pytest.raises(Invalid, match="a whole number, zero or more") as refused:
        counted({"2000": 2, "100": number}, "USD", field="counts")
    assert refused.value.field == "counts"


@pytest.mark.parametrize(("piece", "currency"), [("3", "USD"), ("20000", "USD"), ("5", "NZD"), ("1", "KWD")])
def test_cash_count_unknown_denomination_is_refused(piece: str, currency: str) -> None:
    with pytest.raises(Invalid, match=f"no such coin or note: {piece}") as refused:
        counted({piece: 1}, currency, field="float")
    assert refused.value.field == "float"


def test_cash_count_refusal_repeats_twelve_characters_at_most() -> None:
    with pytest.raises(Invalid) as refused:
        counted({"9" * 400: 1}, "USD", field="counts")
    assert refused.value.sentence == f"USD has no such coin or note: {'9' * 12}."


@pytest.mark.parametrize(
    ("kind", "direction", "against"),
    [
        ("paid_in", 1, "cash_paid_in_out"),
        ("paid_out", -1, "cash_paid_in_out"),
        ("drop", -1, "bank"),
        ("tip_paid_out", -1, "tips_payable"),
        ("no_sale", 0, ""),
    ],
)
def test_cash_movement_kind_has_direction_and_account(kind: str, direction: int, against: str) -> None:
    assert (KINDS[kind].direction, KINDS[kind].against) == (direction, against)
    with pytest.raises(FrozenInstanceError):
        KINDS[kind].direction = 0


@pytest.mark.parametrize("kind", ["paid_in", "paid_out", "drop", "tip_paid_out"])
def test_cash_movement_amount_out_of_range_is_refused(kind: str) -> None:
    require_amount(kind, 1)
    require_amount(kind, LARGEST_MINOR)
    for wrong in (0, -1, LARGEST_MINOR + 1):
        with pytest.raises(Invalid, match="more than zero") as refused:
            require_amount(kind, wrong)
        assert refused.value.field == "amount"


def test_cash_movement_no_sale_with_amount_is_refused() -> None:
    require_amount("no_sale", 0)
    for wrong in (1, -1):
        with pytest.raises(Invalid, match="moves no money") as refused:
            require_amount("no_sale", wrong)
        assert refused.value.field == "amount"


def test_cash_movement_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="Choose what happened") as refused:
        require_amount("borrowed", 5_00)
    assert refused.value.field == "kind"
