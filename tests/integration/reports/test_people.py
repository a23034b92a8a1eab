"""What people are owed: tips before, within and after some days, by person and pool; and who paid them out, from where."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.i18n.message import plain_day
from pos.core.ids import new_id
from pos.core.money import percent_of
from pos.domain.credits.models import CreditLot
from pos.domain.locations.queries import place
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund
from pos.domain.sales.carts import Tip
from pos.domain.staff.models import CommissionRule
from pos.domain.till.shifts import MovementRequest
from pos.reports.listed import reports
from pos.reports.people.commission_arithmetic import stretches, taken_back
from pos.reports.period import Scope
from pos.services.packages.adjust_credits import reverse_redemption
from pos.services.till.cash_movements import record_movement
from pos.services.tips import MoveTip, SharePool, move_tip, share_out
from tests.integration.refunds.conftest import Desk
from tests.support.clinic import Clinic, line
from tests.support.managers_reports import reports_differ, rows_of
from tests.support.package_actions import moves, package_action


def said(world: Clinic, name: str, *, back: int = 0, days: int = 0) -> list[dict[str, Any]]:
    """The rows of a report of some days ending so many days ago."""
    with world.read() as session:
        here = place(session, world.usd.location_id)
        last = here.today() - timedelta(days=back)
        return rows_of(session, name, Scope((here,), last - timedelta(days=days), last))


def world_lot(world: Clinic) -> UUID:
    """The only lot there is."""
    with world.read() as session:
        return session.scalars(select(CreditLot.id)).one()


def said_of(world: Clinic, sale_id: UUID) -> set[str]:
    """The numbers of a sale's receipt and credit notes."""
    with world.read() as session:
        notes = (
            select(CreditNote.label).join(Refund, Refund.id == CreditNote.refund_id).where(Refund.sale_id == sale_id)
        )
        return {*session.scalars(select(Receipt.label).where(Receipt.sale_id == sale_id)), *session.scalars(notes)}


def expect_agreement(world: Clinic) -> None:
    with world.read() as session:
        assert reports_differ(session, place(session, world.usd.location_id)) == []


def test_tips_are_due_by_person_and_pool_as_of_any_day(desk: Desk) -> None:
    world = desk.clinic
    mine, pooled = Tip(amount_minor=20_00, staff_id=world.therapist.id), Tip(amount_minor=9_00)
    first = world.sell(line("trigger_60"), tip=mine)
    world.sell(line("oil"), tip=pooled)
    with clock.at(clock.now() + timedelta(days=1)), world.app.app_context():
        world.sell(line("trigger_60"), tip=mine)
        desk.refund(first.sale_id, positions=(), tip_minor=5_00)
        pool = clock.now().date() - timedelta(days=1)
        among = frozenset({world.therapist.id, world.manager.id})
        share_out(SharePool(new_id(), world.usd.location_id, pool, among, False, 9_00, world.manager.id))
        move_tip(MoveTip(new_id(), first.sale_id, world.therapist.id, world.manager.id, 1_00, "Half", world.manager.id))
        pay = MovementRequest(new_id(), "tip_paid_out", 12_00, "Friday", world.therapist.id)
        record_movement(desk_id=world.usd.desk, staff_id=world.receptionist.id, wanted=pay)
        reading().rollback()
        rows = {row["Person"]: row for row in said(world, "tips")}
        columns = reports()["tips"].columns[2:-1]
        assert {name: [row[column] for column in columns] for name, row in rows.items()} == {
            # due before, given, given back, moved and shared out, paid out, due at the end
            world.therapist.name: [20_00, 20_00, -5_00, 3_50, -12_00, 26_50],
            world.manager.name: [0, 0, 0, 5_50, 0, 5_50],
            f"Pool of {plain_day(pool)}": [9_00, 0, 0, -9_00, 0, 0],
        }
        before = {row["Person"]: row["Due at the end"] for row in said(world, "tips", back=1)}
        assert before == {world.therapist.name: 20_00, f"Pool of {plain_day(pool)}": 9_00}
        (paid,) = said(world, "tips-paid-out")
        wanted = ("Person", "Paid out", "Paid out by", "Approved by", "From the drawer of", "Reason")
        assert [paid[name] for name in wanted] == [
            world.therapist.name, 12_00, world.receptionist.name, "", "Front", "Friday"
        ]  # fmt: skip
        assert sum(row["Due at the end"] for row in rows.values()) == -world.balance(world.usd, "tips_payable")
        expect_agreement(world)


def test_commission_worked_figures(desk: Desk) -> None:
    """Visits at 40 %, sales at 12.5 %; from the second day on visits at 50 %. What goes back is reckoned as it was sold."""
    world, day = desk.clinic, clock.now().date()
    theo = world.therapist

    def rules(session: Session) -> None:
        for on, visit, sale in ((day, "40", "12.5"), (day + timedelta(days=1), "50", "12.5")):
            session.add(
                CommissionRule(staff_id=theo.id, from_on=on, visit_percent=Decimal(visit), sale_percent=Decimal(sale))
            )

    assert said(world, "commissions") == []
    world.write(rules)
    by_theo = {"therapist": theo}
    world.sell(line("ten", **by_theo), client=world.ana)  # 900.00: 112.50
    lot_use = world.sell(line("trigger_60", **by_theo), line("cupping", **by_theo), client=world.ana)  # 90.00, 20.00
    visit = world.sell(line("trigger_60", **by_theo), line("oil", **by_theo), line("ball"))  # 100.00; 18.00: 2.25
    world.sell(line("trigger_90"))  # nobody's
    columns = reports()["commissions"].columns[1:-1]
    (row,) = said(world, "commissions")
    assert [row[name] for name in columns] == [theo.name, 210_00, 84_00, 918_00, 114_75, 0, 198_75]
    with clock.at(clock.now() + timedelta(days=1)):
        world.sell(line("trigger_60", **by_theo))  # 100.00 at 50 %
        # 7.77 goes back with its tax: 7.19 before tax, spread over the lines of the sale.
        desk.refund(visit.sale_id, amount_minor=7_77)
        (use,) = moves(world, world_lot(world), "redeem")
        with world.app.app_context():
            reverse_redemption(package_action(world), use)  # 36.00 of the credit
        (row,) = said(world, "commissions")
        assert [row[name] for name in columns[1:5]] == [100_00, 50_00, 0, 0]
        assert row["Commission"] == 50_00 + row["Taken back"]
        lines = {(one["Earned on"], one["Item"], one["Commission"]) for one in said(world, "commission-lines")}
        assert ("Visit given back", "Trigger point therapy, 60 min", -36_00) in lines
        expect_agreement(world)
    with clock.at(clock.now() + timedelta(days=2)):
        desk.refund(visit.sale_id)
        desk.refund(lot_use.sale_id)
        rows = said(world, "commission-lines", days=2)
        # All of the visit and of the oil went back, in two parts, and so did all of what they earned.
        of_visit = [one for one in rows if one["Receipt"] in said_of(world, visit.sale_id)]
        assert sum(one["Commission"] for one in of_visit) == 0
        (row,) = said(world, "commissions", days=2)
        assert row["Commission"] == sum(one["Commission"] for one in rows) == 112_50 + 50_00
        expect_agreement(world)


@pytest.mark.parametrize(
    ("base", "gone", "percent", "parts"),
    [
        (10_00, (5_00, 5_00), "33.33", [1_66, 1_67]),
        (1, (1,), "50", [1]),
        (3_33, (1_11, 1_11, 1_11), "10", [11, 11, 11]),
        (100_00, (), "40", []),
    ],
)
def test_commission_taken_back_sums_to_what_was_earned(
    base: int, gone: tuple[int, ...], percent: str, parts: list[int]
) -> None:
    assert taken_back(base, gone, Decimal(percent)) == parts
    if gone:
        assert sum(parts) == percent_of(base, Decimal(percent))


def test_commission_days_are_cut_where_rates_change() -> None:
    first, last = date(2026, 6, 1), date(2026, 6, 30)
    begins = [date(2026, 1, 1), first, date(2026, 6, 10), last, date(2026, 7, 1)]
    assert stretches(first, last, begins) == [
        (first, date(2026, 6, 9)), (date(2026, 6, 10), date(2026, 6, 29)), (last, last)
    ]  # fmt: skip
