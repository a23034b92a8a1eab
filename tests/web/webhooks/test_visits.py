"""A booking system sends visits: kept once, moved, cancelled, refused as a whole, and never by a key that was ended."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pos.core.audit import AuditEvent
from pos.core.database.base import reading
from pos.domain.appointments.models import Appointment, BookingSystem
from pos.domain.appointments.queries import Listed, appointments_between
from pos.domain.clients.models import Client
from pos.domain.locations.queries import place
from pos.services.appointments.booking_systems import add_booking_system, booking_systems, end_booking_system
from pos.services.appointments.import_appointments import import_appointments
from pos.services.appointments.plan import PlannedVisit, change_appointment
from pos.services.client_records.erase_client import erase_client
from tests.support.clinic import Clinic


class Sender:
    """A booking system with its key."""

    def __init__(self, clinic: Clinic, name: str = "Diary") -> None:
        self.clinic = clinic
        self.web: FlaskClient = clinic.app.test_client()
        with clinic.app.app_context():
            self.key = add_booking_system(location_id=clinic.usd.location_id, name=name, staff_id=clinic.manager.id)
            self.today = place(reading(), clinic.usd.location_id).today()

    def visit(self, **more: Any) -> dict[str, Any]:
        row = {"reference": "A-1", "date": self.today.isoformat(), "time": "09:30", "client": "Nora Blum"}
        return row | {"service": "Foot massage, 30 min"} | more

    def send(self, *visits: Any, key: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        return self.web.post("/hooks/visits", json={"visits": list(visits)}, headers=headers)

    def kept(self) -> list[Listed]:
        with self.clinic.read() as session:
            return appointments_between(session, [self.clinic.usd.location_id], self.today, self.today + timedelta(9))


@pytest.fixture
def sender(clinic: Clinic) -> Sender:
    return Sender(clinic)


def outcomes(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.get_json()
    return [row["outcome"] for row in answer.get_json()["visits"]]


def change(clinic: Clinic, sender: Sender, *, state: str = "expected", **more: Any) -> None:
    """Somebody of the clinic changes the one visit."""
    [one] = sender.kept()
    facts = {"client_id": one.client_id, "client_name": "" if one.client_id else one.client} | more
    facts = {"visit_on": one.visit_on, "starts_at": one.starts_at, "item_id": one.item_id} | facts
    with clinic.app.app_context():
        change_appointment(
            appointment_id=one.id, location_ids=[clinic.usd.location_id], state=state, staff_id=clinic.manager.id,
            visit=PlannedVisit(**facts),
        )  # fmt: skip


def test_visit_sent_is_expected_moved_and_cancelled_and_repeats_change_nothing(clinic: Clinic, sender: Sender) -> None:
    tomorrow = (sender.today + timedelta(days=1)).isoformat()
    other = sender.visit(reference="A-2", time="11:00", client="Ola")
    assert outcomes(sender.send(sender.visit(), other)) == ["new", "new"]
    assert outcomes(sender.send(sender.visit(), other)) == ["same", "same"]
    assert [(one.client, one.state, one.source) for one in sender.kept()] == [
        ("Nora Blum", "expected", "system"), ("Ola", "expected", "system"),
    ]  # fmt: skip
    assert outcomes(sender.send(sender.visit(date=tomorrow, state="booked"))) == ["changed"]
    assert outcomes(sender.send(sender.visit(date=tomorrow, state="cancelled"))) == ["cancelled"]
    assert outcomes(sender.send(sender.visit(date=tomorrow, state="cancelled"))) == ["same"]
    assert [(one.reference, one.state) for one in sender.kept()] == [("A-2", "expected"), ("A-1", "cancelled")]
    with clinic.read() as session:
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "appointment.sent")).all()
        assert len(noted) == 3, "a repetition is no event"
        assert "Nora" not in str([event.detail for event in noted])
        assert session.scalars(select(BookingSystem.last_sent_at)).one() is not None


def test_visit_that_arrived_is_moved_by_nobody_but_the_clinic_once_missed(clinic: Clinic, sender: Sender) -> None:
    sender.send(sender.visit())
    [one] = sender.kept()
    with clinic.app.app_context():
        change_appointment(
            appointment_id=one.id, location_ids=[clinic.usd.location_id], state="missed", staff_id=clinic.manager.id,
            visit=PlannedVisit(one.visit_on, one.starts_at, one.item_id, client_name=one.client),
        )  # fmt: skip
    assert outcomes(sender.send(sender.visit(time="15:00"))) == ["same"]
    assert [(row.state, row.starts_at.hour) for row in sender.kept()] == [("missed", 9)]


def test_visit_sent_again_keeps_what_the_desk_chose(clinic: Clinic, sender: Sender) -> None:
    with clinic.read() as session:
        ana = session.get_one(Client, clinic.ana).name
    sender.send(sender.visit(client=ana))
    [one] = sender.kept()
    with clinic.app.app_context():
        change_appointment(
            appointment_id=one.id, location_ids=[clinic.usd.location_id], state="expected", staff_id=clinic.manager.id,
            visit=PlannedVisit(one.visit_on, one.starts_at, one.item_id, clinic.ana, "", clinic.therapist.id, "Window"),
        )  # fmt: skip
    assert outcomes(sender.send(sender.visit(client=ana))) == ["same"]
    assert outcomes(sender.send(sender.visit(client=ana, time="15:00"))) == ["changed"]
    [one] = sender.kept()
    assert (one.client_id, one.therapist_id, one.note, one.starts_at.hour) == (
        clinic.ana, clinic.therapist.id, "Window", 15
    )  # fmt: skip
    assert outcomes(sender.send(sender.visit(client="Somebody Else"))) == ["changed"]
    assert [(row.client_id, row.client) for row in sender.kept()] == [(None, "Somebody Else")]


def test_two_systems_and_a_file_use_the_same_reference_for_visits_of_their_own(clinic: Clinic, sender: Sender) -> None:
    other = Sender(clinic, "Web booking")
    sender.send(sender.visit())
    assert outcomes(other.send(other.visit(client="Ola", time="11:00"))) == ["new"]
    with clinic.app.app_context():
        text = f'date,time,client,service,reference\n{sender.today},12:00,Uwe,"Foot massage, 30 min",A-1\n'
        done = import_appointments(
            location_id=clinic.usd.location_id, content=text.encode(), staff_id=clinic.manager.id
        )
        assert done.of("new") == 1
    assert outcomes(other.send(other.visit(client="Ola", time="11:00", state="cancelled"))) == ["cancelled"]
    assert [(one.client, one.state) for one in sender.kept()] == [
        ("Nora Blum", "expected"), ("Ola", "cancelled"), ("Uwe", "expected"),
    ]  # fmt: skip
    # A system that was given a new key is still the same system.
    with clinic.app.app_context():
        [system] = [one for one in booking_systems(reading(), [clinic.usd.location_id]) if one.name == "Diary"]
        end_booking_system(system_id=system.id, own=[clinic.usd.location_id], staff_id=clinic.manager.id)
    assert outcomes(Sender(clinic).send(sender.visit())) == ["same"]


def test_visit_booked_again_is_expected_again_unless_the_clinic_cancelled_it(clinic: Clinic, sender: Sender) -> None:
    sender.send(sender.visit())
    sender.send(sender.visit(state="cancelled"))
    assert outcomes(sender.send(sender.visit())) == ["changed"]
    assert [one.state for one in sender.kept()] == ["expected"]
    change(clinic, sender, state="cancelled")
    assert outcomes(sender.send(sender.visit())) == ["same"], "a repetition does not undo what the desk did"
    assert outcomes(sender.send(sender.visit(time="16:00"))) == ["changed"], "a visit that was moved is booked"
    assert [(one.state, one.starts_at.hour) for one in sender.kept()] == [("expected", 16)]
    change(clinic, sender, state="arrived")
    assert outcomes(sender.send(sender.visit(time="16:00", state="cancelled"))) == ["same"]
    assert [one.state for one in sender.kept()] == ["arrived"]


def test_what_the_clinic_set_stays_until_the_system_says_something_else(clinic: Clinic, sender: Sender) -> None:
    sender.send(sender.visit(client="A. Blum"))
    change(clinic, sender, client_id=clinic.ana, starts_at=time(14), item_id=clinic.items["trigger_60"])
    assert outcomes(sender.send(sender.visit(client="A. Blum"))) == ["same"]
    assert outcomes(sender.send(sender.visit(client="A. Blum", time="15:00"))) == ["changed"]
    [one] = sender.kept()
    assert (one.client_id, one.starts_at, one.item_id) == (clinic.ana, time(15), clinic.items["trigger_60"])
    change(clinic, sender, client_id=clinic.ana, starts_at=time(15), item_id=clinic.items["trigger_60"])
    assert outcomes(sender.send(sender.visit(client="Ola Rot", time="15:00"))) == ["changed"]
    assert [(row.client_id, row.client) for row in sender.kept()] == [(None, "Ola Rot")]


def test_client_erased_is_not_brought_back_by_the_reference_of_their_visit(clinic: Clinic, sender: Sender) -> None:
    with clinic.app.app_context():
        name = reading().get_one(Client, clinic.ana).name
    ana = {"client": name, "email": "ana@mail.example", "note": "Comes by bus"}
    assert outcomes(sender.send(sender.visit(**ana))) == ["new"]
    change(clinic, sender, state="cancelled")
    with clinic.app.app_context():
        here = clinic.usd.location_id
        erase_client(client_id=clinic.ana, typed_name=name, staff_id=clinic.manager.id, location_id=here)
    assert outcomes(sender.send(sender.visit(**ana))) == ["same"]
    assert outcomes(sender.send(sender.visit(**ana, time="11:00"))) == ["changed"]
    [one] = sender.kept()
    assert (one.starts_at, one.state, one.note) == (time(11), "expected", "")
    with clinic.read() as session:
        kept = session.scalars(select(Appointment)).one()
        assert name not in f"{kept.client_name} {one.client}"
        assert kept.sent
        assert {kept.sent["who"], kept.sent["note"]} == {"erased"}


def test_visit_is_cancelled_though_nobody_treats_or_sells_it_any_more(sender: Sender) -> None:
    sender.send(sender.visit())
    gone = {"state": "cancelled", "therapist": "Who Left", "service": "Not sold"}
    assert outcomes(sender.send(sender.visit(**gone), sender.visit(reference="A-2", **gone))) == ["cancelled", "same"]
    assert [(one.state, one.item) for one in sender.kept()] == [("cancelled", "Foot massage, 30 min")]
    assert sender.send(sender.visit(**gone | {"state": "booked"})).status_code == 422


@pytest.mark.parametrize("reference", ["x" * 81, "\u200b", "\ud800"])
def test_reference_that_cannot_be_kept_whole_is_refused(sender: Sender, reference: str) -> None:
    sender.send(sender.visit(), sender.visit(reference="x" * 80, time="10:00"))
    answer = sender.send(sender.visit(reference=reference, state="cancelled"))
    assert [row["field"] for row in answer.get_json()["errors"]] == ["reference"]
    assert [one.state for one in sender.kept()] == ["expected"] * 2


def test_one_wrong_visit_refuses_all_and_names_each_value(sender: Sender) -> None:
    wrong = sender.visit(reference="A-2", date="tomorrow", service="Haircut", state="maybe")
    answer = sender.send(sender.visit(), wrong, sender.visit(reference=""))
    assert answer.status_code == 422
    assert {(row["visit"], row["field"]) for row in answer.get_json()["errors"]} == {
        (2, "date"), (2, "service"), (2, "state"), (3, "reference"),
    }  # fmt: skip
    assert sender.kept() == []


@pytest.mark.parametrize(
    "visits",
    [[], [7], [{"reference": 7}], [{"reference": "x" * 401}], [[]], [{"reference": f"A-{n}"} for n in range(501)]],
)
def test_what_is_no_list_of_visits_is_refused(sender: Sender, visits: list[Any]) -> None:
    answer = sender.send(*visits)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "visits")


def test_key_of_another_location_or_ended_or_guessed_sends_nothing(clinic: Clinic, sender: Sender) -> None:
    assert sender.send(sender.visit(), key="guessed").status_code == 401
    assert sender.web.post("/hooks/visits", json={"visits": [sender.visit()]}).status_code == 401
    with clinic.app.app_context():
        other = add_booking_system(location_id=clinic.eur.location_id, name="Diary", staff_id=clinic.manager.id)
        [system] = booking_systems(reading(), [clinic.usd.location_id])
        end_booking_system(system_id=system.id, own=[clinic.usd.location_id], staff_id=clinic.manager.id)
    assert sender.send(sender.visit()).status_code == 401
    sender.send(sender.visit(), key=other)
    with clinic.read() as session:
        here = Appointment.location_id == clinic.usd.location_id
        assert session.scalar(select(func.count()).select_from(Appointment).where(here)) == 0
