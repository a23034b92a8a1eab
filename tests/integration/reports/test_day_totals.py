"""Totals of past days: reports say the same with and without them, and whatever writes into a day drops its totals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.statements import recorded
from pos.core import clock
from pos.core.database.base import engine, reading
from pos.core.database.day_totals import DayTotals
from pos.core.database.unit_of_work import unit_of_work
from pos.core.i18n.message import plain_day
from pos.core.ids import new_id
from pos.domain.ledger import posting
from pos.domain.ledger.entries import Draft
from pos.domain.locations.queries import all_places
from pos.domain.operations.models import SafetyStop
from pos.domain.staff.models import CommissionRule
from pos.domain.till.models import CashMovement, Shift
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day
from pos.services.day_totals import sum_again, sum_days
from pos.services.integrity.run_checks import check_books
from tests.support.actions import action
from tests.support.books import failing, tamper
from tests.support.clinic import Clinic, line
from tests.support.history import make_history
from tests.support.totals_agree import SUMMED

LATER = timedelta(days=4)


@pytest.fixture
def lived(clinic: Clinic) -> Clinic:
    """Everything has happened once, some of it on a second day."""
    with clock.at(clock.now() - timedelta(days=1)):
        clinic.sell(line("trigger_60", therapist=clinic.therapist), line("oil"), client=clinic.ana)
    clinic.sell(line("trigger_90"), site=clinic.eur, cash=200_00)
    for person in (clinic.therapist, clinic.receptionist, clinic.manager):
        rule = {"from_on": date(2026, 1, 1), "visit_percent": Decimal(40), "sale_percent": Decimal(10)}
        clinic.write(lambda session, rule=rule | {"staff_id": person.id}: session.add(CommissionRule(**rule)))
    return make_history(clinic)


def what_is_read(world: Clinic) -> list[Any]:
    """The figures of each day, the comparison with the ledger and every report that sums, over all locations."""
    with world.read() as session:
        places = all_places(session)
        scope = Scope(places, places[0].today() - timedelta(days=400), places[0].today())
        found: list[Any] = [by_day(session, scope)]
        for name in SUMMED:
            found += [list(reports()[name].rows(session, scope)), reports()[name].remarks_on(session, scope)]
        return found


def summed(world: Clinic, *, again: bool = False) -> int:
    with world.app.app_context():
        return sum((sum_again if again else sum_days)(place) for place in all_places(reading()))


def kept(world: Clinic) -> set[date]:
    with world.read() as session:
        here = DayTotals.location_id == world.usd.location_id
        return set(session.scalars(select(DayTotals.business_on).where(here)))


def wrong(world: Clinic) -> str | None:
    """What `pos verify` says of the totals."""
    return failing(world).get("day_totals")


@contextmanager
def days_later(world: Clinic) -> Iterator[date]:
    """The first day has been summed."""
    on = clock.now().date()
    with clock.at(clock.now() + LATER):
        assert summed(world) >= 2
        yield on


def test_reports_with_totals_say_the_same_and_read_no_sales(lived: Clinic) -> None:
    with clock.at(clock.now() + LATER):
        before = what_is_read(lived)
        assert before[0]
        assert summed(lived) >= 2
        assert summed(lived) == 0
        assert what_is_read(lived) == before
        whole, here = lived.usd.location_id, clock.now().date() - LATER
        with lived.app.app_context(), lived.read() as session, recorded(engine()) as statements:
            place = next(place for place in all_places(session) if place.id == whole)
            assert by_day(session, Scope((place,), here, here))
        assert [one for one in statements if "FROM sales" in one or "sale_lines" in one] == []
        assert wrong(lived) is None


def test_sum_days_leaves_out_days_that_may_still_be_sold_on(lived: Clinic) -> None:
    for days in (0, 1):
        with clock.at(clock.now() + timedelta(days=days)):
            assert summed(lived) == 0
    with clock.at(clock.now() + timedelta(days=2)):
        assert (summed(lived), kept(lived)) == (1, {clock.now().date() - timedelta(days=3)})


@pytest.mark.parametrize("what", ["a row of history", "a journal entry"])
def test_write_into_a_summed_day_drops_its_totals_there(lived: Clinic, what: str) -> None:
    here = lived.usd.location_id
    with days_later(lived) as on, lived.app.app_context():
        before = kept(lived)
        with lived.read() as session:
            shift = session.scalars(select(Shift).where(Shift.location_id == here)).first()
            assert shift is not None

        @unit_of_work
        def late(session: Session) -> None:
            if what == "a row of history":
                session.add(
                    CashMovement(
                        id=new_id(), location_id=here, drawer_id=shift.drawer_id, shift_id=shift.id, kind="tip_paid_out",
                        amount_minor=1_00, reason="late", staff_id=lived.manager.id, recipient_id=lived.therapist.id,
                        business_on=on, at=clock.now(),
                    )
                )  # fmt: skip
            else:
                draft = Draft("float", new_id(), "USD")
                draft.debit("bank", 1_00)
                draft.credit("stripe_clearing", 1_00)
                posting.post(session, draft, action(session, here, on=on), reference="late")

        late()
        assert before - kept(lived) == {on}
        with lived.read() as session:  # the other location's are as they were
            assert session.scalar(select(DayTotals.business_on).where(DayTotals.location_id != here)) == on
        reads = what_is_read(lived)
        assert summed(lived) == 1
        assert what_is_read(lived) == reads


def test_sale_of_today_asks_nothing_of_totals(lived: Clinic) -> None:
    with days_later(lived), lived.app.app_context(), recorded(engine()) as statements:
        lived.sell(line("trigger_90"), site=lived.eur, cash=200_00)
    assert any("INSERT INTO sales" in one for one in statements)
    assert [one for one in statements if "day_totals" in one] == []


def test_verify_wrong_totals_are_found_forgotten_and_stop_nothing(lived: Clinic) -> None:
    with days_later(lived) as on:
        tamper(lived, "UPDATE day_totals SET booked = '[]'")
        assert f"on {plain_day(on - timedelta(days=1))} are not what its rows come to" in (wrong(lived) or "")
        with lived.app.app_context():
            assert "day_totals" in {one.key for one in check_books(lived.usd.location_id) if not one.holds}
        assert kept(lived) == set()
        with lived.read() as session:
            assert session.scalars(select(SafetyStop.check_key).where(SafetyStop.check_key == "day_totals")).all() == []
        assert summed(lived, again=True) >= 2
        assert wrong(lived) is None


def test_totals_made_while_the_clock_was_ahead_are_neither_read_nor_kept(lived: Clinic) -> None:
    """A clock that ran a month ahead summed days that were not over; sales of today would not have dropped them."""
    with clock.at(clock.now() + timedelta(days=30)):
        assert summed(lived) > 2
    lived.sell(line("trigger_90"), site=lived.eur, cash=200_00)
    with clock.at(clock.now() + LATER):
        assert summed(lived) >= 2
        assert wrong(lived) is None
