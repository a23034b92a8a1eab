"""Two taxes of one net, each rounded by itself: Quebec's 5 % and 9.975 %, to the cent."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from pos.core.money import Rates, rates_of, second_share
from pos.domain.ledger.entries import chart_line
from pos.domain.receipts.receipt_document import _marks_of, _tax_marks
from pos.domain.sales.cart_json import cart_from_json, cart_to_json
from pos.domain.sales.pricing import Cart, CartLine, Exemption, price_cart


def line(
    minor: int, first: str = "5", second: str = "9.975", *, exempt: int | None = None, sessions: int = 1
) -> CartLine:
    return CartLine(
        UUID(int=1), "package" if exempt else "variant", "60 min", 1, minor, "service", Decimal(first),
        second_tax_percent=Decimal(second), sessions=sessions,
        exemption=Exemption("prescription", "RX 1", exempt) if exempt else None,
    )  # fmt: skip


def price(*lines: CartLine, inclusive: bool = False, method: str = "invoice") -> Cart:
    return price_cart(lines, currency="CAD", tax_inclusive=inclusive, tax_method=method)


def taxes(cart: Cart) -> list[tuple[str, bool, int, int]]:
    return [(str(tax.percent), tax.second, tax.net_minor, tax.tax_minor) for tax in cart.taxes]


@pytest.mark.parametrize(
    ("net", "gst", "qst"), [(100_00, 5_00, 9_98), (12_00, 60, 1_20), (1, 0, 0), (900_00, 45_00, 89_78)]
)
def test_two_taxes_on_top_are_each_rounded_half_up(net: int, gst: int, qst: int) -> None:
    cart = price(line(net))
    assert taxes(cart) == [("5", False, net, gst), ("9.975", True, net, qst)]
    assert (cart.tax_minor, cart.second_tax_minor, cart.total_minor) == (gst + qst, qst, net + gst + qst)


def test_two_taxes_follow_the_method_of_the_location() -> None:
    """Three times 12.00: 3.59 on the invoice, 1.20 for each line."""
    lines = [line(12_00)] * 3
    on_invoice, per_line = price(*lines), price(*lines, method="line")
    assert (on_invoice.second_tax_minor, per_line.second_tax_minor) == (3_59, 3_60)
    assert [one.second_tax_minor for one in on_invoice.lines] == [1_20, 1_20, 1_19]
    assert [one.tax_minor - one.second_tax_minor for one in on_invoice.lines] == [60, 60, 60]


def test_two_taxes_inside_leave_the_price_as_it_is_shown() -> None:
    cart = price(line(114_98), line(12_00, second="0"), inclusive=True)
    assert cart.total_minor == 126_98
    assert taxes(cart) == [("5", False, 100_00 + 11_43, 5_00 + 57), ("9.975", True, 100_00, 9_98)]


def test_one_tax_of_two_and_sessions_free_of_tax_have_bases_of_their_own() -> None:
    """900.00 of which four of ten sessions are free of both: 540.00 is the base; goods bear the first tax alone."""
    cart = price(line(900_00, exempt=4, sessions=10), line(20_00, second="0"), line(30_00, first="0"))
    assert taxes(cart) == [("5", False, 560_00, 28_00), ("9.975", True, 570_00, 56_86)]
    assert cart.lines[0].exempt_minor == 360_00


def test_receipt_marks_lines_only_where_their_rates_differ() -> None:
    same = price(line(100_00), line(12_00))
    assert _tax_marks(same) == {}
    marks = _tax_marks(mixed := price(line(100_00), line(20_00, second="0"), line(5_00, first="0", second="0")))
    assert [_marks_of(one.line, marks) for one in mixed.lines] == ["A B", "A", ""]


def test_order_keeps_both_taxes_and_one_tax_keeps_its_stored_shape() -> None:
    cart = price(line(100_00), line(20_00, second="0"))
    kept = cart_to_json(cart)
    assert cart_from_json(kept) == cart
    assert kept["taxes"] == [["5", 120_00, 6_00], ["9.975", 100_00, 9_98, True]]
    assert {"second_tax_minor", "second_tax_percent"}.isdisjoint(kept["lines"][1])


def test_parts_of_a_tax_return_both_taxes_exactly() -> None:
    left, second = 134_78, 89_78
    for part in (1, 33_33, 1, 50_00, 7, 51_36):
        back = second_share(part, left, second)
        assert 0 <= back <= second
        assert part - back <= left - second
        left, second = left - part, second - back
    assert (left, second) == (0, 0)


def test_accounts_of_two_taxes_are_called_after_them() -> None:
    names = ("GST", "QST")
    assert chart_line("tax_payable:second:9.975", names) == ("2201-9.975", "Tax payable QST 9.975 %")
    assert chart_line("tax_not_due:5", names) == ("2210-5", "Tax not due yet GST 5 %")
    assert chart_line("tax_payable:8", ("Sales tax",)) == ("2200-8", "Tax payable 8 %")
    assert rates_of(SimpleNamespace(tax_percent=Decimal(5), second_tax_percent=Decimal(0))) == Rates(Decimal(5))
