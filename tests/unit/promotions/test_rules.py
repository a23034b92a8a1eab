"""The rules of promo codes without a database: what comes off, and why a code does not hold."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pos.core.errors import Invalid
from pos.core.money import LARGEST_MINOR
from pos.domain.promotions.rules import (
    PromoTerms,
    cuts,
    normal_code,
    problem,
)

HERE, THERE, OIL, VISIT = (UUID(int=number) for number in (1, 2, 3, 4))
FIRST = date(2026, 6, 1)
CODE = PromoTerms(
    promo_id=UUID(int=9),
    code="JUNE-10",
    label="June",
    percent=Decimal(10),
    amount_minor=None,
    currency="USD",
    location_id=HERE,
    items=frozenset({VISIT}),
    from_on=FIRST,
    until_on=FIRST + timedelta(days=29),
    most_uses=5,
    most_per_client=2,
)
ASKED: dict[str, Any] = {
    "location_id": HERE, "currency": "USD", "day": FIRST, "client_id": UUID(int=7), "used_by_client": 0
}  # fmt: skip
AMOUNT = replace(CODE, percent=None, amount_minor=15_00, items=frozenset())


def test_promo_code_valid_terms_are_accepted() -> None:
    longest = replace(CODE, code="A" * 24, percent=Decimal(100), most_uses=1, most_per_client=1, until_on=FIRST)
    for terms in (CODE, AMOUNT, longest, replace(CODE, code="A1-"), replace(AMOUNT, amount_minor=LARGEST_MINOR)):
        assert terms.checked() is terms
    assert replace(AMOUNT, amount_minor=1).checked().amount_minor == 1
    assert replace(CODE, percent=Decimal("0.5")).checked().percent == Decimal("0.5")
    assert CODE.uses == 0
    assert replace(CODE, most_uses=None, most_per_client=None, until_on=None).checked().until_on is None


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"code": "AB"}, "code", "3 to 24"),
        ({"code": "A" * 25}, "code", "3 to 24"),
        ({"code": "-AB"}, "code", "3 to 24"),
        ({"code": "june-10"}, "code", "3 to 24"),
        ({"label": "  "}, "label", "receipt"),
        ({"amount_minor": 1}, "percent", "either"),
        ({"percent": None}, "percent", "either"),
        ({"percent": Decimal(0)}, "percent", "at most 100"),
        ({"percent": Decimal(-5)}, "percent", "at most 100"),
        ({"percent": None, "amount_minor": -1}, "amount", "more than zero"),
        ({"percent": Decimal("100.1")}, "percent", "at most 100"),
        ({"percent": None, "amount_minor": 0}, "amount", "more than zero"),
        ({"percent": None, "amount_minor": LARGEST_MINOR + 1}, "amount", "more than zero"),
        ({"until_on": FIRST - timedelta(days=1)}, "until_on", "before the first"),
        ({"most_uses": 0}, "most_uses", "1 or more"),
        ({"most_per_client": 0}, "most_per_client", "1 or more"),
    ],
)
def test_promo_code_invalid_terms_are_refused_with_field(change: dict[str, Any], field: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        replace(CODE, **change).checked()
    assert refused.value.field == field


def test_promo_code_terms_are_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        CODE.uses = 1  # type: ignore[misc]  # the very thing that must not work


def test_promo_code_typed_in_any_form_is_normalised() -> None:
    assert normal_code(" june - 10\t") == "JUNE-10"


@pytest.mark.parametrize(
    ("terms", "asked", "says"),
    [
        ({}, {}, None),
        ({"location_id": None}, {"location_id": THERE}, None),
        ({"uses": 4}, {"used_by_client": 1, "day": FIRST + timedelta(days=29)}, None),
        ({"most_per_client": None}, {"client_id": None, "used_by_client": 9}, None),
        ({"most_uses": None, "uses": 99}, {}, None),
        ({"until_on": None}, {"day": FIRST + timedelta(days=999)}, None),
        ({"active": False}, {}, "This code does not hold here."),
        ({}, {"currency": "EUR"}, "This code does not hold here."),
        ({}, {"currency": "ZAR"}, "This code does not hold here."),
        ({}, {"location_id": THERE}, "This code does not hold here."),
        ({}, {"day": FIRST - timedelta(days=1)}, "This code does not hold yet."),
        ({}, {"day": FIRST + timedelta(days=30)}, "This code has ended."),
        ({"uses": 5}, {}, "This code has been used up."),
        ({"uses": 6}, {}, "This code has been used up."),
        ({}, {"client_id": None}, "This code holds for known clients: choose the client first."),
        ({}, {"used_by_client": 2}, "This client has used this code already."),
        ({}, {"used_by_client": 3}, "This client has used this code already."),
    ],
)
def test_promo_code_not_applicable_has_reason(terms: dict[str, Any], asked: dict[str, Any], says: str | None) -> None:
    assert problem(replace(CODE, **terms), **(ASKED | asked)) == says


def test_promo_code_for_some_items_leaves_others_unchanged() -> None:
    assert (CODE.holds_for(VISIT), CODE.holds_for(OIL), AMOUNT.holds_for(OIL)) == (True, False, True)
    assert cuts(CODE, [(VISIT, 100_00), (OIL, 18_00), (VISIT, 12_05)]) == [10_00, 0, 1_21]


def test_promo_code_amount_is_spread_up_to_line_prices() -> None:
    lines = [(VISIT, 100_00), (OIL, 35_00), (VISIT, 12_00)]
    assert cuts(AMOUNT, lines) == [10_20, 3_57, 1_23]
    assert cuts(replace(AMOUNT, items=frozenset({OIL})), lines) == [0, 15_00, 0]
    assert cuts(AMOUNT, [(OIL, 9_00)]) == [9_00]
    assert cuts(replace(AMOUNT, items=frozenset({OIL})), [(VISIT, 100_00)]) == [0]
    assert cuts(AMOUNT, []) == []
