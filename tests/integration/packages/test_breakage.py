"""Breakage before credits end, in the books: each night, taken back as far as it turns out otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update

from pos import cli
from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.rules.breakage import Expectation
from pos.domain.locations.queries import places
from pos.domain.sales.pricing import Discount
from pos.reports.books.rollforward import roll_forward
from pos.reports.period import Scope
from pos.services.catalogue.location_settings import set_breakage
from pos.services.packages.breakage import recognise_breakage
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.share_and_transfer import transfer_credits
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.package_actions import entries, noon, package_action

TODAY = date(2026, 6, 16)
FIFTH = Expectation("proportional", Decimal(20))


@pytest.fixture
def lapsing(build_clinic: Callable[..., Clinic]) -> Clinic:
    """Figure c: ten for 800.00 untaxed whose credits lapse."""
    world = book_floats(build_clinic(usd=TaxHabit("0")))
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
    world.sell(line("ten", discount=Discount(amount_minor=100_00, reason="Spring")), client=world.ana)
    return world


def rule(world: Clinic, how: Expectation, from_on: date = TODAY) -> None:
    with world.app.app_context():
        set_breakage(location_id=world.usd.location_id, staff_id=world.manager.id, from_on=from_on, expectation=how)


def night(world: Clinic) -> list[tuple[int, int]]:
    """The night's work: change and sum for each lot."""
    with world.app.app_context():
        return [(one.change_minor, one.breakage_minor) for one in recognise_breakage(places(reading()))]


def books(world: Clinic) -> tuple[int, int, int]:
    """Owed, of it recognised as breakage, and breakage earned in all."""
    assert failing(world) == {}
    names = ("package_liability", "expected_breakage", "breakage")
    owed, ahead, earned = (world.balance(world.usd, name) for name in names)
    return -owed, ahead, -earned


def use(world: Clinic, times: int = 1) -> None:
    for _ in range(times):
        world.sell(line("trigger_60"), client=world.ana)


def test_breakage_in_proportion_to_use_is_booked_and_corrected(lapsing: Clinic) -> None:
    with lapsing.app.app_context():
        rule(lapsing, FIFTH)
        assert night(lapsing) == []
        use(lapsing, 3)
        assert night(lapsing) == [(60_00, 60_00)]
        assert night(lapsing) == []
        assert books(lapsing) == (560_00, 60_00, 60_00)
        use(lapsing, 5)
        assert night(lapsing) == [(100_00, 160_00)]
        assert books(lapsing) == (160_00, 160_00, 160_00)
        use(lapsing)  # the ninth: more than was expected, so half of it is taken back with the visit itself
        assert books(lapsing) == (80_00, 80_00, 80_00)
        assert night(lapsing) == []
        use(lapsing)
        assert books(lapsing) == (0, 0, 0)
        assert -lapsing.balance(lapsing.usd, "service_revenue") == 800_00
        assert [minor for _, minor in entries(lapsing, "breakage")] == [
            {"expected_breakage": 60_00, "breakage": -60_00},
            {"expected_breakage": 100_00, "breakage": -100_00},
        ]


def test_breakage_rest_is_recognised_when_credits_expire(lapsing: Clinic) -> None:
    """Six used: 120.00 before the end, 320.00 in all after it, as by the lapse method."""
    with lapsing.app.app_context():
        rule(lapsing, FIFTH)
        use(lapsing, 6)
        night(lapsing)
        assert books(lapsing) == (320_00, 120_00, 120_00)
        with noon(date(2027, 6, 18)):
            end_freezes_and_expire(places(reading()))
        assert books(lapsing) == (0, 0, 320_00)


def test_breakage_remote_is_booked_after_months_and_reversed_by_use(lapsing: Clinic) -> None:
    with lapsing.app.app_context():
        rule(lapsing, Expectation("remote", remote_months=6))
        use(lapsing, 3)
        with noon(date(2026, 12, 15)):
            assert night(lapsing) == []
        with noon(date(2026, 12, 16)):
            assert night(lapsing) == [(560_00, 560_00)]
            assert books(lapsing) == (560_00, 560_00, 560_00)
            use(lapsing)
            assert books(lapsing) == (480_00, 480_00, 480_00)
            assert night(lapsing) == [(-480_00, 0)]
            assert books(lapsing) == (480_00, 0, 0)


def test_breakage_of_refundable_value_is_never_booked(clinic: Clinic) -> None:
    book_floats(clinic)
    clinic.buy("ten", clinic.ana)
    use(clinic, 5)
    with clinic.app.app_context():
        rule(clinic, FIFTH)
        assert night(clinic) == []


def test_breakage_transferred_credit_reverses_its_share(lapsing: Clinic) -> None:
    """Of eight used 160.00 is recognised; a credit given away and one in the same hands both end at their value."""
    with lapsing.app.app_context():
        rule(lapsing, FIFTH)
        use(lapsing, 8)
        night(lapsing)
        lot = lapsing_lot(lapsing)
        transfer_credits(package_action(lapsing), lot, credits=1, receiver_id=lapsing.ben)
        assert books(lapsing) == (160_00, 80_00, 80_00)
        assert entries(lapsing, "transfer")[0][1] == {"expected_breakage": -80_00, "breakage": 80_00}


def lapsing_lot(world: Clinic) -> UUID:
    with world.read() as session:
        found: UUID = session.execute(text("SELECT id FROM credit_lots")).scalar_one()
        return UUID(str(found))


def test_breakage_roll_forward_of_any_past_day_agrees_with_ledger(lapsing: Clinic) -> None:
    with lapsing.app.app_context():
        rule(lapsing, FIFTH)
        use(lapsing, 3)
        night(lapsing)
        with clock.at(clock.now() + timedelta(days=1)):
            use(lapsing, 2)
            night(lapsing)
        scopes = [Scope(places(reading())[:1], TODAY, TODAY + timedelta(days=days)) for days in (0, 1)]
        rolls = [roll_forward(reading(), scope)[0] for scope in scopes]
    assert [(roll.total.ahead, roll.ledger_ahead_minor, roll.agrees) for roll in rolls] == [
        (60_00, 60_00, True),
        (100_00, 100_00, True),
    ]


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("UPDATE credit_lots SET breakage_minor = breakage_minor - 1", "ahead"),
        ("UPDATE credit_lots SET tax_due_minor = tax_due_minor - 1", "tax_later"),
    ],
)
def test_breakage_check_planted_fault_is_found(build_clinic: Callable[..., Clinic], fault: str, check: str) -> None:
    world = book_floats(build_clinic(usd=TaxHabit("10", point="redemption")))
    world.write(lambda s: s.execute(update(PackagePlan).values(expiry_policy="lapse")))
    world.buy("ten", world.ana)
    use(world, 2)
    with world.app.app_context():
        rule(world, FIFTH)
        night(world)
    assert failing(world) == {}
    world.write(lambda s: s.execute(text(fault)))
    broken = failing(world)
    assert set(broken) == {check, "worth"}
    assert "riverside" in str(broken[check])


def test_breakage_command_dry_run_and_run_report_and_past_day_is_refused(
    lapsing: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lapsing.app.app_context():
        rule(lapsing, FIFTH)
        with pytest.raises(Invalid) as refused:
            rule(lapsing, Expectation(), TODAY - timedelta(days=1))
        assert refused.value.field == "from_on"
        use(lapsing, 3)
    monkeypatch.setattr(cli.packages, "app", lambda: lapsing.app)
    run = CliRunner().invoke
    looked = run(cli.main, ["breakage", "--dry-run", "--on", "2026-07-01"])
    assert (looked.exit_code, looked.output.splitlines()[-1]) == (0, "Breakage of 1 package would change.")
    done = run(cli.main, ["breakage"])
    assert done.output.splitlines() == [
        "riverside  10 × 60 min: 60.00, 60.00 in all (USD)",
        "Breakage of 1 package changed.",
    ]
    assert run(cli.main, ["breakage", "--on", "2026-07-01"]).exit_code == 2
