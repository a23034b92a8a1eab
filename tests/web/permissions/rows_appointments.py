"""The rows of the permission table for visits that are expected."""

from __future__ import annotations

from datetime import time
from hashlib import sha256
from uuid import UUID

from pos.core.database.base import reading
from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.services.appointments.booking_systems import add_booking_system, booking_systems
from pos.services.appointments.plan import PlannedVisit, add_appointment
from pos.web.common.packed_file import pack
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, anybody, desk, office
from tests.web.permissions.permission_row import Row

API, OFFICE = "/register/api/appointments", "/office/sales/visits"
HERE = "?location=riverside"


def _visit(t: PermissionFixtures) -> UUID:
    """A visit of Ana's that is expected at Riverside today."""
    with t.clinic.read() as session:
        today = place(session, t.clinic.usd.location_id).today()
    visit = PlannedVisit(today, time(9, 30), t.clinic.items["foot_30"], client_id=t.clinic.ana)
    with t.clinic.app.app_context():
        return add_appointment(
            appointment_id=new_id(), location_id=t.clinic.usd.location_id, visit=visit, source="office",
            staff_id=t.clinic.manager.id,
        )  # fmt: skip


def _typed(t: PermissionFixtures) -> dict[str, str]:
    with t.clinic.read() as session:
        today = place(session, t.clinic.usd.location_id).today().isoformat()
    return {
        "appointment_id": str(new_id()), "visit_on": today, "starts_at": "10:15", "client_name": "Nora",
        "item_id": str(t.clinic.items["foot_30"]), "therapist_id": "", "note": f"Note {new_id()}",
    }  # fmt: skip


def planned(t: PermissionFixtures) -> Probe:
    """A visit typed at the desk."""
    return Probe(json=_typed(t))


def replanned(t: PermissionFixtures) -> Probe:
    """Another note of a visit."""
    return Probe({"appointment_id": _visit(t)}, json=_typed(t) | {"state": "arrived"})


def rung_up(t: PermissionFixtures) -> Probe:
    """A ticket for a visit."""
    return Probe({"appointment_id": _visit(t)}, json={"ticket_id": str(new_id())})


def typed_in_office(t: PermissionFixtures) -> Probe:
    """A visit typed in the office."""
    return Probe(form=_typed(t), query=HERE)


def changed_in_office(t: PermissionFixtures) -> Probe:
    """A visit changed in the office."""
    return Probe({"appointment_id": _visit(t)}, form=_typed(t) | {"state": "missed"})


def _file(t: PermissionFixtures) -> dict[str, str]:
    row = _typed(t)
    content = f'date,time,client,service\n{row["visit_on"]},11:00,{row["note"]},"Foot massage, 30 min"\n'.encode()
    return {"packed": pack(content), "name": "visits.csv", "sha256": sha256(content).hexdigest()}


def file_looked_at(t: PermissionFixtures) -> Probe:
    """A file looked at."""
    return Probe(form=_file(t), query=HERE)


def system_named(t: PermissionFixtures) -> Probe:
    """A key for another booking system."""
    return Probe(form={"name": f"System {new_id()}"}, query=HERE)


def system_ended(t: PermissionFixtures) -> Probe:
    """A booking system of Riverside whose key is ended."""
    where = t.clinic.usd.location_id
    with t.clinic.app.app_context():
        add_booking_system(location_id=where, name=f"System {new_id()}", staff_id=t.clinic.manager.id)
        return Probe({"system_id": booking_systems(reading(), [where])[-1].id})


def visit_sent(t: PermissionFixtures) -> Probe:
    """A visit from a booking system, by its key: who is signed in does not matter."""
    with t.clinic.app.app_context():
        key = add_booking_system(
            location_id=t.clinic.usd.location_id, name=f"System {new_id()}", staff_id=t.clinic.manager.id
        )
    typed = _typed(t)
    visit = {"date": typed["visit_on"], "time": "12:00", "client": "Nora", "service": "Foot massage, 30 min"}
    return Probe(json={"visits": [visit | {"reference": str(new_id())}]}, key=key)


ROWS = (
    Row("GET", API, desk(200, other=200)),
    Row("POST", API, desk(201, other=201), planned),
    Row("PUT", f"{API}/<uuid:appointment_id>", desk(200), replanned),
    Row("POST", f"{API}/<uuid:appointment_id>/ring-up", desk(201), rung_up),
    Row("GET", OFFICE, office(bookkeeper=403)),
    Row("POST", OFFICE, office(303, bookkeeper=403), typed_in_office),
    Row(
        "GET", f"{OFFICE}/<uuid:appointment_id>", office(bookkeeper=403), lambda t: Probe({"appointment_id": _visit(t)})
    ),
    Row("POST", f"{OFFICE}/<uuid:appointment_id>", office(303, bookkeeper=403), changed_in_office),
    Row("GET", f"{OFFICE}/file", office(bookkeeper=403)),
    Row("POST", f"{OFFICE}/file", office(bookkeeper=403), file_looked_at, writes=False),
    Row("POST", f"{OFFICE}/file/confirm", office(303, bookkeeper=403), file_looked_at),
    Row("GET", f"{OFFICE}/systems", office(bookkeeper=403)),
    Row("POST", f"{OFFICE}/systems", office(bookkeeper=403), system_named),
    Row("POST", f"{OFFICE}/systems/<uuid:system_id>/end", office(303, bookkeeper=403), system_ended),
    Row("POST", "/hooks/visits", anybody(), visit_sent),  # without a key: tests/web/webhooks/test_visits.py
)
