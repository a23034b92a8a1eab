"""PINs and passwords of others, set by whoever may change them; and of oneself."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.messages.people import PASSWORD_OF_NO_USE, PIN_OF_NO_USE, PRESENT_PASSWORD_WRONG
from pos.domain.staff import credentials
from pos.domain.staff.links import end_links
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.queries import Person
from pos.services.auth import count_attempts, take_back_attempts
from pos.services.staff.access import staff_to_change

# Random PINs that turn out to be taken, one after another; a million of them make that rare.
_MOST_PROPOSALS = 20


def give_pin(session: Session, row: Staff, pin: str) -> None:
    """Write somebody's PIN and end their sign-ins at desks; raises Invalid, and Conflict for a taken one."""
    if not may(Role(row.role), Permission.RING_UP):
        raise Invalid(PIN_OF_NO_USE, field="pin")
    credentials.set_pin(session, row, pin, secret=settings().secret_key)
    session.flush()
    credentials.end_sign_ins(session, row.id, face="register")


def give_password(session: Session, row: Staff, password: str, *, but: str | None = None) -> None:
    """Write somebody's password and end their office sign-ins, except that of the cookie `but`; raises Invalid."""
    if not may(Role(row.role), Permission.OWN):
        raise Invalid(PASSWORD_OF_NO_USE, field="password")
    credentials.set_password(row, password)
    session.flush()
    credentials.end_sign_ins(session, row.id, face="office", but=but)
    end_links(session, row.id)


def doors_of_choice(chooser: UUID) -> dict[str, int]:
    """Where PINs that somebody chooses are counted: that one is taken says that it opens somebody's desk."""
    return {f"new-pin:{chooser}": credentials.MOST_FAILURES}


@unit_of_work
def _set_pin(session: Session, staff_id: UUID, pin: str, person: Person, doors: dict[str, int]) -> None:
    row = staff_to_change(session, staff_id, person, active=True)
    give_pin(session, row, pin)
    take_back_attempts(session, doors)
    audit.note(session, "staff.pin_set", actor_id=person.id, subject_id=staff_id)


def set_pin(*, staff_id: UUID, pin: str, person: Person) -> None:
    """Give somebody a PIN, new or again, and end their sign-ins at desks.

    Raises NotFound, NotAllowed, Invalid for a weak one, Conflict for one that is taken (not by whom), and Locked where the
    same person tried five that were.
    """
    credentials.check_pin(pin)
    doors = doors_of_choice(person.id)
    count_attempts(doors)
    _set_pin(staff_id, pin, person, doors)


def propose_pin(*, staff_id: UUID, person: Person) -> str:
    """Give somebody a random PIN and return it, to be shown once; raises NotFound, NotAllowed, Invalid."""
    for attempt in range(_MOST_PROPOSALS):
        pin = credentials.propose_pin()
        try:
            _set_pin(staff_id, pin, person, {})
        except Conflict as error:
            if error.field != "pin" or attempt + 1 == _MOST_PROPOSALS:
                raise
        else:
            return pin
    raise AssertionError("unreachable")


@unit_of_work
def set_password_of(session: Session, *, staff_id: UUID, password: str, person: Person) -> None:
    """Give somebody else a password and end their office sign-ins; raises NotFound, NotAllowed, Invalid, Conflict."""
    row = staff_to_change(session, staff_id, person, active=True)
    if staff_id == person.id:
        raise Invalid(PRESENT_PASSWORD_WRONG, field="password")
    give_password(session, row, password)
    audit.note(session, "staff.password_set", actor_id=person.id, subject_id=staff_id)


@unit_of_work
def _set_own(session: Session, person: Person, password: str, cookie: str | None, doors: dict[str, int]) -> None:
    row = session.get_one(Staff, person.id, with_for_update=True, populate_existing=True)
    give_password(session, row, password, but=cookie)
    take_back_attempts(session, doors)
    audit.note(session, "staff.password_set", actor_id=person.id, subject_id=person.id)


def check_own_password(person: Person, present: str) -> dict[str, int]:
    """Check the password of whoever is signed in; returns the doors where the attempt counted. Raises Invalid, Locked."""
    doors = {f"factor:{person.id}": credentials.MOST_FAILURES}
    count_attempts(doors)
    stored = reading().get_one(Staff, person.id).password_hash
    if not credentials.verify(stored, present):
        raise Invalid(PRESENT_PASSWORD_WRONG, field="present")
    return doors


def set_own_password(*, present: str, password: str, cookie: str | None, person: Person) -> None:
    """Change one's own password; the other office sign-ins end. Raises Invalid naming the field, Locked."""
    doors = check_own_password(person, present)
    _set_own(person, password, cookie, doors)
