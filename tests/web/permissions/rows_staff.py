"""The rows of the permission table for the pages of the staff."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from pos.core import clock
from pos.core.ids import new_id
from pos.domain.staff.links import make_link
from pos.domain.staff.models import RequiredFactor, SecondFactor, Staff, StaffLocation
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import DOOR, Probe, Ready, anybody, chain_wide, office, own, typed
from tests.web.permissions.permission_row import Row

MANAGERS = office(bookkeeper=403)
CHANGES = office(303, bookkeeper=403)
EVERYBODY_OF_OFFICE = own(303)
WRONG = own(422)


def colleague(t: PermissionFixtures) -> UUID:
    """A manager who is new at Riverside."""
    staff_id = new_id()

    def write(session: Any) -> None:
        mail = f"{staff_id.hex}@clinic.example"
        session.add(Staff(id=staff_id, name="Nina", role="manager", email=mail, active=True))
        session.flush()
        session.add(StaffLocation(staff_id=staff_id, location_id=t.clinic.usd.location_id))

    t.clinic.write(write)
    return staff_id


def staff_form(t: PermissionFixtures, staff_id: UUID) -> dict[str, str]:
    """The form of somebody at Riverside."""
    where = str(t.clinic.usd.location_id)
    return {"staff_id": str(staff_id), "name": "Nora", "role": "manager", "tier": "0", "locations": where}


def of_colleague(*, action: str = "", **form: str) -> Ready:
    """An action with somebody new."""
    named = {"action": action} if action else {}
    return lambda t: Probe({"staff_id": colleague(t), **named}, form=form)


def edited(t: PermissionFixtures) -> Probe:
    staff_id = colleague(t)
    return Probe({"staff_id": staff_id}, form=staff_form(t, staff_id))


def mailed(t: PermissionFixtures) -> Probe:
    person = t.clinic.manager.id
    return Probe({"token": t.clinic.write(lambda session: make_link(session, person, "invite"))})


def limits_typed(t: PermissionFixtures) -> Probe:
    """Limits that nobody has typed before."""
    return Probe({"role": "receptionist"}, form={"refund_minor": f"{next(_AMOUNTS)}", "paid_out_minor": "100"})


def factor_let_go(t: PermissionFixtures) -> Probe:
    """Bookkeepers, of whom the one of the table has a second factor, need none any more."""

    def write(session: Any) -> None:
        session.merge(
            SecondFactor(staff_id=t.clinic.bookkeeper.id, secret="A" * 32, proved_at=clock.now(), last_step=0)
        )
        session.flush()
        session.merge(RequiredFactor(role="bookkeeper", required_by=t.clinic.owner.id, required_at=clock.now()))

    t.clinic.write(write)
    return Probe({"role": "bookkeeper"}, form={"required": "0"})


_AMOUNTS = count(1)
# Whoever must set up nothing goes on to the office.
NOBODY = (DOOR, DOOR, DOOR, *[303] * 6)
STAFF = "/office/settings/staff"
ROLES, FACTOR = "/office/settings/roles", "/office/second-factor"
ACTION = "<any('deactivate', 'take-back', 'invite', 'end-second-factor'):action>"
WITH_PASSWORD = "<any('owner', 'manager', 'bookkeeper', 'therapist'):role>"
OWN = "/office/your-sign-in"
ROWS = (
    Row("GET", STAFF, MANAGERS),
    Row("GET", f"{STAFF}/new", MANAGERS),
    Row("POST", f"{STAFF}/new", CHANGES, lambda t: Probe(form=staff_form(t, new_id()))),
    Row("GET", f"{STAFF}/<uuid:staff_id>", MANAGERS, of_colleague()),
    Row("POST", f"{STAFF}/<uuid:staff_id>", CHANGES, edited),
    Row("POST", f"{STAFF}/<uuid:staff_id>/pin", MANAGERS, of_colleague(propose="1")),
    Row("POST", f"{STAFF}/<uuid:staff_id>/password", CHANGES, of_colleague(password="a fresh long password")),
    Row("POST", f"{STAFF}/<uuid:staff_id>/{ACTION}", CHANGES, of_colleague(action="deactivate")),
    Row("POST", f"{STAFF}/<uuid:staff_id>/commission", CHANGES, of_colleague(
        from_on="2099-01-01", visit_percent="40", sale_percent="0")),
    Row("GET", ROLES, MANAGERS),
    Row("POST", f"{ROLES}/<any('receptionist', 'manager'):role>/limits", chain_wide(303), limits_typed),
    Row("POST", f"{ROLES}/{WITH_PASSWORD}/second-factor", chain_wide(303), factor_let_go),
    Row("GET", FACTOR, NOBODY),
    Row("GET", f"{FACTOR}/code.svg", NOBODY),
    Row("POST", f"{FACTOR}/begin", NOBODY, typed(), writes=False),
    Row("POST", f"{FACTOR}/prove", NOBODY, typed(code=""), writes=False),
    Row("GET", OWN, own()),
    Row("GET", f"{OWN}/code.svg", own(404)),
    Row("POST", f"{OWN}/begin", EVERYBODY_OF_OFFICE, typed(), writes=True),
    Row("POST", f"{OWN}/prove", WRONG, typed(code=""), writes=False),
    Row("POST", f"{OWN}/end", WRONG, typed(present=""), writes=False),
    Row("POST", f"{OWN}/password", WRONG, typed(present="", password=""), writes=False),
    Row("GET", "/office/your-earnings", own()),
    Row("GET", "/office/your-earnings.csv", own()),
    Row("GET", "/office/forgotten", anybody()),
    Row("POST", "/office/forgotten", anybody(), lambda t: Probe(form={"email": f"{new_id().hex}@x.example"}), writes=False),
    Row("GET", "/office/set-sign-in/<token>", anybody(), mailed, writes=False),
    Row("POST", "/office/set-sign-in/<token>", anybody(404), lambda t: Probe({"token": "no"}, form={}), writes=False),
    Row("POST", "/office/sign-in/code", anybody(422), typed(token="no", code="1"), writes=False),
)  # fmt: skip
