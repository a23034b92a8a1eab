"""What of a location may change when, and what retiring it leaves working."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.audit import AuditEvent
from pos.core.errors import Conflict, Invalid, NotAllowed, NotFound
from pos.core.ids import new_id
from pos.domain.ledger.models import JournalEntry
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import all_places, desk_place, place, places
from pos.domain.sales.models import Sale, Ticket
from pos.domain.staff.queries import Person, by_key
from pos.domain.till.models import Shift
from pos.domain.till.shifts import open_shift
from pos.services.jobs.nightly import run_due
from pos.services.locations import desks, locations
from pos.services.locations.location_facts import FROZEN, LocationFacts, facts_of
from tests.conftest import NOON
from tests.support.books import book_floats, failing
from tests.support.clinic import Clinic, Colleague, line

ELSEWHERE: dict[str, Any] = {
    "currency": "EUR", "time_zone": "America/Chicago", "tax_inclusive": True, "receipt_prefix": "NEW",
}  # fmt: skip


def person(clinic: Clinic, who: Colleague) -> Person:
    with clinic.read() as session:
        return by_key(session, who.id)


def facts(clinic: Clinic) -> LocationFacts:
    with clinic.read() as session:
        return facts_of(place(session, clinic.usd.location_id))


def edit(clinic: Clinic, **changes: Any) -> None:
    before = facts(clinic)
    with clinic.app.app_context():
        locations.edit_location(
            location_id=clinic.usd.location_id,
            facts=replace(before, **changes),
            seen=before.state_token,
            person=person(clinic, clinic.manager),
        )


def shut(clinic: Clinic, *, site: Any = None) -> None:
    """Close the drawers of a site by hand."""

    def conduct(session: Session) -> None:
        here = (site or clinic.usd).location_id
        for shift in session.scalars(select(Shift).where(Shift.location_id == here)):
            shift.state = "closed"

    clinic.write(conduct)


def test_location_without_sales_changes_what_later_freezes(clinic: Clinic, frozen: None) -> None:
    with clinic.app.app_context():
        owner = person(clinic, clinic.owner)
        new = replace(facts(clinic), slug="new", receipt_prefix="N1")
        key = locations.add_location(location_id=new_id(), facts=new, person=owner)
        assert locations.add_location(location_id=key, facts=new, person=owner) == key  # pressed twice
        other = replace(new, **ELSEWHERE | {"receipt_prefix": "N2"})
        locations.edit_location(location_id=key, facts=other, seen=new.cleaned().state_token, person=owner)
    with clinic.read() as session:
        assert facts_of(place(session, key)) == other
        assert key in by_key(session, clinic.owner.id).locations


@pytest.mark.parametrize("name", FROZEN)
def test_location_edit_after_first_sale_keeps_frozen_facts(clinic: Clinic, frozen: None, name: str) -> None:
    clinic.sell(line("oil"))
    with pytest.raises(Invalid, match="cannot change any more") as refused:
        edit(clinic, **{name: ELSEWHERE[name]})
    assert refused.value.field == name


def test_location_cutoff_changes_only_while_today_stays_today(clinic: Clinic, frozen: None) -> None:
    clinic.sell(line("oil"))
    with pytest.raises(Invalid, match="A drawer is open"):
        edit(clinic, cutoff_hour=4)
    shut(clinic)
    at_two = datetime(2026, 6, 17, 6, 0, tzinfo=UTC)  # two in the morning there
    with clock.at(at_two), pytest.raises(Invalid, match="another business day"):
        edit(clinic, cutoff_hour=4)
    with clock.at(at_two + timedelta(hours=3)):
        edit(clinic, cutoff_hour=4)
    with clinic.read() as session:
        assert session.get_one(Location, clinic.usd.location_id).cutoff_hour == 4
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "location.changed"))
    assert (event.detail, event.actor_id) == (
        {"before": {"cutoff_hour": 0}, "after": {"cutoff_hour": 4}}, clinic.manager.id,
    )  # fmt: skip


def test_location_edits_change_nothing_sold_or_booked(clinic: Clinic, frozen: None) -> None:
    book_floats(clinic)
    sale_id = clinic.sell(line("trigger_60"), client=clinic.ana).sale_id

    def kept() -> list[Any]:
        with clinic.read() as session:
            sale = session.get_one(Sale, sale_id)
            hashes = session.scalars(
                select(JournalEntry.hash).order_by(JournalEntry.location_id, JournalEntry.seq)
            ).all()
            return [sale.business_on, sale.currency, sale.total_minor, *hashes]

    before = kept()
    edit(
        clinic, name="West", clinic_name="Other", address_lines=("Here",), tax_method="line", tax_label="VAT",
        tax_id="9", locale="en_GB", receipt_note="Bye", country="CA", phone=None, email=None, slug="west",
    )  # fmt: skip
    assert kept() == before
    assert failing(clinic) == {}


def test_location_edit_by_manager_of_another_is_refused(clinic: Clinic, frozen: None) -> None:
    with clinic.read() as session:
        theirs = facts_of(place(session, clinic.eur.location_id))
    with clinic.app.app_context():
        mara = person(clinic, clinic.manager)
        with pytest.raises(NotFound):
            locations.edit_location(
                location_id=clinic.eur.location_id,
                facts=replace(theirs, name="Mine"),
                seen=theirs.state_token,
                person=mara,
            )
        with pytest.raises(NotAllowed):
            locations.add_location(location_id=new_id(), facts=theirs, person=mara)
        with pytest.raises(NotAllowed):
            locations.retire_location(location_id=clinic.usd.location_id, person=mara)
        with pytest.raises(NotFound):
            desks.add_desk(desk_id=new_id(), location_id=clinic.eur.location_id, name="Mine", person=mara)


def test_location_retired_sells_nothing_keeps_books_and_comes_back(clinic: Clinic, frozen: None) -> None:
    book_floats(clinic)
    clinic.sell(line("oil"), site=clinic.eur)
    owner = person(clinic, clinic.owner)
    here = clinic.eur.location_id
    with clinic.app.app_context():
        with pytest.raises(Conflict, match="Empfang"):
            locations.retire_location(location_id=here, person=owner)
        shut(clinic, site=clinic.eur)
        locations.retire_location(location_id=here, person=owner)
        locations.retire_location(location_id=here, person=owner)
    with clinic.read() as session:
        assert [one.id for one in places(session)] == [clinic.usd.location_id]
        assert [one.id for one in all_places(session)] == [clinic.usd.location_id, here]
        with pytest.raises(NotFound):
            desk_place(session, clinic.eur.desk)
    assert set(failing(clinic)) <= {"z"}  # `shut` writes no Z report
    with clinic.app.app_context(), clock.at(NOON + timedelta(days=1, hours=14)):
        assert "altstadt" in {slug for slug, _, _ in run_due()}  # its last day is closed, its credits expire
    with clinic.app.app_context():
        shut(clinic)
        with pytest.raises(Conflict, match="only open location"):
            locations.retire_location(location_id=clinic.usd.location_id, person=owner)
        locations.bring_back_location(location_id=here, person=owner)
    with clinic.read() as session:
        assert len(places(session)) == 2
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("location."))).all()
    assert sorted(actions) == ["location.brought_back", "location.retired"]


def test_desk_with_unfinished_ticket_is_not_retired(clinic: Clinic, frozen: None) -> None:
    mara = person(clinic, clinic.manager)
    with clinic.app.app_context():
        key = desks.add_desk(desk_id=new_id(), location_id=clinic.usd.location_id, name="Side", person=mara)

        def ticket(session: Session) -> Ticket:
            now = clock.now()
            row = Ticket(
                location_id=clinic.usd.location_id, desk_id=key, staff_id=clinic.receptionist.id,
                content={"lines": [{"item": "x"}]}, created_at=now, changed_at=now,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row

        made = clinic.write(ticket)
        with pytest.raises(Conflict, match="not finished"):
            desks.retire_desk(desk_id=key, person=mara)

        def drop(session: Session) -> None:
            session.get_one(Ticket, made.id).state = "dropped"

        clinic.write(drop)
        desks.retire_desk(desk_id=key, person=mara)
        with clinic.read() as session, pytest.raises(NotFound):
            desk_place(session, key)
        desks.bring_back_desk(desk_id=key, person=mara)

        def shift(session: Session) -> None:
            open_shift(session, desk_place(session, key), staff_id=clinic.receptionist.id, float_minor=0)

        clinic.write(shift)
        with pytest.raises(Conflict, match="drawer of this desk is open"):
            desks.retire_desk(desk_id=key, person=mara)
    with clinic.read() as session:
        assert session.get_one(Desk, key).active
