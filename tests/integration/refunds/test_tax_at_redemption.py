"""Tax whose point is the redemption: the table of docs/rules.md, session by session, whatever becomes of the credits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pos.core.database.base import reading
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.models import CreditLot
from pos.domain.locations.queries import places
from pos.domain.sales.pricing import Discount
from pos.reports.books.ledger_agreement import compare
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.share_and_transfer import transfer_credits
from tests.integration.refunds.conftest import Desk
from tests.integration.refunds.test_packages import policy, three_used
from tests.support.books import failing
from tests.support.clinic import TaxHabit, line
from tests.support.package_actions import (
    entries,
    moves,
    noon,
    package_action,
)

A1 = TaxHabit("10", inclusive=True, point="redemption")
A2 = TaxHabit("20", inclusive=True, point="redemption")
A3 = TaxHabit("10", point="redemption")
AFTER = date(2027, 6, 18)


def lot_of(desk: Desk, sale_id: UUID) -> UUID:
    with desk.clinic.read() as session:
        package = desk.package(sale_id)
        return session.scalars(select(CreditLot.id).where(CreditLot.package_id == package)).one()


def taxes(desk: Desk) -> tuple[int, int]:
    """Tax that is due, and tax that is not due yet."""
    return -desk.balance("tax_payable"), -desk.balance("tax_not_due")


def agrees(desk: Desk) -> bool:
    """Every check holds, and sales and ledger say the same."""
    assert failing(desk.clinic) == {}
    with desk.clinic.app.app_context():
        session = reading()
        scope = Scope(places(session), date(2026, 1, 1), date(2028, 1, 1))
        return compare(session, scope, by_day(session, scope)).differences == ()


@pytest.mark.parametrize(
    ("tax", "paid", "net", "due", "later"),
    [
        (A1, 900_00, 818_18, [8_18, 8_18, 8_19], 57_27),
        (A2, 900_00, 750_00, [15_00, 15_00, 15_00], 105_00),
        (A3, 990_00, 900_00, [9_00, 9_00, 9_00], 63_00),
    ],
    ids=["A1", "A2", "A3"],
)
def test_tax_at_redemption_session_used_makes_its_tax_due(
    build_desk: Callable[..., Desk], tax: TaxHabit, paid: int, net: int, due: list[int], later: int
) -> None:
    desk = build_desk(tax)
    clinic, rate = desk.clinic, tax.percent
    sold = clinic.sell(line("ten"), client=clinic.ana)
    assert clinic.postings(sold.sale_id) == {
        "cash_drawer": paid, "package_liability": -net, f"tax_not_due:{rate}": net - paid,
    }  # fmt: skip
    for minor in due:
        used = clinic.postings(clinic.sell(line("trigger_60"), client=clinic.ana).sale_id)
        assert (used[f"tax_payable:{rate}"], used[f"tax_not_due:{rate}"]) == (-minor, minor)
    assert taxes(desk) == (sum(due), later)
    assert agrees(desk)


def back(rate: str, net: int, tax: int, revenue: int = 0, due: int = 0) -> dict[str, int]:
    """What a refund debits: the credits given up and their tax; what of both is kept is revenue, and due."""
    found = {"package_liability": net, f"tax_not_due:{rate}": tax}
    return found | ({"service_revenue": -revenue, f"tax_payable:{rate}": -due} if revenue else {})


@pytest.mark.parametrize(
    ("tax", "refund_policy", "paid", "posted", "due_in_the_end"),
    [
        (A1, "pro_rata", 630_00, back("10", 572_73, 57_27), 24_55),
        (A2, "pro_rata", 630_00, back("20", 525_00, 105_00), 45_00),
        (A3, "pro_rata", 693_00, back("10", 630_00, 63_00), 27_00),
        (A1, "single_price", 600_00, back("10", 572_73, 57_27, 27_28, 2_72), 27_27),
        (A2, "single_price", 600_00, back("20", 525_00, 105_00, 25_00, 5_00), 50_00),
        (A3, "single_price", 660_00, back("10", 630_00, 63_00, 30_00, 3_00), 30_00),
    ],
    ids=["A1-P1", "A2-P1", "A3-P1", "A1-P2", "A2-P2", "A3-P2"],
)
def test_tax_at_redemption_package_refund_returns_tax_not_due(
    build_desk: Callable[..., Desk],
    tax: TaxHabit,
    refund_policy: str,
    paid: int,
    posted: dict[str, int],
    due_in_the_end: int,
) -> None:
    desk = build_desk(tax)
    sale_id, package_id = three_used(desk, refund_policy)
    done = desk.refund(sale_id, package_id=package_id)
    assert desk.entry("refund", done.refund_id) == {"cash_drawer": -paid, **posted}
    assert taxes(desk) == (due_in_the_end, 0)
    assert desk.balance("package_liability") == 0
    assert agrees(desk)


def test_tax_at_redemption_forfeit_reversal_and_transfer_move_tax(build_desk: Callable[..., Desk]) -> None:
    desk = build_desk(A1)
    clinic = desk.clinic
    lot_id = lot_of(desk, clinic.sell(line("ten"), client=clinic.ana).sale_id)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    with clinic.app.app_context():
        forfeit_credit(package_action(clinic), lot_id, cause="no_show")
        assert taxes(desk) == (16_36, 65_46)
        undo_forfeit(package_action(clinic), moves(clinic, lot_id, "burn")[0])
        assert taxes(desk) == (8_18, 73_64)
        reverse_redemption(package_action(clinic), moves(clinic, lot_id, "redeem")[0])
        assert taxes(desk) == (0, 81_82)
        given = transfer_credits(package_action(clinic), lot_id, credits=2, receiver_id=clinic.ben)
    assert taxes(desk) == (0, 81_82)
    assert clinic.lot(given).tax_minor == 16_36
    clinic.sell(line("trigger_60"), client=clinic.ben)
    assert taxes(desk) == (8_18, 73_64)
    assert agrees(desk)


@pytest.mark.parametrize(
    ("expiry", "account", "breakage", "due", "later"),
    [("account_credit", 630_00, 0, 24_55, 0), ("lapse", 0, 572_73, 81_82, 0), ("never", 0, 0, 24_55, 57_27)],
)
def test_tax_at_redemption_credits_expire_by_policy_settles_tax(
    build_desk: Callable[..., Desk], expiry: str, account: int, breakage: int, due: int, later: int
) -> None:
    """Kept as money: untaxed until it is spent. Lapsed: what was collected as tax is never earned, it is due."""
    desk = build_desk(A1)
    desk.clinic.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy=expiry)))
    three_used(desk, "pro_rata")
    with noon(AFTER), desk.clinic.app.app_context():
        end_freezes_and_expire(places(reading()))
        assert (-desk.balance("account_credit"), -desk.balance("breakage")) == (account, breakage)
        assert taxes(desk) == (due, later)
        assert agrees(desk)


def test_tax_at_redemption_package_given_up_for_nothing_makes_tax_due(build_desk: Callable[..., Desk]) -> None:
    """Ten for 700.00 on top of 10 %, eight used at 110.00 each: nothing comes back, 140.00 is revenue and 14.00 tax."""
    desk = build_desk(A3)
    clinic = desk.clinic
    policy(desk, "single_price")
    sale_id = clinic.sell(
        line("ten", discount=Discount(amount_minor=200_00, reason="Spring")), client=clinic.ana
    ).sale_id
    for _ in range(8):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    done = desk.refund(sale_id, package_id=desk.package(sale_id))
    assert desk.entry("refund", done.refund_id) == {
        "package_liability": 140_00, "service_revenue": -140_00, "tax_not_due:10": 14_00, "tax_payable:10": -14_00,
    }  # fmt: skip
    assert taxes(desk) == (70_00, 0)
    assert agrees(desk)


@pytest.mark.parametrize("reversed_before", [False, True])
def test_tax_at_redemption_void_leaves_no_tax(build_desk: Callable[..., Desk], reversed_before: bool) -> None:
    """A visit on an older credit, sold with a new package, voided; and the same after the visit was reversed by itself."""
    desk = build_desk(A1)
    clinic = desk.clinic
    lot_id = lot_of(desk, clinic.sell(line("five"), client=clinic.ana).sale_id)
    before = taxes(desk)
    both = clinic.sell(line("trigger_60"), line("ten"), client=clinic.ana).sale_id
    if reversed_before:
        with clinic.app.app_context():
            reverse_redemption(package_action(clinic), moves(clinic, lot_id, "redeem")[0])
    desk.void(both)
    assert taxes(desk) == before
    assert agrees(desk)


def test_tax_at_redemption_report_separates_due_from_not_due(build_desk: Callable[..., Desk]) -> None:
    desk = build_desk(A1)
    three_used(desk, "pro_rata")
    desk.clinic.sell(line("oil"), client=None)
    with desk.clinic.app.app_context():
        scope = Scope(places(reading())[:1], date(2026, 1, 1), date(2028, 1, 1))
        (found,) = totals(scope, by_day(reading(), scope))
    ((net, tax),) = found.taxes.due.values()
    ((later),) = found.taxes.not_due.values()
    assert later == 57_27
    assert tax + later == found.tax_minor
    assert net == 245_45 + found.kind("retail").net_minor
    assert entries(desk.clinic, "sale")


def test_tax_at_redemption_refund_keeps_tax_already_due_exact(build_desk: Callable[..., Desk]) -> None:
    """Half of 450.00: of 40.91 tax 20.46 were due with five sessions and stay so; the cent is the clinic's revenue."""
    desk = build_desk(A1)
    clinic = desk.clinic
    policy(desk, "pro_rata")
    half = Discount(amount_minor=450_00, reason="Spring")
    sale_id = clinic.sell(line("ten"), client=clinic.ana, discount=half).sale_id
    for _ in range(5):
        clinic.sell(line("trigger_60"), client=clinic.ana)
    assert taxes(desk) == (20_46, 20_45)
    done = desk.refund(sale_id, package_id=desk.package(sale_id))
    assert desk.entry("refund", done.refund_id) == {
        "cash_drawer": -225_00, "package_liability": 204_54, "service_revenue": 1, "tax_not_due:10": 20_45,
    }  # fmt: skip
    assert taxes(desk) == (20_46, 0)
    assert agrees(desk)
