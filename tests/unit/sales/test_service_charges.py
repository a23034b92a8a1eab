"""When a service charge is due, and on what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.domain.locations.service_charge_rules import ServiceCharge
from pos.domain.sales.pricing import Cart, CartLine, Cover, Discount, price_cart
from pos.domain.sales.service_charges import ChargeChoice, choices_from_json, due_charges

SATURDAY, SUNDAY, MONDAY = date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 30)
EVENINGS = ServiceCharge(
    new_id(), "Evenings", "service", MONDAY, date(2026, 12, 31), Decimal(10), from_minute=18 * 60, to_minute=22 * 60
)
HOME = ServiceCharge(new_id(), "Home visit", "service", MONDAY, amount_minor=15_00, by_itself=False)


def _line(kind: str, minor: int, cover: Cover | None = None, discount: Discount | None = None) -> CartLine:
    return CartLine(new_id(), kind, kind, 1, minor, "service", Decimal(8), cover=cover, discount=discount)


def _cart(*lines: CartLine) -> Cart:
    return price_cart(lines, currency="USD", tax_inclusive=False, tax_method="invoice")


VISIT = _line("variant", 100_00, discount=Discount(Decimal(20), reason="Friend"))
BY_CREDIT = _line("variant", 100_00, Cover("credit", new_id(), 1, 100_00))
FIRST = _line("variant", 100_00, Cover("first", new_id(), 1, 100_00))
ADD_ON, OIL, PACKAGE = _line("add_on", 12_00), _line("retail", 18_00), _line("package", 900_00)


@pytest.mark.parametrize(
    ("rule", "day", "minute", "due"),
    [
        (EVENINGS, MONDAY, 18 * 60, True),
        (EVENINGS, MONDAY, 22 * 60 - 1, True),
        (EVENINGS, MONDAY, 22 * 60, False),
        (EVENINGS, SUNDAY, 19 * 60, False),  # before its first day
        (EVENINGS, date(2027, 1, 1), 19 * 60, False),  # after its last
        (replace(EVENINGS, weekdays=(6,), from_on=SUNDAY), SUNDAY, 19 * 60, True),
        (replace(EVENINGS, weekdays=(6,)), MONDAY, 19 * 60, False),
        (replace(EVENINGS, from_minute=22 * 60, to_minute=2 * 60), MONDAY, 60, True),  # past midnight
        (replace(EVENINGS, from_minute=22 * 60, to_minute=2 * 60), MONDAY, 12 * 60, False),
        (HOME, MONDAY, 19 * 60, False),  # somebody chooses it
    ],
)
def test_charge_by_itself_is_due_on_its_days_and_hours(rule: ServiceCharge, day: date, minute: int, due: bool) -> None:
    assert bool(due_charges([rule], [], _cart(VISIT), day=day, minute=minute)) is due


@pytest.mark.parametrize(
    ("day", "evening", "minute", "due"),
    [
        (MONDAY, SUNDAY, 30, True),  # the night of Sunday, where the trading day ends at midnight
        (SUNDAY, SUNDAY, 30, True),  # where it ends later
        (SUNDAY, SATURDAY, 30, False),  # the night of Saturday
        (SUNDAY, SATURDAY, 23 * 60, True),
        (MONDAY, SUNDAY, 23 * 60, False),
    ],
)
def test_charge_of_an_evening_past_midnight_goes_by_the_day_it_began(
    day: date, evening: date, minute: int, due: bool
) -> None:
    nights = replace(EVENINGS, weekdays=(6,), from_on=SATURDAY, from_minute=22 * 60, to_minute=2 * 60)
    assert bool(due_charges([nights], [], _cart(VISIT), day=day, minute=minute, evening=evening)) is due


@pytest.mark.parametrize(
    ("rule", "lines", "amount"),
    [
        (EVENINGS, [VISIT, ADD_ON], 9_20),  # 10 % of 80.00 + 12.00
        (EVENINGS, [VISIT, OIL, PACKAGE], 8_00),  # goods and packages bear none
        (EVENINGS, [BY_CREDIT], 0),
        (replace(EVENINGS, on_credits=True), [BY_CREDIT, ADD_ON], 11_20),
        (replace(EVENINGS, on_credits=True), [FIRST], 0),  # it was charged when the visit was paid
        (replace(EVENINGS, percent=None, amount_minor=15_00), [VISIT, ADD_ON], 15_00),  # once for a ticket
        (replace(EVENINGS, percent=None, amount_minor=15_00), [BY_CREDIT], 0),
        (replace(EVENINGS, percent=None, amount_minor=15_00, on_credits=True), [BY_CREDIT], 15_00),
        (replace(EVENINGS, percent=None, amount_minor=15_00), [OIL, PACKAGE], 0),
    ],
)
def test_charge_is_of_what_visits_cost(rule: ServiceCharge, lines: list[CartLine], amount: int) -> None:
    found = due_charges([rule], [], _cart(*lines), day=MONDAY, minute=19 * 60)
    assert sum(one.amount_minor for one in found) == amount


def test_charge_is_chosen_at_the_desk_and_another_taken_off_with_its_reason() -> None:
    said = [ChargeChoice(HOME.key, charged=True), ChargeChoice(EVENINGS.key, charged=False, reason="Delayed by us")]
    found = due_charges([EVENINGS, HOME], said, _cart(VISIT), day=MONDAY, minute=19 * 60)
    assert [(one.rule.name, one.amount_minor, one.charged, one.reason) for one in found] == [
        ("Evenings", 8_00, False, "Delayed by us"),
        ("Home visit", 15_00, True, ""),
    ]
    with pytest.raises(Invalid) as refused:
        choices_from_json([{"key": str(EVENINGS.key), "charged": False, "reason": " "}])
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "home VISIT"}, "name"),
        ({"percent": Decimal(0)}, "percent"),
        ({"amount_minor": 5_00}, "percent"),
        ({"until_on": SUNDAY}, "until_on"),
        ({"weekdays": ()}, "weekdays"),
        ({"from_minute": 22 * 60}, "to_time"),
    ],
)
def test_senseless_charge_is_refused_at_its_field(changed: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        replace(EVENINGS, **changed).checked([HOME])  # type: ignore[arg-type]  # one field each
    assert refused.value.field == field
