"""Who may change whom: a manager those who work at their locations alone, an owner everybody, and owners only by owners."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict, NotAllowed, NotFound
from pos.core.messages.catalogue import PERSON_WORKS_ELSEWHERE_TOO
from pos.core.messages.people import (
    LAST_OWNER,
    NO_SUCH_PERSON,
    ONLY_OWNER_CHANGES_OWNER,
    ONLY_OWNER_SETS_ROLES,
    PERSON_IS_INACTIVE,
    ROLE_WITHOUT_PERMISSION,
)
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission, Role
from pos.domain.staff.queries import Person, by_key, works_everywhere


@dataclass(frozen=True)
class Reach:
    """What a person may change of the staff: `everywhere` is an owner, or somebody who works at every location."""

    person: Person
    everywhere: bool

    def sees(self, locations: frozenset[UUID]) -> bool:
        """Whether they are told of somebody: of their colleagues at a location."""
        return self.everywhere or bool(locations & self.person.locations)

    def changes(self, role: Role, locations: frozenset[UUID]) -> bool:
        """Whether they may change somebody of a role who works at some locations."""
        if role is Role.OWNER and self.person.role is not Role.OWNER:
            return False
        return self.everywhere or (bool(locations) and locations <= self.person.locations)

    def require(self, role: Role, locations: frozenset[UUID]) -> None:
        """Raise NotFound for somebody they are not told of, NotAllowed for somebody they may not change."""
        if not self.sees(locations):
            raise NotFound(NO_SUCH_PERSON)
        if not self.changes(role, locations):
            raise NotAllowed(ONLY_OWNER_CHANGES_OWNER if role is Role.OWNER else PERSON_WORKS_ELSEWHERE_TOO)


# Whoever has the server has every right an owner has; the audit log says that it was the system.
_ON_THE_SERVER = Reach(Person(UUID(int=0), "", Role.OWNER, frozenset()), everywhere=True)


def reach_of(session: Session, person: Person | None) -> Reach:
    """What somebody may change, or whoever is on the server itself (None).

    Raises NotAllowed for whoever changes no staff at all, or has left.
    """
    if person is None:
        return _ON_THE_SERVER
    now = by_key(session, person.id)
    if not now.may(Permission.MANAGE_STAFF) or not session.get_one(Staff, person.id).active:
        raise NotAllowed(ROLE_WITHOUT_PERMISSION)
    return Reach(now, works_everywhere(session, now))


def require_owner(session: Session, person: Person) -> None:
    """Raise NotAllowed for whoever is no owner now; only owners say what roles need and may do alone."""
    if not reach_of(session, person).person.may(Permission.MANAGE_ROLES):
        raise NotAllowed(ONLY_OWNER_SETS_ROLES)


def staff_to_change(session: Session, staff_id: UUID, person: Person | None, *, active: bool = False) -> Staff:
    """The row of somebody whom `person` may change, locked; raises NotFound, NotAllowed, and with `active` Conflict."""
    reach = reach_of(session, person)
    row = session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(NO_SUCH_PERSON)
    found = by_key(session, staff_id)
    reach.require(found.role, found.locations)
    if active and not row.active:
        raise Conflict(PERSON_IS_INACTIVE)
    return row


def keep_an_owner(session: Session, leaving: UUID, person: Person | None) -> None:
    """Raise Conflict where nobody would be left who owns the clinic. The rows of owners are locked, so that two who end each
    other follow one another: the second one finds that they have been ended."""
    owners = session.scalars(
        select(Staff.id).where(Staff.role == Role.OWNER.value, Staff.active).order_by(Staff.id).with_for_update()
    ).all()
    if leaving in owners and len(owners) == 1:
        raise Conflict(LAST_OWNER)
    if leaving in owners and person is not None and person.id not in owners:
        raise NotAllowed(ONLY_OWNER_CHANGES_OWNER)
