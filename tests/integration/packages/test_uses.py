"""Reversing a visit, burning a credit, restoring it: each on its own day, at exactly the value it had."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from pos.core.errors import (
    Conflict,
    Invalid,
    NeedsApproval,
    NoCreditLeft,
    NotFound,
)
from pos.core.ids import new_id
from pos.services.packages.adjust_credits import forfeit_credit, reverse_redemption, undo_forfeit
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, TaxHabit, line
from tests.support.package_actions import (
    entries,
    lines,
    moves,
    noon,
    package_action,
)

A1 = TaxHabit("10", inclusive=True)


def test_forfeit_undone_in_next_month_leaves_first_month_unchanged(
    build_clinic: Callable[..., Clinic],
) -> None:
    """Third credit burned 31 March (81.81), restored 2 April: April reverses it, March stays as reported."""
    world = book_floats(build_clinic(usd=A1))
    with noon(date(2026, 3, 10)), world.app.app_context():
        lot = world.buy("ten", world.ana)
        for _ in range(2):
            world.sell(line("trigger_60"), client=world.ana)
    with noon(date(2026, 3, 31)), world.app.app_context():
        forfeit_credit(package_action(world), lot, cause="no_show")
    assert (world.lot(lot).remaining, world.lot(lot).burned) == (7, 1)
    march = [entry for entry in entries(world, "burn") if entry[0].month == 3]
    assert march == [(date(2026, 3, 31), {"package_liability": 81_81, "service_revenue": -81_81})]
    (burned,) = moves(world, lot, "burn")
    with noon(date(2026, 4, 2)), world.app.app_context():
        undo_forfeit(package_action(world, "The client was ill, with a note."), burned)
    assert entries(world, "burn") == march
    assert entries(world, "restore") == [(date(2026, 4, 2), {"package_liability": -81_81, "service_revenue": 81_81})]
    kept = world.lot(lot)
    assert (kept.remaining, kept.burned, kept.recognised_minor) == (8, 0, 163_64)
    with noon(date(2026, 4, 3)), world.app.app_context():
        world.sell(line("trigger_60"), client=world.ana)
    assert [(x.kind, x.business_on.isoformat(), x.balance_after, x.value_minor, x.undone) for x in lines(world, lot)][
        :3
    ] == [
        ("redeem", "2026-04-03", 7, -81_81, False),
        ("restore", "2026-04-02", 8, 81_81, False),
        ("burn", "2026-03-31", 7, -81_81, True),
    ]
    assert failing(world) == {}


def test_redemption_reversed_returns_credit_and_next_has_same_value(
    build_clinic: Callable[..., Clinic],
) -> None:
    world = book_floats(build_clinic(usd=A1))
    lot = world.buy("ten", world.ana)
    for _ in range(3):
        world.sell(line("trigger_60"), client=world.ana)
    first = moves(world, lot, "redeem")[0]
    with world.app.app_context():
        reverse_redemption(package_action(world, "Rung up for the wrong client."), first)
    assert (world.lot(lot).remaining, world.lot(lot).redeemed, world.lot(lot).recognised_minor) == (8, 2, 163_63)
    assert [amounts for _, amounts in entries(world, "reverse")] == [
        {"package_liability": -81_82, "service_revenue": 81_82}
    ]
    world.sell(line("trigger_60"), client=world.ana)
    assert world.lot(lot).recognised_minor == 245_45
    assert failing(world) == {}
    with world.app.app_context(), pytest.raises(Conflict, match="reversed already"):
        reverse_redemption(package_action(world), first)


def test_forfeit_same_command_again_is_one_forfeit(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    again = package_action(clinic)
    with clinic.app.app_context():
        one = forfeit_credit(again, lot, cause="late_cancel")
        two = forfeit_credit(again, lot, cause="late_cancel")
    assert one == two
    assert clinic.lot(lot).burned == 1
    assert len(entries(clinic, "burn")) == 1


def test_forfeit_invalid_or_unapproved_is_refused_and_changes_nothing(clinic: Clinic) -> None:
    lot = clinic.buy("three", clinic.ana)
    (granted,) = moves(clinic, lot, "grant")
    with clinic.app.app_context():
        with pytest.raises(Invalid) as refused:
            forfeit_credit(package_action(clinic, "  "), lot, cause="no_show")
        assert refused.value.field == "reason"
        with pytest.raises(Invalid):
            forfeit_credit(package_action(clinic), lot, cause="bored")
        with pytest.raises(NotFound):
            forfeit_credit(package_action(clinic), new_id(), cause="no_show")
        with pytest.raises(NotFound):
            undo_forfeit(package_action(clinic), granted)
        with pytest.raises(NotFound):
            reverse_redemption(package_action(clinic), granted)
        with pytest.raises(NeedsApproval) as asked:
            forfeit_credit(package_action(clinic, by=clinic.receptionist), lot, cause="no_show")
        assert asked.value.extra["action"] == "credits.burn"
        for _ in range(3):
            forfeit_credit(package_action(clinic), lot, cause="no_show")
        with pytest.raises(NoCreditLeft):
            forfeit_credit(package_action(clinic), lot, cause="no_show")
    assert (clinic.lot(lot).remaining, clinic.lot(lot).burned) == (0, 3)
    assert clinic.lot(lot).recognised_minor == 285_00


def test_forfeit_package_of_other_location_is_not_found(clinic: Clinic) -> None:
    lot = clinic.buy("three", clinic.ana, site=clinic.eur)
    with clinic.app.app_context():
        with pytest.raises(NotFound):
            forfeit_credit(package_action(clinic), lot, cause="no_show")
        forfeit_credit(package_action(clinic, by=clinic.owner), lot, cause="no_show")
    assert clinic.lot(lot).burned == 1
