"""Lists a bookkeeper goes through: the trial balance of any days, drawers, papers by number, refunds, fees and payouts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.ledger.models import Closing
from pos.domain.locations.queries import place
from pos.domain.till.shifts import MovementRequest
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.till.cash_movements import record_movement
from pos.services.till.close_period import close_periods
from tests.integration.refunds.conftest import Desk
from tests.integration.reports.test_counted_once import close_desk
from tests.integration.reports.test_people import expect_agreement, said
from tests.support.clinic import line


def test_trial_balance_rolls_from_day_to_day_through_closed_months(desk: Desk) -> None:
    world = desk.clinic
    world.buy("ten", world.ana)
    for number in (0, 1):
        close_desk(world, number)
    with clock.at(clock.now() + timedelta(days=45)), world.app.app_context():
        close_periods(world.usd.location_id)
        assert world.count(Closing) == 2  # the day, and June
        assert said(world, "drawers", days=50)[0]["Over or short"] == 0
        rows = {row["Account name"]: row for row in said(world, "trial-balance", days=10)}
        owed = rows["Package liability"]
        assert [owed[name] for name in ("Opening", "Debit", "Credit", "Closing")] == [-900_00, 0, 0, -900_00]
        whole = {row["Account name"]: row for row in said(world, "trial-balance", days=50)}
        assert [whole["Package liability"][name] for name in ("Opening", "Credit")] == [0, 900_00]
        assert sum(row["Opening"] for row in rows.values()) == sum(row["Closing"] for row in whole.values()) == 0
        assert {name: row["Closing"] for name, row in rows.items()} == {n: r["Closing"] for n, r in whole.items()}
        expect_agreement(world)


def test_papers_and_refunds_name_who_gave_them_and_sum_to_the_figure(desk: Desk) -> None:
    world = desk.clinic
    slip = world.sell(line("trigger_60"), client=world.ana)
    kept = world.sell(line("oil", 2))
    desk.void(slip.sale_id)
    desk.refund(kept.sale_id, amount_minor=10_00)
    rows = said(world, "refunds")
    wanted = ("Kind", "Made by", "Way", "Given back")
    assert [tuple(row[name] for name in wanted) for row in rows] == [
        ("Void", world.manager.name, "Cash", 108_00), ("Refund", world.manager.name, "Cash", 10_00)
    ]  # fmt: skip
    papers = said(world, "receipts")
    assert [(row["Paper"], row["Total with tax"]) for row in papers] == [
        ("Receipt", 108_00), ("Receipt", 38_88), ("Credit note", -108_00), ("Credit note", -10_00)
    ]  # fmt: skip
    assert (papers[2]["Of receipt"], papers[2]["Number"].what) == (papers[0]["Number"], "refund")
    expect_agreement(world)


def test_papers_made_as_a_day_ends_are_not_missing_on_either_day(desk: Desk) -> None:
    world = desk.clinic
    midnight = datetime.combine(clock.now().date() + timedelta(days=1), time(4), tzinfo=UTC)  # of New York in summer
    for minutes in (-3, 1, -1, 2):
        with clock.at(midnight + timedelta(minutes=minutes)):
            world.sell(line("oil"))
    with clock.at(midnight + timedelta(minutes=5)), world.read() as session:
        here = place(session, world.usd.location_id)
        for day in (here.today() - timedelta(days=1), here.today()):
            scope = Scope((here,), day, day)
            assert len(list(reports()["receipts"].rows(session, scope))) == 2
            assert reports()["receipts"].remarks_on(session, scope) == []


def test_drawers_and_movements_show_counts_and_reasons(desk: Desk) -> None:
    world = desk.clinic
    with world.app.app_context():
        for kind, minor, why in (("drop", 40_00, "Safe"), ("no_sale", 0, "Change")):
            movement = MovementRequest(new_id(), kind, minor, why)
            record_movement(desk_id=world.usd.desk, staff_id=world.manager.id, wanted=movement)
    close_desk(world, 0)
    first, second = said(world, "drawers")
    assert [first[name] for name in ("Report", "Float", "Expected", "Counted")] == ["Z 1", 100_00, 60_00, 60_00]
    assert (first["Report"].what, second["Report"], second["Counted"]) == ("z", "X", None)
    moved = [(row["What"], row["Amount"], row["Reason"]) for row in said(world, "cash-movements")]
    assert moved == [("Drop", -40_00, "Safe"), ("No sale", 0, "Change")]


def test_trial_balance_of_days_before_the_clinic_is_empty(desk: Desk) -> None:
    back = (clock.now().date() - date(2020, 1, 2)).days
    assert said(desk.clinic, "trial-balance", back=back) == []
