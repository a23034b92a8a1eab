"""Expected visits: rung up in one tap, opened again by a void, brought in from a file, forgotten with their client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.domain.appointments.models import Appointment
from pos.domain.appointments.queries import Listed, appointment, appointments_between
from pos.domain.clients.persons import records_of
from pos.domain.clients.queries import client
from pos.domain.clients.registration import register as register_client
from pos.domain.locations.queries import place
from pos.reports.clients.kept_data import rows_of, sections_of
from pos.services.appointments.import_appointments import import_appointments, read_appointments
from pos.services.appointments.plan import PlannedVisit, add_appointment
from pos.services.client_records.erase_client import erase_client
from pos.services.refunds.void_sale import VoidSale, void_sale
from tests.support.client_actions import merge
from tests.support.clinic import Clinic, line
from tests.web.register.conftest import Register

HEAD = "date,time,client,email,phone,service,therapist,note,reference\n"


def today(clinic: Clinic) -> Any:
    with clinic.read() as session:
        return place(session, clinic.usd.location_id).today()


def plan(clinic: Clinic, **more: Any) -> UUID:
    facts = {"visit_on": today(clinic), "starts_at": time(9, 30), "item_id": clinic.items["trigger_60"]} | more
    with clinic.app.app_context():
        return add_appointment(
            appointment_id=new_id(), location_id=clinic.usd.location_id, visit=PlannedVisit(**facts), source="office",
            staff_id=clinic.manager.id,
        )  # fmt: skip


def seen(clinic: Clinic, key: UUID) -> Listed:
    with clinic.read() as session:
        return appointment(session, key, {clinic.usd.location_id})


def of_today(clinic: Clinic) -> list[Listed]:
    with clinic.read() as session:
        return appointments_between(session, [clinic.usd.location_id], today(clinic), today(clinic))


def ring_up(register: Register, key: UUID) -> dict[str, Any]:
    answer = register.send(f"/appointments/{key}/ring-up", {"ticket_id": str(new_id())})
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_visit_rung_up_takes_credit_names_receipt_and_void_opens_it_again(clinic: Clinic, register: Register) -> None:
    clinic.buy("ten", clinic.ana)
    key = plan(clinic, client_id=clinic.ana, therapist_id=clinic.therapist.id)
    ticket = ring_up(register, key)
    assert ticket["client"]["client_id"] == str(clinic.ana)
    assert [one["therapist_id"] for one in ticket["lines"]] == [str(clinic.therapist.id)]
    assert ticket["totals"]["credits_used"] == 1, "the credit that ends soonest pays, as always"
    assert (seen(clinic, key).state, seen(clinic, key).ticket_state) == ("arrived", "open")
    done = register.send("/sales", register.cash(ticket)).get_json()
    found = seen(clinic, key)
    assert (found.state, str(found.sale_id), found.receipt) == ("rung_up", done["sale_id"], done["receipt"])
    again = register.send(f"/appointments/{key}/ring-up", {"ticket_id": str(new_id())})
    assert again.status_code == 409
    assert done["receipt"] in again.get_data(as_text=True)
    with clinic.app.app_context():
        void_sale(VoidSale(new_id(), UUID(done["sale_id"]), "Wrong person", clinic.manager, clinic.usd.desk))
    assert (seen(clinic, key).state, seen(clinic, key).sale_id) == ("arrived", None)
    anew = register.send("/sales", register.cash(ring_up(register, key))).get_json()
    assert seen(clinic, key).receipt == anew["receipt"]


def test_visit_on_another_ticket_is_refused_until_that_is_thrown_away(
    clinic: Clinic, register: Register, sign_in: Callable[..., Register]
) -> None:
    key, other = plan(clinic, client_name="Nora"), sign_in(clinic.receptionist, clinic.usd.desks[1])
    ticket = ring_up(register, key)
    assert ticket["client"] is None
    assert other.send(f"/appointments/{key}/ring-up", {"ticket_id": str(new_id())}).status_code == 409
    register.send(f"/tickets/{ticket['ticket_id']}/drop")
    assert ring_up(other, key)["lines"][0]["item_id"] == str(clinic.items["trigger_60"])


def test_note_of_a_visit_stands_on_its_ticket_also_after_it_was_parked(clinic: Clinic, register: Register) -> None:
    ticket = ring_up(register, plan(clinic, client_name="Nora", note="Needs the lift"))
    assert ticket["note"] == "Needs the lift"
    address = f"/tickets/{ticket['ticket_id']}"
    assert register.send(f"{address}/park", {"note": ""}).status_code == 200
    assert register.send(f"{address}/take-up").get_json()["note"] == "Needs the lift"


def test_visit_whose_ticket_sold_something_else_is_still_to_come(clinic: Clinic, register: Register) -> None:
    key = plan(clinic, client_name="Nora")
    ticket = ring_up(register, key)
    body = {"client_id": None, "lines": register.rows(line("oil")), "version": ticket["version"]}
    ticket = register.send(f"/tickets/{ticket['ticket_id']}", body, method="PUT").get_json()
    register.send("/sales", register.cash(ticket))
    assert seen(clinic, key).state == "arrived"


def test_desk_plans_and_changes_visits_and_without_any_sees_its_last_sales(clinic: Clinic, register: Register) -> None:
    clinic.sell(line("oil"))
    assert [len(register.get("/appointments").get_json()[name]) for name in ("visits", "sales")] == [0, 1]
    wrong: dict[str, Any] = {
        "appointment_id": str(new_id()),
        "visit_on": today(clinic).isoformat(),
        "starts_at": "9.30",
    }
    wrong |= {"item_id": str(clinic.items["foot_30"]), "client_name": "", "note": "By the window"}
    for field, value in (("starts_at", "9:30"), ("client_name", "Nora")):
        refused = register.send("/appointments", wrong)
        assert (refused.status_code, refused.get_json()["field"]) == (422, field)
        wrong[field] = value
    told = register.send("/appointments", wrong).get_json()
    assert [(one["at"], one["client"], one["state"]) for one in told["visits"]] == [("09:30", "Nora", "expected")]
    assert (told["to_come"], told["sales"]) == (1, [])
    key = told["visits"][0]["appointment_id"]
    missed = register.send(f"/appointments/{key}", wrong | {"state": "missed"}, method="PUT").get_json()
    assert (missed["visits"][0]["state"], missed["to_come"]) == ("missed", 0)


def test_file_with_a_wrong_row_brings_nothing_in_and_a_right_one_only_once(clinic: Clinic) -> None:
    day = (today(clinic) + timedelta(days=1)).isoformat()
    with clinic.read() as session:
        ana = client(session, clinic.ana)
        name, email = ana.name, ana.email
    right = f'{day},9:30,{name.upper()},{email},,"Foot massage, 30 min",theo,,B-1\n'
    wrong = f"{day},25:00,Nora,,,Haircut,Nobody,,B-2\nsoon,10:00,,,,Foot massage 60 min,,,B-1\n"
    with clinic.read() as session:
        found = read_appointments(session, place(session, clinic.usd.location_id), (HEAD + right + wrong).encode())
    assert [(one.number, one.column) for one in found.errors] == [
        (3, "time"), (3, "service"), (3, "therapist"), (4, "date"), (4, "client"),
    ]  # fmt: skip

    def bring_in(text: str) -> tuple[int, ...]:
        with clinic.app.app_context():
            done = import_appointments(
                location_id=clinic.usd.location_id, content=(HEAD + text).encode(), staff_id=clinic.manager.id
            )
        return tuple(done.of(outcome) for outcome in ("new", "changed", "same"))

    with pytest.raises(Invalid, match="Row 3, time"):
        bring_in(right + wrong)
    assert clinic.count(Appointment) == 0
    unnumbered = f'{day},11:00,Nora,,,Trigger point therapy 60 min,,"window, please",\n'
    assert bring_in(right + unnumbered) == (2, 0, 0)
    assert bring_in(right + unnumbered) == (0, 0, 2)
    assert bring_in(right.replace("9:30", "10:45")) == (0, 1, 0)
    with clinic.read() as session:
        rows = appointments_between(session, [clinic.usd.location_id], today(clinic), today(clinic) + timedelta(days=2))
    assert [(one.starts_at, one.client_id, one.therapist, one.note) for one in rows] == [
        (time(10, 45), clinic.ana, "Theo", ""), (time(11), None, "", "window, please"),
    ]  # fmt: skip


def test_erased_and_merged_clients_are_followed(clinic: Clinic) -> None:
    def add(session: Session) -> UUID:
        return register_client(session, given_name="Ana", family_name="Twin", email=None, phone=None, country="US").id

    twin = clinic.write(add)
    of_twin, by_name = (
        plan(clinic, client_id=twin, note="Second floor"),
        plan(clinic, client_name="Nora Blum", note="x"),
    )
    merge(clinic, clinic.ana, twin)
    assert seen(clinic, of_twin).client_id == clinic.ana
    with clinic.read() as session:
        sections = {one.name: one for one in sections_of(records_of(session, clinic.ana))}
        assert [row["note"] for row in rows_of(session, sections["appointments"])] == ["Second floor"]

    def nora(session: Session) -> UUID:
        return register_client(session, given_name="Nora", family_name="Blum", email=None, phone=None, country="US").id

    with_row = clinic.write(nora)
    linked = plan(clinic, client_id=with_row, note="Loud")
    with clinic.app.app_context():
        erase_client(
            client_id=with_row, typed_name="Nora Blum", staff_id=clinic.manager.id, location_id=clinic.usd.location_id
        )
    assert "Nora" not in seen(clinic, linked).client + seen(clinic, by_name).client
    assert (seen(clinic, linked).note, seen(clinic, by_name).note) == ("", "")
