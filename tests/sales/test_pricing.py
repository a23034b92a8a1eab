"""Pricing, to the cent: discounts by largest remainder, tax on the invoice or per line, on top or inside."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.kernel.errors import Invalid
from pos.kernel.money import LARGEST_MINOR
from pos.sales.frozen import cart_from_json, cart_to_json
from pos.sales.rules import MOST_LINES, Cart, CartLine, Cover, Discount, price_cart, settle

ITEM, LOT = UUID(int=1), UUID(int=2)


def cart_line(
    unit_minor: int,
    percent: str = "8",
    quantity: int = 1,
    *,
    kind: str = "variant",
    cover: Cover | None = None,
    discount: Discount | None = None,
) -> CartLine:
    return CartLine(
        ITEM, kind, "60 min", quantity, unit_minor, "service", Decimal(percent), cover=cover, discount=discount
    )


def example_f(percent: str, *, inclusive: bool, method: str) -> Cart:
    """Lines 100.00, 35.00 and 12.00 with 15.00 off the ticket."""
    return price_cart(
        [cart_line(minor, percent) for minor in (100_00, 35_00, 12_00)],
        currency="USD",
        tax_inclusive=inclusive,
        tax_method=method,
        discount=Discount(amount_minor=15_00, reason="Birthday"),
    )


def test_a_ticket_discount_is_spread_by_largest_remainder() -> None:
    cart = example_f("8", inclusive=False, method="invoice")
    assert [p.ticket_discount_minor for p in cart.lines] == [10_20, 3_57, 1_23]
    assert [p.displayed_minor for p in cart.lines] == [89_80, 31_43, 10_77]


def test_tax_on_top_of_the_invoice_is_rounded_once_and_spread() -> None:
    cart = example_f("8", inclusive=False, method="invoice")
    assert (cart.net_minor, cart.tax_minor, cart.total_minor) == (132_00, 10_56, 142_56)
    assert [p.tax_minor for p in cart.lines] == [7_18, 2_52, 86]
    assert [(t.percent, t.net_minor, t.tax_minor) for t in cart.taxes] == [(Decimal(8), 132_00, 10_56)]


def test_tax_on_top_per_line_is_a_cent_less() -> None:
    cart = example_f("8", inclusive=False, method="line")
    assert (cart.tax_minor, cart.total_minor) == (10_55, 142_55)


@pytest.mark.parametrize(("method", "tax"), [("invoice", 22_00), ("line", 22_01)])
def test_tax_inside_takes_nothing_from_the_client(method: str, tax: int) -> None:
    cart = example_f("20", inclusive=True, method=method)
    assert (cart.tax_minor, cart.total_minor) == (tax, 132_00)
    assert cart.net_minor == 132_00 - tax


def test_the_rates_of_a_ticket_are_taxed_apart_and_zero_is_not_listed() -> None:
    lines = [cart_line(100_00, "8"), cart_line(18_00, "6.25", kind="retail"), cart_line(10_00, "0")]
    cart = price_cart(lines, currency="USD", tax_inclusive=False, tax_method="invoice")
    assert [(t.percent, t.net_minor, t.tax_minor) for t in cart.taxes] == [
        (Decimal(8), 100_00, 8_00),
        (Decimal("6.25"), 18_00, 1_13),
    ]
    assert cart.total_minor == 137_13


def test_a_credit_covers_its_sessions_and_the_rest_is_charged() -> None:
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


def test_a_covered_line_cannot_be_discounted_below_zero() -> None:
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
        (Discount(Decimal("100.001")), "between 0 and 100"),
        (Discount(amount_minor=0), "positive amount"),
        (Discount(amount_minor=-1), "positive amount"),
        (Discount(amount_minor=LARGEST_MINOR + 1), "positive amount"),
    ],
)
def test_a_senseless_discount_is_refused(discount: Discount, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        discount.of(100_00)
    assert refused.value.field == "discount"


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_quantity_out_of_range_is_refused(quantity: int) -> None:
    with pytest.raises(Invalid) as refused:
        price_cart([cart_line(1, quantity=quantity)], currency="USD", tax_inclusive=False, tax_method="line")
    assert refused.value.field == "quantity"


def test_a_ticket_has_bounds() -> None:
    def price(lines: list[CartLine]) -> Cart:
        return price_cart(lines, currency="USD", tax_inclusive=False, tax_method="line")

    for lines in ([cart_line(1)] * (MOST_LINES + 1), [cart_line(LARGEST_MINOR, quantity=2)]):
        with pytest.raises(Invalid) as refused:
            price(lines)
        assert refused.value.field == "lines"
    assert price([]).total_minor == 0


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
def test_every_cart_adds_up_exactly(
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
def test_a_frozen_cart_thaws_to_the_same_figures(
    cart_lines: list[CartLine], discount: Discount | None, inclusive: bool
) -> None:
    cart = price_cart(cart_lines, currency="USD", tax_inclusive=inclusive, tax_method="invoice", discount=discount)
    frozen = cart_to_json(cart)
    assert cart_to_json(cart_from_json(frozen)) == frozen
    for before, after in zip(cart.lines, cart_from_json(frozen).lines, strict=True):
        assert before.discount_minor == after.discount_minor
        assert (before.net_minor, before.tax_minor) == (after.net_minor, after.tax_minor)


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
def test_a_due_amount_is_split_between_cash_and_card(
    due: int, cash: int, card: bool, kept: int, change: int, rest: int
) -> None:
    found = settle(due, cash_tendered_minor=cash, card=card)
    assert (found.cash_minor, found.change_minor, found.card_minor) == (kept, change, rest)


@pytest.mark.parametrize(("cash", "card"), [(86_55, False), (-1, False), (LARGEST_MINOR + 1, False), (86_57, True)])
def test_cash_that_does_not_fit_is_refused(cash: int, card: bool) -> None:
    with pytest.raises(Invalid) as refused:
        settle(86_56, cash_tendered_minor=cash, card=card)
    assert refused.value.field == "cash_tendered_minor"
