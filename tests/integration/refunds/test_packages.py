"""Refunds of packages through the use case: the table of docs/rules.md, in the books."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from pos.core.errors import Conflict
from pos.domain.catalogue.models import PackagePlan, Price
from pos.domain.stored_value import wallet as stored_value
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing
from tests.support.clinic import TaxHabit, line

A1, A2, A3 = TaxHabit("10", inclusive=True), TaxHabit("20", inclusive=True), TaxHabit("10")


def policy(desk: Desk, name: str, plan: str = "ten") -> None:
    """Change the plan's policy for the packages sold from now on."""
    item = desk.clinic.items[plan]
    desk.clinic.write(
        lambda s: setattr(
            s.scalars(select(PackagePlan).where(PackagePlan.item_id == item)).one(), "refund_policy", name
        )
    )


def three_used(desk: Desk, refund_policy: str) -> tuple[object, object]:
    """Ten for 900.00 of which three are used: the sale and its package."""
    policy(desk, refund_policy)
    sale_id = desk.clinic.sell(line("ten"), client=desk.clinic.ana).sale_id
    for _ in range(3):
        desk.clinic.sell(line("trigger_60"), client=desk.clinic.ana)
    return sale_id, desk.package(sale_id)


@pytest.mark.parametrize(
    ("tax", "paid", "net", "tax_minor", "sold_net"),
    [
        (A1, 630_00, 572_73, 57_27, 818_18),
        (A2, 630_00, 525_00, 105_00, 750_00),
        (A3, 693_00, 630_00, 63_00, 900_00),
    ],
    ids=["A1", "A2", "A3"],
)
def test_package_refund_pro_rata_posts_worked_figures(
    build_desk: Callable[..., Desk], tax: TaxHabit, paid: int, net: int, tax_minor: int, sold_net: int
) -> None:
    desk = build_desk(tax)
    sale_id, package_id = three_used(desk, "pro_rata")
    done = desk.refund(sale_id, package_id=package_id)
    assert (done.state, done.total_minor, done.note_label) == ("paid_back", paid, "RIV-CN-000001")
    assert desk.entry("refund", done.refund_id) == {
        "cash_drawer": -paid,
        "package_liability": net,
        f"tax_payable:{tax.percent}": tax_minor,
    }
    assert desk.balance("package_liability") == 0
    assert -desk.balance("service_revenue") == sold_net - net
    assert failing(desk.clinic) == {}


@pytest.mark.parametrize(
    ("tax", "paid", "net", "tax_minor", "extra", "in_the_end"),
    [
        (A1, 600_00, 545_45, 54_55, 27_28, (272_73, 27_27)),
        (A2, 600_00, 500_00, 100_00, 25_00, (250_00, 50_00)),
        (A3, 660_00, 600_00, 60_00, 30_00, (300_00, 30_00)),
    ],
    ids=["A1", "A2", "A3"],
)
def test_package_refund_single_price_after_price_change_posts_worked_figures(
    build_desk: Callable[..., Desk],
    tax: TaxHabit,
    paid: int,
    net: int,
    tax_minor: int,
    extra: int,
    in_the_end: tuple[int, int],
) -> None:
    desk = build_desk(tax)
    sale_id, package_id = three_used(desk, "single_price")
    # A later list price changes nothing: the single price is the one of the day of sale.
    item = desk.clinic.items["trigger_60"]
    desk.clinic.write(lambda s: s.execute(update(Price).where(Price.item_id == item).values(price_minor=110_00)))
    done = desk.refund(sale_id, package_id=package_id)
    assert desk.entry("refund", done.refund_id) == {
        "cash_drawer": -paid,
        "package_liability": net + extra,
        "service_revenue": -extra,
        f"tax_payable:{tax.percent}": tax_minor,
    }
    assert (-desk.balance("service_revenue"), -desk.balance("tax_payable")) == in_the_end
    assert desk.balance("package_liability") == 0
    assert failing(desk.clinic) == {}


def test_package_refund_store_credit_becomes_account_credit(build_desk: Callable[..., Desk]) -> None:
    desk = build_desk(A1)
    sale_id, package_id = three_used(desk, "store_credit")
    done = desk.refund(sale_id, package_id=package_id)
    assert [(part.kind, part.amount_minor) for part in done.parts] == [("account_credit", 630_00)]
    assert desk.entry("refund", done.refund_id) == {
        "account_credit": -630_00,
        "package_liability": 572_73,
        "tax_payable:10": 57_27,
    }
    with desk.clinic.read() as session:
        assert stored_value.account_balance(session, desk.clinic.ana, desk.clinic.usd.location_id) == 630_00
    assert failing(desk.clinic) == {}


def test_package_refund_buy_five_get_one_after_five_returns_sixth(build_desk: Callable[..., Desk]) -> None:
    """Example b: the sixth is worth 70.83 pro rata and nothing at the single price of 85.00."""
    desk = build_desk(TaxHabit("0"))
    sale_id = desk.clinic.sell(line("buy_5_get_1"), client=desk.clinic.ana).sale_id
    for _ in range(5):
        desk.clinic.sell(line("trigger_60"), client=desk.clinic.ana)
    assert desk.preview(sale_id, package_id=desk.package(sale_id)).total_minor == 70_83
    done = desk.refund(sale_id, package_id=desk.package(sale_id))
    assert (done.total_minor, desk.balance("package_liability")) == (70_83, 0)


def test_package_refund_made_before_is_refused_and_leaves_no_credits(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("ten"), client=desk.clinic.ana).sale_id
    package_id = desk.package(sale_id)
    desk.refund(sale_id, package_id=package_id)
    lot = desk.found(sale_id).packages[0]
    assert (lot.left, lot.preview) == (0, None)
    with pytest.raises(Conflict, match="refunded already"):
        desk.refund(sale_id, package_id=package_id)
    assert desk.clinic.due(desk.clinic.wanted(line("trigger_60")), client=desk.clinic.ana) == 108_00
    assert desk.notes() == ["RIV-CN-000001"]


def test_package_refund_differs_from_preview_is_refused(desk: Desk) -> None:
    sale_id = desk.clinic.sell(line("ten"), client=desk.clinic.ana).sale_id
    shown = desk.preview(sale_id, package_id=desk.package(sale_id))
    desk.clinic.sell(line("trigger_60"), client=desk.clinic.ana)
    with pytest.raises(Conflict) as refused:
        desk.refund(sale_id, package_id=desk.package(sale_id), expected=shown.total_minor)
    assert refused.value.extra["total_minor"] == 874_80
    assert desk.notes() == []
