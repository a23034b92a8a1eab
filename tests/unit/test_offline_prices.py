"""What the desk charges without the server is what the server charges for the same: the cases of both in one file."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from pos.core.ids import new_id
from pos.core.money import percent_of
from pos.domain.sales.pricing import CartLine, price_cart
from tests.support.paths import ROOT

# Read by tests/unit/js/offline_prices.test.mjs too.
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/unit/js/offline_prices.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['tax_method']}-{case['due_minor']}")
def test_offline_price_case_is_what_the_server_charges(case: dict[str, Any]) -> None:
    lines = [
        CartLine(
            item_id=new_id(),
            kind=line["kind"],
            name="x",
            quantity=line["quantity"],
            unit_minor=line["price_minor"],
            tax_category="service",
            tax_percent=Decimal(line["tax_percents"][0]),
            second_tax_percent=Decimal(line["tax_percents"][1]),
        )
        for line in case["lines"]
    ]
    cart = price_cart(lines, currency="USD", tax_inclusive=case["tax_inclusive"], tax_method=case["tax_method"])
    tip = percent_of(cart.tip_base_minor, Decimal(case["tip_percent"]))
    assert (cart.total_minor + tip, tip) == (case["due_minor"], case["tip_minor"])
