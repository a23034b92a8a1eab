"""Pricing, to the cent: discounts by largest remainder, tax on the invoice or per line, on top or inside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.core.errors import Invalid
from pos.core.money import LARGEST_MINOR
from pos.domain.sales.cart_json import cart_from_json, cart_to_json
from pos.domain.sales.cart_options import Gift
from pos.domain.sales.pricing import (
    MOST_LINES,
    Cart,
    CartLine,
    CashTender,
    Cover,
    Discount,
    price_cart,
    settle,
)

ITEM, LOT = UUID(int=1), UUID(int=2)


def cart_line(
    unit_minor: int,
    percent: str = "8",
    quantity: int = 1,
    *,
    kind: str = "variant",
    cover: Cover | None = None,
    discount: Discount | None = None,
    gift: Gift | None = None,
) -> CartLine:
    return CartLine(
        ITEM,
        kind,
        "60 min",
        quantity,
        unit_minor,
        "service",
        Decimal(percent),
        cover=cover,
        discount=discount,
        gift=gift,
    )


def gift_line(minor: int, **more: Any) -> CartLine:
    return cart_line(minor, "0", kind="gift_card", gift=Gift(minor), **more)


def price(*lines: CartLine, inclusive: bool = False, method: str = "invoice", discount: Discount | None = None) -> Cart:
    return price_cart(lines, currency="USD", tax_inclusive=inclusive, tax_method=method, discount=discount)


def example_f(percent: str, *, inclusive: bool, method: str) -> Cart:
    """Lines 100.00, 35.00 and 12.00 with 15.00 off the ticket."""
    return price_cart(
        [cart_line(minor, percent) for minor in (100_00, 35_00, 12_00)],
        currency="USD",
        tax_inclusive=inclusive,
        tax_method=method,
        discount=Discount(amount_minor=15_00, reason="Birthday"),
    )


def test_discount_on_ticket_is_spread_by_largest_remainder() -> None:
    cart = example_f("8", inclusive=False, method="invoice")
    assert [p.ticket_discount_minor for p in cart.lines] == [10_20, 3_57, 1_23]
    assert [p.displayed_minor for p in cart.lines] == [89_80, 31_43, 10_77]


def test_tax_on_top_per_invoice_is_rounded_once_and_spread() -> None:
    cart = example_f("8", inclusive=False, method="invoice")
    assert (cart.net_minor, cart.tax_minor, cart.total_minor) == (132_00, 10_56, 142_56)
    assert [p.tax_minor for p in cart.lines] == [7_18, 2_52, 86]
    assert [(t.percent, t.net_minor, t.tax_minor) for t in cart.taxes] == [(Decimal(8), 132_00, 10_56)]


def test_tax_on_top_per_line_differs_by_one_unit() -> None:
    cart = example_f("8", inclusive=False, method="line")
    assert (cart.tax_minor, cart.total_minor) == (10_55, 142_55)


@pytest.mark.parametrize(("method", "tax"), [("invoice", 22_00), ("line", 22_01)])
def test_tax_inclusive_leaves_total_unchanged(method: str, tax: int) -> None:
    cart = example_f("20", inclusive=True, method=method)
    assert (cart.currency, cart.tax_inclusive, cart.tax_method) == (
        "USD",
        True,
        method,
    )  # the sale keeps how it was priced
    assert (cart.tax_minor, cart.total_minor) == (tax, 132_00)
    assert cart.net_minor == 132_00 - tax


def test_tax_rates_of_ticket_are_computed_apart_and_zero_is_omitted() -> None:
    lines = [cart_line(100_00, "8"), cart_line(18_00, "6.25", kind="retail"), cart_line(10_00, "0")]
    cart = price_cart(lines, currency="USD", tax_inclusive=False, tax_method="invoice")
    assert [(t.percent, t.net_minor, t.tax_minor) for t in cart.taxes] == [
        (Decimal(8), 100_00, 8_00),
        (Decimal("6.25"), 18_00, 1_13),
    ]
    assert cart.total_minor == 137_13


def test_price_credit_covers_its_sessions_and_rest_is_charged() -> None:
    cover = Cover("credit", LOT, 1, 100_00)
    cart = price_cart(
        [cart_line(100_00, quantity=2, cover=cover)], currency="USD", tax_inclusive=False, tax_method="invoice"
    )
    (priced,) = cart.lines
    assert (priced.list_minor, priced.covered_minor, priced.net_minor, priced.tax_minor) == (
        200_00,
        100_00,
        100_00,
        8_00,
    )


def test_discount_on_covered_line_is_zero() -> None:
    cover = Cover("credit", LOT, 1, 100_00)
    line = cart_line(100_00, cover=cover, discount=Discount(amount_minor=50_00))
    cart = price_cart([line], currency="USD", tax_inclusive=False, tax_method="invoice", discount=Discount(Decimal(50)))
    assert (cart.discount_minor, cart.total_minor) == (0, 0)


@pytest.mark.parametrize(
    ("discount", "sentence"),
    [
        (Discount(), "either a percentage or an amount"),
        (Discount(Decimal(5), 100), "either a percentage or an amount"),
        (Discount(Decimal(0)), "between 0 and 100"),
        (Discount(Decimal(-5)), "between 0 and 100"),
        (Discount(Decimal("100.001")), "between 0 and 100"),
        (Discount(amount_minor=0), "positive amount"),
        (Discount(amount_minor=-1), "positive amount"),
        (Discount(amount_minor=LARGEST_MINOR + 1), "positive amount"),
    ],
)
def test_discount_invalid_is_refused(discount: Discount, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        discount.of(100_00)
    assert refused.value.field == "discount"


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_price_quantity_out_of_range_is_refused(quantity: int) -> None:
    with pytest.raises(Invalid) as refused:
        price_cart([cart_line(1, quantity=quantity)], currency="USD", tax_inclusive=False, tax_method="line")
    assert refused.value.field == "quantity"


def test_price_too_many_lines_or_too_large_is_refused() -> None:
    def price(lines: list[CartLine]) -> Cart:
        return price_cart(lines, currency="USD", tax_inclusive=False, tax_method="line")

    for lines in ([cart_line(1)] * (MOST_LINES + 1), [cart_line(LARGEST_MINOR, quantity=2)]):
        with pytest.raises(Invalid) as refused:
            price(lines)
        assert refused.value.field == "lines"
    assert price([]).total_minor == 0


def test_price_sixty_lines_are_accepted_and_one_more_is_refused() -> None:
    assert price(*[cart_line(1_00, "0", 99)] * 60).total_minor == 60 * 99_00
    with pytest.raises(Invalid, match="at most 60 lines"):
        price(*[cart_line(1_00)] * 61)
    with pytest.raises(Invalid, match="between 1 and 99"):
        price(cart_line(1_00, quantity=100))


def test_price_total_up_to_largest_amount_is_accepted() -> None:
    assert price(cart_line(LARGEST_MINOR, "0")).total_minor == LARGEST_MINOR
    with pytest.raises(Invalid, match="more than one sale can hold"):
        price(cart_line(LARGEST_MINOR, "0"), cart_line(1, "0"))


@pytest.mark.parametrize(
    ("discount", "base", "cut"),
    [
        (Discount(Decimal(100)), 80_00, 80_00),
        (Discount(Decimal("0.5")), 80_00, 40),
        (Discount(Decimal("12.5")), 99, 12),
        (Discount(amount_minor=15_00), 80_00, 15_00),
        (Discount(amount_minor=80_00), 80_00, 80_00),
        (Discount(amount_minor=90_00), 80_00, 80_00),
        (Discount(amount_minor=1), 80_00, 1),
        (Discount(amount_minor=LARGEST_MINOR), 80_00, 80_00),
    ],
)
def test_discount_never_exceeds_base(discount: Discount, base: int, cut: int) -> None:
    assert discount.of(base) == cut


def test_discount_of_line_applies_before_discount_of_ticket() -> None:
    """100.00 less its own 20.00, beside 50.00: ten percent of the ticket is 13.00."""
    cart = price(
        cart_line(100_00, discount=Discount(amount_minor=20_00)), cart_line(50_00), discount=Discount(Decimal(10))
    )
    first, second = cart.lines
    assert (first.line_discount_minor, first.ticket_discount_minor, first.discount_minor) == (20_00, 8_00, 28_00)
    assert (second.line_discount_minor, second.ticket_discount_minor, second.displayed_minor) == (0, 5_00, 45_00)
    assert (cart.list_minor, cart.discount_minor, cart.net_minor) == (150_00, 33_00, 117_00)


def test_discount_is_booked_against_revenue_at_list_price() -> None:
    """120.00 with 20 % inside, 12.00 off: revenue 100.00 at list, less 10.00 of discount; on top, as displayed."""
    for own, whole in ((Discount(amount_minor=12_00), None), (None, Discount(Decimal(10)))):
        (inside,) = price(cart_line(120_00, "20", discount=own), inclusive=True, discount=whole).lines
        assert (inside.list_net_minor, inside.net_minor, inside.tax_minor) == (100_00, 90_00, 18_00)
        (on_top,) = price(cart_line(120_00, "20", discount=own), discount=whole).lines
        assert (on_top.list_net_minor, on_top.net_minor, on_top.tax_minor) == (120_00, 108_00, 21_60)


def test_discount_of_line_and_ticket_with_same_amount_are_both_booked() -> None:
    twelve = Discount(amount_minor=12_00)
    (priced,) = price(cart_line(120_00, "20", discount=twelve), inclusive=True, discount=twelve).lines
    assert (priced.discount_minor, priced.list_net_minor, priced.net_minor) == (24_00, 100_00, 80_00)


@pytest.mark.parametrize("method", ["invoice", "line"])
def test_price_without_discount_has_list_net_equal_to_net(method: str) -> None:
    """Spread over an invoice, a line's tax may be a cent off its own: that cent is no discount."""
    cart = price(*[cart_line(100, "10")] * 5, inclusive=True, method=method)
    assert [p.list_net_minor for p in cart.lines] == [p.net_minor for p in cart.lines]
    assert cart.tax_minor == 45
    uneven = price(*[cart_line(104, "10")] * 2, inclusive=True)
    assert [p.tax_minor for p in uneven.lines] == [10, 9]
    assert [p.list_net_minor for p in uneven.lines] == [94, 95]


def test_price_covered_part_is_not_charged_discounted_or_listed() -> None:
    cover = Cover("credit", LOT, 1, 100_00)
    (priced,) = price(cart_line(100_00, quantity=2, cover=cover), discount=Discount(Decimal(10))).lines
    assert (priced.covered_minor, priced.ticket_discount_minor, priced.net_minor) == (100_00, 10_00, 90_00)
    assert priced.list_net_minor == 100_00
    beyond = Cover("credit", LOT, 1, 130_00)
    assert beyond.upgrade_minor == 0  # a visit as long as the credit says costs nothing beyond it
    whole = price(cart_line(100_00, cover=beyond))
    assert (whole.list_minor, whole.covered_minor, whole.total_minor) == (100_00, 100_00, 0)


def test_tip_base_is_undiscounted_price_of_treatments() -> None:
    """Example d of the domain: a visit by credit, an add-on; oil and a package do not count."""
    cart = price(
        cart_line(140_00, cover=Cover("credit", LOT, 1, 100_00)),
        cart_line(12_00, kind="add_on", discount=Discount(Decimal(50))),
        cart_line(18_00, kind="retail"),
        cart_line(900_00, kind="package"),
    )
    assert cart.tip_base_minor == 152_00


def test_price_gift_card_is_not_discounted_and_sold_singly() -> None:
    cart = price(gift_line(100_00), cart_line(50_00, "0"), discount=Discount(Decimal(10)))
    assert [p.displayed_minor for p in cart.lines] == [100_00, 45_00]
    assert (cart.gift_minor, cart.total_minor) == (100_00, 145_00)
    assert price(gift_line(100_00), discount=Discount(Decimal(10))).total_minor == 100_00
    free_visit = price(gift_line(100_00), cart_line(50_00), discount=Discount(Decimal(100)))
    assert [p.displayed_minor for p in free_visit.lines] == [100_00, 0]
    for line in (gift_line(100_00, quantity=2), gift_line(100_00, discount=Discount(Decimal(10)))):
        with pytest.raises(Invalid, match="sold one by one") as refused:
            price(line)
        assert refused.value.field == "quantity"


def test_tax_rates_are_listed_from_highest_with_own_base() -> None:
    cart = price(
        cart_line(110_00, "10"), cart_line(50_00, "0"), cart_line(120_00, "20"), cart_line(11_00, "10"), inclusive=True
    )
    assert [(t.percent, t.net_minor, t.tax_minor) for t in cart.taxes] == [
        (Decimal(20), 100_00, 20_00),
        (Decimal(10), 110_00, 11_00),
    ]
    assert [p.tax_minor for p in cart.lines] == [10_00, 0, 20_00, 1_00]
    assert (cart.net_minor, cart.tax_minor) == (260_00, 31_00)


def test_price_result_is_immutable() -> None:
    discount, cover = Discount(Decimal(10)), Cover("credit", LOT, 1, 1_00)
    cart = price(cart_line(10_00, cover=cover), discount=discount)
    paid = settle(9_00, cash_tendered_minor=9_00, card=False)
    for fact, name in (
        (discount, "percent"),
        (cover, "uses"),
        (cart, "lines"),
        (cart.lines[0], "net_minor"),
        (cart.lines[0].line, "unit_minor"),
        (cart.taxes[0], "tax_minor"),
        (paid, "cash_minor"),
        (CashTender(9_00), "tendered_minor"),
    ):
        with pytest.raises(AttributeError):
            setattr(fact, name, 0)


percents = st.sampled_from(["0", "2.5", "6", "7.7", "8", "8.875", "10", "19", "20", "27"])
discounts = st.one_of(
    st.none(),
    st.decimals("0.001", 100, places=3).map(lambda p: Discount(percent=p)),
    st.integers(1, 10**7).map(lambda minor: Discount(amount_minor=minor)),
)


@st.composite
def lines(draw: st.DrawFn) -> CartLine:
    unit, quantity = draw(st.integers(0, 10**7)), draw(st.integers(1, 12))
    uses = draw(st.integers(0, quantity))
    cover = Cover("credit", LOT, uses, uses * unit) if uses else None
    return cart_line(unit, draw(percents), quantity, cover=cover, discount=draw(discounts))


@given(
    cart_lines=st.lists(lines(), max_size=8),
    currency=st.sampled_from(["JPY", "USD", "KWD"]),
    inclusive=st.booleans(),
    method=st.sampled_from(["invoice", "line"]),
    discount=discounts,
)
@settings(max_examples=400, deadline=None)
def test_price_any_cart_sums_exactly(
    cart_lines: list[CartLine], currency: str, inclusive: bool, method: str, discount: Discount | None
) -> None:
    """What the client pays is what the lines say; tax is never off by a unit; nothing is negative; nothing gets lost."""
    cart = price_cart(cart_lines, currency=currency, tax_inclusive=inclusive, tax_method=method, discount=discount)
    for priced in cart.lines:
        assert priced.list_minor - priced.covered_minor - priced.discount_minor == priced.displayed_minor
        assert min(priced.net_minor, priced.tax_minor, priced.displayed_minor, priced.discount_minor) >= 0
        assert priced.displayed_minor == (priced.gross_minor if inclusive else priced.net_minor)
        exact = Decimal(priced.displayed_minor) * priced.line.tax_percent
        exact /= 100 + priced.line.tax_percent if inclusive else 100
        assert abs(priced.tax_minor - exact) < (1 if method == "line" else 2)
        assert priced.list_net_minor >= 0
    assert cart.total_minor == sum(p.gross_minor for p in cart.lines)
    assert sum(t.tax_minor for t in cart.taxes) == cart.tax_minor
    for tax in cart.taxes:
        base = sum(p.displayed_minor for p in cart.lines if p.line.tax_percent == tax.percent)
        assert base == tax.net_minor + (tax.tax_minor if inclusive else 0)
        if method == "invoice":
            exact = Decimal(base) * tax.percent / (100 + tax.percent if inclusive else 100)
            assert abs(tax.tax_minor - exact) <= Decimal("0.5")
    assert cart_from_json(cart_to_json(cart)).total_minor == cart.total_minor


@given(cart_lines=st.lists(lines(), min_size=1, max_size=5), discount=discounts, inclusive=st.booleans())
@settings(max_examples=100, deadline=None)
def test_cart_survives_json_round_trip(cart_lines: list[CartLine], discount: Discount | None, inclusive: bool) -> None:
    cart = price_cart(cart_lines, currency="USD", tax_inclusive=inclusive, tax_method="invoice", discount=discount)
    frozen = cart_to_json(cart)
    assert cart_to_json(cart_from_json(frozen)) == frozen
    for before, after in zip(cart.lines, cart_from_json(frozen).lines, strict=True):
        assert before.discount_minor == after.discount_minor
        assert (before.net_minor, before.tax_minor) == (after.net_minor, after.tax_minor)
