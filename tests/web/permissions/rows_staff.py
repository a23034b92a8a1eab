"""The rows of the permission table for the pages of the staff."""

from __future__ import annotations

from typing import Any

from pos.core.ids import new_id
from pos.domain.staff.links import make_link
from pos.domain.staff.models import Staff, StaffLocation
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, anybody, office, typed

MANAGERS = office(bookkeeper=403)
CHANGES = office(303, bookkeeper=403)


def colleague(t: PermissionFixtures) -> str:
    """Somebody new at Riverside."""
    staff_id = new_id()

    def write(session: Any) -> None:
        mail = f"{staff_id.hex}@clinic.example"
        session.add(Staff(id=staff_id, name="Nina", role="receptionist", email=mail, active=True))
        session.flush()
        session.add(StaffLocation(staff_id=staff_id, location_id=t.clinic.usd.location_id))

    t.clinic.write(write)
    return str(staff_id)


def staff_form(t: PermissionFixtures, staff_id: str) -> dict[str, str]:
    """The form of somebody at Riverside."""
    return {
        "staff_id": staff_id, "name": "Nora", "role": "receptionist", "tier": "0",
        "locations": str(t.clinic.usd.location_id),
    }  # fmt: skip


def of_colleague(**form: str) -> Any:
    """A deed with somebody new."""
    return lambda t: Probe({"staff_id": colleague(t)}, form=form)


def edited(t: PermissionFixtures) -> Probe:
    staff_id = colleague(t)
    return Probe({"staff_id": staff_id}, form=staff_form(t, staff_id))


def mailed(t: PermissionFixtures) -> Probe:
    person = t.clinic.manager.id
    return Probe({"token": t.clinic.write(lambda session: make_link(session, person, "invite"))})


TODAY = "2099-01-01"
ROWS = (
    ("GET", "/office/settings/staff", MANAGERS),
    ("GET", "/office/settings/staff/new", MANAGERS),
    ("POST", "/office/settings/staff/new", CHANGES, lambda t: Probe(form=staff_form(t, str(new_id())))),
    ("GET", "/office/settings/staff/<uuid:staff_id>", MANAGERS, of_colleague()),
    ("POST", "/office/settings/staff/<uuid:staff_id>", CHANGES, edited),
    ("POST", "/office/settings/staff/<uuid:staff_id>/pin", MANAGERS, of_colleague(propose="1")),
    ("POST", "/office/settings/staff/<uuid:staff_id>/password", office(422, bookkeeper=403), of_colleague(password="x")),
    ("POST", "/office/settings/staff/<uuid:staff_id>/<any('deactivate', 'take-back', 'invite', 'end-second-factor'):deed>",
        CHANGES, lambda t: Probe({"staff_id": colleague(t), "deed": "deactivate"}, form={})),
    ("POST", "/office/settings/staff/<uuid:staff_id>/commission", CHANGES, of_colleague(
        from_on=TODAY, visit_percent="40", sale_percent="0")),
    ("GET", "/office/your-sign-in", office()),
    ("GET", "/office/your-sign-in/code.svg", office(404, bookkeeper=404)),
    ("POST", "/office/your-sign-in/<any('password', 'begin', 'prove', 'end'):deed>", office(303, bookkeeper=303),
        lambda t: Probe({"deed": "begin"}, form={})),
    ("GET", "/office/forgotten", anybody()),
    ("POST", "/office/forgotten", anybody(), lambda t: Probe(form={"email": f"{new_id().hex}@x.example"})),
    ("GET", "/office/set-sign-in/<token>", anybody(), mailed, False),
    ("POST", "/office/set-sign-in/<token>", anybody(404), lambda t: Probe({"token": "no"}, form={})),
    ("POST", "/office/sign-in/code", anybody(422), typed(token="no", code="1")),
)  # fmt: skip
