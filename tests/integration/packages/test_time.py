"""Freezing, extending, suspending: what moves a package's last day, and what may not be used meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, NeedsApproval
from pos.core.ids import new_id
from pos.domain.credits import redemptions as credits
from pos.domain.credits.freezes import resume_package, suspend_package
from pos.domain.credits.models import CreditLot, LotExtension
from pos.domain.locations.queries import places
from pos.services.packages.expiry import end_freezes_and_expire
from pos.services.packages.freeze_and_extend import extend_package, freeze_package, unfreeze_package
from tests.support.actions import action
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, line
from tests.support.package_actions import lines, noon, package_action


def test_freeze_45_days_of_12_months_moves_expiry_to_24_february(clinic: Clinic) -> None:
    """Bought 10 Jan 2026, 12 months, frozen 45 days: expires 24 Feb 2027."""
    with noon(date(2026, 1, 10)), clinic.app.app_context():
        lot = clinic.buy("ten", clinic.ana)
    assert clinic.lot(lot).expires_on == date(2027, 1, 10)
    with noon(date(2026, 5, 1)), clinic.app.app_context():
        freeze_package(package_action(clinic, "Abroad until mid June."), lot)
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 108_00
        with pytest.raises(Conflict, match="frozen"):
            freeze_package(package_action(clinic), lot)
    with noon(date(2026, 6, 15)), clinic.app.app_context():
        assert unfreeze_package(package_action(clinic), lot) == date(2027, 2, 24)
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 0
    with clinic.read() as session:
        (moved,) = session.scalars(select(LotExtension))
        assert (moved.cause, moved.from_on, moved.to_on) == ("freeze", date(2027, 1, 10), date(2027, 2, 24))
    assert [x.kind for x in lines(clinic, lot)] == ["redeem", "unfreeze", "freeze", "grant"]
    assert failing(book_floats(clinic)) == {}


def test_freeze_not_medical_ends_after_its_allowed_days(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)  # 16 June 2026
    with clinic.app.app_context():
        with pytest.raises(Invalid, match="90 more days"):
            freeze_package(package_action(clinic), lot, until_on=date(2026, 9, 15))
        freeze_package(package_action(clinic), lot)
    with noon(date(2026, 9, 13)), clinic.app.app_context():
        end_freezes_and_expire(places(reading()))
        assert clinic.lot(lot).status == "frozen"
    with noon(date(2026, 9, 20)), clinic.app.app_context():
        end_freezes_and_expire(places(reading()))
        end_freezes_and_expire(places(reading()))
        # 90 days from 16 June end on 14 September, whenever the night's work was done.
        assert (clinic.lot(lot).status, clinic.lot(lot).expires_on) == ("active", date(2027, 9, 14))
        with pytest.raises(Invalid, match="used up"):
            freeze_package(package_action(clinic), lot)
        freeze_package(package_action(clinic, "Broken leg, with a note."), lot, medical=True)
    with noon(date(2027, 9, 20)), clinic.app.app_context():
        end_freezes_and_expire(places(reading()))
        assert clinic.lot(lot).status == "frozen"
        assert unfreeze_package(package_action(clinic), lot) == date(2028, 9, 13)


def test_freeze_with_credit_held_for_card_keeps_hold(clinic: Clinic) -> None:
    lot = clinic.buy("three", clinic.ana)
    here, day = clinic.usd.location_id, date(2026, 6, 16)
    clinic.write(lambda s: credits.hold(s, lot, action(s, here, key="k", on=day), order_id=None))
    with clinic.app.app_context():
        freeze_package(package_action(clinic), lot)
    assert (clinic.lot(lot).held, clinic.lot(lot).status) == (1, "frozen")
    clinic.write(lambda s: credits.release(s, lot, action(s, here, key="k", on=day), order_id=None))
    assert clinic.lot(lot).remaining == 3


def test_extension_within_terms_by_manager_moves_expiry(clinic: Clinic) -> None:
    lot = clinic.buy("three", clinic.ana)
    assert clinic.lot(lot).expires_on == date(2026, 12, 16)
    with clinic.app.app_context():
        with pytest.raises(Invalid, match="later"):
            extend_package(package_action(clinic), lot, to=date(2026, 12, 16))
        with pytest.raises(Invalid, match="365"):
            extend_package(package_action(clinic), lot, to=date(2027, 12, 17))
        with pytest.raises(NeedsApproval):
            extend_package(package_action(clinic, by=clinic.receptionist), lot, to=date(2027, 1, 16))
        extend_package(package_action(clinic, "Therapist was away."), lot, to=date(2027, 1, 16))
        with pytest.raises(Invalid, match="already given: 31"):
            extend_package(package_action(clinic), lot, to=date(2027, 12, 17))
    assert clinic.lot(lot).expires_on == date(2027, 1, 16)
    assert lines(clinic, lot)[0].reason == "Therapist was away."
    assert failing(book_floats(clinic)) == {}


def test_suspension_of_disputed_package_returns_lost_days_on_resume(clinic: Clinic) -> None:
    lot = clinic.buy("ten", clinic.ana)
    package, here = clinic.lot(lot).package_id, clinic.usd.location_id
    with noon(date(2026, 7, 1)), clinic.app.app_context():
        freeze_package(package_action(clinic), lot)
    with noon(date(2026, 7, 11)), clinic.app.app_context():
        suspended = clinic.write(
            lambda s: suspend_package(s, package, action(s, here, key="dispute:1", reason="Disputed."))
        )
    assert suspended == 10
    assert (clinic.lot(lot).status, clinic.lot(lot).expires_on) == ("suspended", date(2027, 6, 26))
    with noon(date(2026, 7, 12)), clinic.app.app_context():
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 108_00
        with pytest.raises(Conflict, match="disputed"):
            freeze_package(package_action(clinic), lot)
        with pytest.raises(Conflict):
            extend_package(package_action(clinic), lot, to=date(2027, 8, 1))
    with noon(date(2026, 7, 31)), clinic.app.app_context():
        again = clinic.write(lambda s: resume_package(s, package, action(s, here, key="won:1", reason="Won.")))
    assert again == 10
    assert (clinic.lot(lot).status, clinic.lot(lot).expires_on) == ("active", date(2027, 7, 16))
    with clinic.read() as session:
        assert session.scalars(select(CreditLot.remaining)).all() == [10]
    assert failing(book_floats(clinic)) == {}


def test_late_visit_of_last_valid_day_redeems_credit_next_morning(clinic: Clinic) -> None:
    """Expires 31 March, session that evening at 20:00, checked out 1 April 09:05: valid."""
    with noon(date(2026, 3, 31)), clinic.app.app_context():
        lot = clinic.buy("ten", clinic.ana)
    assert clinic.lot(lot).expires_on == date(2027, 3, 31)
    with clock.at(datetime(2027, 4, 1, 13, 5, tzinfo=UTC)), clinic.app.app_context():  # 09:05 in New York
        assert end_freezes_and_expire(places(reading())) == []
        assert clinic.sell(line("trigger_60"), client=clinic.ana).total_minor == 108_00
        visit = clinic.command(line("trigger_60"), client=clinic.ana, cash=0)
        assert visit.wanted is not None
        late = replace(visit, wanted=replace(visit.wanted, service_on=date(2027, 3, 31)))
        assert clinic.ring_up(late).total_minor == 0
        for wrong in (date(2027, 3, 30), date(2027, 4, 2)):
            with pytest.raises(Invalid) as refused:
                clinic.ring_up(replace(late, sale_id=new_id(), wanted=replace(visit.wanted, service_on=wrong)))
            assert refused.value.field == "service_on"
    (used,) = [x for x in lines(clinic, lot) if x.kind == "redeem"]
    assert (used.service_on, used.business_on) == (date(2027, 3, 31), date(2027, 4, 1))
    with noon(date(2027, 4, 2)), clinic.app.app_context():
        (gone,) = end_freezes_and_expire(places(reading()))
        assert gone.credits == 9
    assert failing(book_floats(clinic)) == {}
