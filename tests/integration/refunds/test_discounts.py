"""A refund takes revenue at list price and the discount back, as a void does: nothing stands of a sale given back whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from pos.domain.locations.queries import place
from pos.domain.refunds.models import RefundLine
from pos.domain.sales.pricing import Discount
from tests.integration.refunds.conftest import Desk
from tests.support.agreeing import disagreements
from tests.support.books import failing, tamper
from tests.support.clinic import TaxHabit, line

HABITS = [TaxHabit("8"), TaxHabit("20", inclusive=True), TaxHabit("20", inclusive=True, method="line")]
TEN = Discount(amount_minor=15_00, reason="Birthday")


def agrees(desk: Desk) -> bool:
    with desk.clinic.read() as session:
        return disagreements(session, place(session, desk.clinic.usd.location_id)) == []


@pytest.mark.parametrize("tax", HABITS, ids=["on top", "inside", "inside by line"])
def test_refund_of_discounted_sale_posts_same_as_void(build_desk: Callable[..., Desk], tax: TaxHabit) -> None:
    desk = build_desk(tax)
    sold = [desk.clinic.sell(line("trigger_60"), line("oil"), line("cupping"), discount=TEN).sale_id for _ in range(2)]
    entry = desk.clinic.postings(sold[0])
    refunded = desk.refund(sold[0])
    assert desk.entry("refund", refunded.refund_id) == {account: -minor for account, minor in entry.items()}
    voided = desk.void(sold[1])
    assert desk.entry("void", voided.refund_id) == desk.entry("refund", refunded.refund_id)
    for account in ("service_revenue", "add_on_revenue", "retail_revenue", "discounts", "tax_payable"):
        assert desk.balance(account) == 0
    assert failing(desk.clinic) == {}
    assert agrees(desk)


@pytest.mark.parametrize("tax", HABITS, ids=["on top", "inside", "inside by line"])
def test_refund_of_discounted_sale_in_parts_sums_to_whole(build_desk: Callable[..., Desk], tax: TaxHabit) -> None:
    """7.77 and again 33.33 of a visit, then the rest: discounts end at nothing, whatever the parts were rounded to."""
    desk = build_desk(tax)
    sale_id = desk.clinic.sell(line("trigger_60"), line("aromatherapy"), discount=TEN).sale_id
    given = -desk.balance("discounts")
    for amount in (7_77, 33_33, None):
        desk.refund(sale_id, amount_minor=amount)
        assert failing(desk.clinic) == {}
    assert given < 0
    assert (desk.balance("discounts"), desk.balance("service_revenue"), desk.balance("add_on_revenue")) == (0, 0, 0)
    with desk.clinic.read() as session:
        lines = session.scalars(select(RefundLine).where(RefundLine.kind == "variant")).all()
        assert len(lines) == 3
        assert all(row.discount_minor > 0 and row.discount_net_minor > 0 for row in lines)
    assert agrees(desk)


def test_refund_of_rest_after_refund_without_discount_takes_whole_discount(desk: Desk) -> None:
    """Refund lines written before this rule say nothing of the discount; what is given back later takes all of it."""
    sale_id = desk.clinic.sell(line("trigger_60"), discount=TEN).sale_id
    desk.refund(sale_id, amount_minor=45_90)  # half of it
    tamper(desk.clinic, "UPDATE refund_lines SET discount_minor = 0, discount_net_minor = 0")
    rest = desk.refund(sale_id)
    assert desk.entry("refund", rest.refund_id) == {
        "cash_drawer": -45_90,
        "service_revenue": 42_50 + 15_00,
        "discounts": -15_00,
        "tax_payable:8": 3_40,
    }
    with desk.clinic.read() as session:
        taken = select(RefundLine.discount_minor, RefundLine.discount_net_minor)
        assert session.execute(taken.where(RefundLine.refund_id == rest.refund_id)).one() == (15_00, 15_00)


def test_refund_of_discounted_package_posts_no_discount(desk: Desk) -> None:
    """It is owed at what was paid for it, so that its refund takes back no discount."""
    bought = desk.clinic.sell(line("ten"), client=desk.clinic.ana, discount=TEN).sale_id
    refund = desk.refund(bought, package_id=desk.package(bought))
    assert "discounts" not in desk.entry("refund", refund.refund_id)
    assert agrees(desk)
