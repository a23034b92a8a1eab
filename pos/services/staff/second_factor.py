"""A second factor for office sign-ins: set up and ended by the person, or ended by an owner for somebody who lost it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotAllowed
from pos.core.messages.people import ONLY_OWNER_CHANGES_OWNER
from pos.domain.staff import second_factors
from pos.domain.staff.credentials import MOST_FAILURES, end_sign_ins
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person
from pos.services.auth import count_attempts, take_back_attempts
from pos.services.staff.access import reach_of, staff_to_change
from pos.services.staff.sign_in_means import check_own_password


@unit_of_work
def begin_second_factor(session: Session, *, person: Person) -> None:
    """Make a secret for oneself; it counts once `prove_second_factor` has seen a code of it."""
    second_factors.begin(session, person.id)


@unit_of_work
def _prove(session: Session, person: Person, code: str, cookie: str | None, doors: dict[str, int]) -> list[str]:
    codes = second_factors.prove(session, person.id, code)
    end_sign_ins(session, person.id, face="office", but=cookie)
    take_back_attempts(session, doors)
    audit.note(session, "staff.second_factor_on", actor_id=person.id, subject_id=person.id)
    return codes


def prove_second_factor(*, code: str, cookie: str | None, person: Person) -> list[str]:
    """Turn one's own second factor on; returns the recovery codes, to be shown once. Other office sign-ins end.

    Raises Invalid for a code that is not right, Locked after five of them.
    """
    doors = {f"factor:{person.id}": MOST_FAILURES}
    count_attempts(doors)
    return _prove(person, code, cookie, doors)


@unit_of_work
def _end_own(session: Session, person: Person, doors: dict[str, int]) -> None:
    take_back_attempts(session, doors)
    if second_factors.end(session, person.id):
        audit.note(session, "staff.second_factor_off", actor_id=person.id, subject_id=person.id)


def end_own_second_factor(*, present: str, person: Person) -> None:
    """Turn one's own second factor off by the password; raises Invalid, Locked."""
    _end_own(person, check_own_password(person, present))


@unit_of_work
def reset_second_factor(session: Session, *, staff_id: UUID, person: Person) -> None:
    """Turn somebody's second factor off who lost it: owners only, and not one's own. Raises NotFound, NotAllowed."""
    if reach_of(session, person).person.role is not Role.OWNER or staff_id == person.id:
        raise NotAllowed(ONLY_OWNER_CHANGES_OWNER)
    staff_to_change(session, staff_id, person)
    if second_factors.end(session, staff_id):
        audit.note(session, "staff.second_factor_off", actor_id=person.id, subject_id=staff_id)
