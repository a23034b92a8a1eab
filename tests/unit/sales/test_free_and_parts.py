"""Pricing what is sold free of tax and what is paid in parts: the arithmetic alone."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from pos.core.errors import Invalid
from pos.domain.sales.cart_options import Part
from pos.domain.sales.pricing import (
    MOST_EXEMPT,
    CartLine,
    Cover,
    Discount,
    Exemption,
)
from tests.unit.sales.test_pricing import LOT, cart_line, price


def free(count: int | None = None) -> Exemption:
    return Exemption("prescription", "RX 4711", count)


def ten(percent: str = "6", *, minor: int = 900_00, quantity: int = 1, **more: Any) -> CartLine:
    """A package of ten."""
    return replace(cart_line(minor, percent, quantity, kind="package"), sessions=10, **more)


def test_exemption_units_count_visits_or_sessions() -> None:
    assert (cart_line(100_00, quantity=3).units, ten(quantity=2).units, cart_line(1).exempt_units) == (3, 20, 0)
    assert ten(quantity=2, exemption=free(4)).exempt_units == 8
    assert ten(quantity=2, exemption=free()).exempt_units == 20
    assert replace(cart_line(100_00, quantity=3), exemption=free()).exempt_units == 3
    assert (cart_line(1).sessions, cart_line(1).tax_point, MOST_EXEMPT) == (1, "sale", 999)
    assert Cover("credit", LOT, 1, 1).surcharge is False


def test_exemption_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        free().count = 2  # type: ignore[misc]  # the very thing that must not work


def test_exemption_price_of_four_of_ten_matches_worked_figures() -> None:
    cart = price(ten(exemption=free(4)))
    (line,) = cart.lines
    assert (line.net_minor, line.tax_minor, line.exempt_minor, cart.total_minor) == (900_00, 32_40, 360_00, 932_40)
    assert [(tax.percent, tax.net_minor, tax.tax_minor) for tax in cart.taxes] == [(Decimal(6), 540_00, 32_40)]


def test_exemption_price_of_two_packages_counts_sessions_of_each() -> None:
    cart = price(ten(quantity=2, exemption=free(4)))
    assert (cart.lines[0].exempt_minor, cart.lines[0].tax_minor) == (720_00, 64_80)


def test_exemption_price_of_whole_line_has_no_tax() -> None:
    cart = price(ten(exemption=free()), cart_line(12_00, "6"))
    assert [(p.exempt_minor, p.tax_minor) for p in cart.lines] == [(900_00, 0), (0, 72)]
    assert [(tax.net_minor, tax.tax_minor) for tax in cart.taxes] == [(12_00, 72)]


def test_exemption_price_with_tax_inclusive_keeps_shown_price() -> None:
    """20 % inside 900.00, four of ten free: 540.00 hold 90.00; revenue before the discount is booked net of it."""
    cart = price(ten("20", exemption=free(4)), inclusive=True)
    (line,) = cart.lines
    assert (line.net_minor, line.tax_minor, line.exempt_minor, line.list_net_minor) == (810_00, 90_00, 360_00, 810_00)
    assert [(tax.net_minor, tax.tax_minor) for tax in cart.taxes] == [(450_00, 90_00)]
    off = price(ten("20", exemption=free(4), discount=Discount(percent=Decimal(10), reason="x")), inclusive=True)
    assert (off.lines[0].net_minor, off.lines[0].tax_minor, off.lines[0].list_net_minor) == (729_00, 81_00, 810_00)


def test_exemption_price_indivisible_share_is_rounded_once() -> None:
    cart = price(replace(cart_line(100_00, "8", kind="package"), sessions=3, exemption=free(1)))
    assert (cart.lines[0].exempt_minor, cart.lines[0].tax_minor) == (33_33, 5_33)


@pytest.mark.parametrize("count", [0, 11])
def test_exemption_of_more_sessions_than_sold_is_refused(count: int) -> None:
    with pytest.raises(Invalid, match=r"^Between 1 and 10 sessions can be free of tax\.$") as refused:
        price(ten(exemption=free(count)))
    assert refused.value.field == "exemption"
    assert price(ten(exemption=free(10))).tax_minor == 0
    assert price(ten(exemption=free(1))).tax_minor == 48_60


def test_exemption_of_part_of_visit_is_refused() -> None:
    with pytest.raises(Invalid, match=r"^A visit is free of tax or it is not\.$"):
        price(replace(cart_line(100_00), exemption=free(2)))
    with pytest.raises(Invalid, match=r"^Between 1 and 2 "):
        price(replace(cart_line(100_00), sessions=2, exemption=free(3)))


def test_instalment_of_several_or_discounted_packages_is_refused() -> None:
    part = Part(300_00, None, 900_00)
    for wrong in (ten(quantity=2, part=part), ten(part=part, discount=Discount(amount_minor=1, reason="x"))):
        with pytest.raises(Invalid, match=r"sold one by one, at its price") as refused:
            price(wrong)
        assert refused.value.field == "part"


def test_discount_on_ticket_does_not_reduce_instalment() -> None:
    off = Discount(amount_minor=10_00, reason="Regular")
    cart = price(ten(minor=300_00, part=Part(300_00, None, 900_00)), cart_line(100_00), discount=off)
    assert [p.ticket_discount_minor for p in cart.lines] == [0, 10_00]
