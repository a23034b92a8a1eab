"""What the desk charges without the server is what the server charges for the same: the cases of both in one file."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from pos.core.clock import business_date, zone
from pos.core.ids import new_id
from pos.core.money import Rates, percent_of
from pos.domain.locations.service_charge_rules import ServiceCharge
from pos.domain.sales.pricing import Cart, CartLine, price_cart
from pos.domain.sales.service_charges import ChargeChoice, charge_lines, due_charges
from tests.support.paths import ROOT

# Read by tests/unit/js/offline_prices.test.mjs too.
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/unit/js/offline_prices.json").read_text(encoding="utf-8"))


def _charges(case: dict[str, Any], cart: Cart) -> list[CartLine]:
    """The lines of the service charges of a case, each taxed by a category of its own."""
    at, zone_name, cutoff = datetime.fromisoformat(case["at"]), case["time_zone"], case["cutoff_hour"]
    local = at.astimezone(zone(zone_name))
    rules = [ServiceCharge.from_json({**rule, "tax_category": rule["key"]}) for rule in case["charges"]]
    rates = {rule["key"]: Rates(*map(Decimal, rule["tax_percents"])) for rule in case["charges"]}
    chosen = [ChargeChoice(UUID(key), charged=True) for key in case["chosen"]]
    day, evening = business_date(at, zone_name, cutoff), local.date() - timedelta(days=1)
    minute = local.hour * 60 + local.minute
    return charge_lines(due_charges(rules, chosen, cart, day=day, minute=minute, evening=evening), rates)


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
    how = {"currency": "USD", "tax_inclusive": case["tax_inclusive"], "tax_method": case["tax_method"]}
    cart = price_cart(lines, **how)
    if "charges" in case:
        cart = price_cart(lines + _charges(case, cart), **how)
    tip = percent_of(cart.tip_base_minor, Decimal(case["tip_percent"]))
    assert (cart.total_minor + tip, tip) == (case["due_minor"], case["tip_minor"])
