"""What people are owed: tips before, within and after some days, by person and pool; and who paid them out, from where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pos.core import clock
from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.domain.sales.carts import Tip
from pos.domain.till.shifts import MovementRequest
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.till.cash_movements import record_movement
from pos.services.tips import MoveTip, SharePool, move_tip, share_out
from tests.integration.refunds.conftest import Desk
from tests.support.clinic import Clinic, line
from tests.support.managers_reports import reports_differ, rows_of


def said(world: Clinic, name: str, *, back: int = 0, days: int = 0) -> list[dict[str, Any]]:
    """The rows of a report of some days ending so many days ago."""
    with world.read() as session:
        here = place(session, world.usd.location_id)
        last = here.today() - timedelta(days=back)
        return rows_of(session, name, Scope((here,), last - timedelta(days=days), last))


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
            f"Pool of {pool}": [9_00, 0, 0, -9_00, 0, 0],
        }
        before = {row["Person"]: row["Due at the end"] for row in said(world, "tips", back=1)}
        assert before == {world.therapist.name: 20_00, f"Pool of {pool}": 9_00}
        (paid,) = said(world, "tips-paid-out")
        wanted = ("Person", "Paid out", "Paid out by", "Approved by", "From the drawer of", "Reason")
        assert [paid[name] for name in wanted] == [
            world.therapist.name, 12_00, world.receptionist.name, "", "Front", "Friday"
        ]  # fmt: skip
        assert sum(row["Due at the end"] for row in rows.values()) == -world.balance(world.usd, "tips_payable")
        expect_agreement(world)
