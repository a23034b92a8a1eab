"""The rows of the permission table for visits that are expected."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.services.appointments.plan import PlannedVisit, add_appointment
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, desk, office

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
    from hashlib import sha256

    from pos.web.common.packed_file import pack

    row = _typed(t)
    content = f'date,time,client,service\n{row["visit_on"]},11:00,{row["note"]},"Foot massage, 30 min"\n'.encode()
    return {"packed": pack(content), "name": "visits.csv", "sha256": sha256(content).hexdigest()}


def file_looked_at(t: PermissionFixtures) -> Probe:
    """A file looked at."""
    return Probe(form=_file(t), query=HERE)


REQUESTS: tuple[tuple[Any, ...], ...] = (
    ("GET", API, desk(200, other=200)),
    ("POST", API, desk(201, other=201), planned),
    ("PUT", f"{API}/<uuid:appointment_id>", desk(200), replanned),
    ("POST", f"{API}/<uuid:appointment_id>/ring-up", desk(201), rung_up),
    ("GET", OFFICE, office(bookkeeper=403)),
    ("POST", OFFICE, office(303, bookkeeper=403), typed_in_office),
    ("GET", f"{OFFICE}/<uuid:appointment_id>", office(bookkeeper=403), lambda t: Probe({"appointment_id": _visit(t)})),
    ("POST", f"{OFFICE}/<uuid:appointment_id>", office(303, bookkeeper=403), changed_in_office),
    ("GET", f"{OFFICE}/file", office(bookkeeper=403)),
    ("POST", f"{OFFICE}/file", office(bookkeeper=403), file_looked_at, False),
    ("POST", f"{OFFICE}/file/confirm", office(303, bookkeeper=403), file_looked_at),
)
