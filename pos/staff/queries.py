"""Who is signed in, and who works where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.kernel import clock
from pos.kernel.hashing import sha256_hex
from pos.staff.models import Staff, StaffLocation, StaffSession
from pos.staff.rules import Permission, Role, may
from pos.staff.service import IDLE


@dataclass(frozen=True)
class Person:
    """A member of staff as the faces know them."""

    id: UUID
    name: str
    role: Role
    locations: frozenset[UUID]

    def may(self, permission: Permission) -> bool:
        """Whether their role includes a permission."""
        return may(self.role, permission)


@dataclass(frozen=True)
class SignedIn:
    """A live sign-in: the person, the desk if it is the register, and when they were last seen."""

    person: Person
    desk_id: UUID | None
    seen_at: datetime


def _person(session: Session, row: Staff) -> Person:
    places = session.scalars(select(StaffLocation.location_id).where(StaffLocation.staff_id == row.id))
    return Person(row.id, row.name, Role(row.role), frozenset(places))


def signed_in(session: Session, cookie: str, face: str) -> SignedIn | None:
    """The sign-in behind a cookie at a face, unless it ended, idled out or the person left."""
    now = clock.now()
    found = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.token_hash == sha256_hex(cookie.encode()),
            StaffSession.face == face,
            StaffSession.expires_at > now,
            StaffSession.seen_at > now - IDLE[face],
            Staff.active,
        )
    ).first()
    if found is None:
        return None
    return SignedIn(_person(session, found[1]), found[0].desk_id, found[0].seen_at)


def by_pin_lookup(session: Session, lookup: str) -> tuple[Person, str] | None:
    """The person with a PIN key, and the hash to verify."""
    row = session.scalar(select(Staff).where(Staff.pin_lookup == lookup, Staff.active))
    return (_person(session, row), row.pin_hash or "") if row else None


def by_address(session: Session, email: str) -> tuple[Person, str | None] | None:
    """The person who signs in to the office with an address, and the hash to verify."""
    row = session.scalar(select(Staff).where(Staff.email == email.strip().lower(), Staff.active))
    return (_person(session, row), row.password_hash) if row else None


def therapists(session: Session, location_id: UUID) -> list[tuple[UUID, str]]:
    """Those who treat at a location, by name."""
    rows = session.execute(
        select(Staff.id, Staff.name)
        .join(StaffLocation, StaffLocation.staff_id == Staff.id)
        .where(StaffLocation.location_id == location_id, Staff.treats, Staff.active)
        .order_by(Staff.name)
    )
    return [(staff_id, name) for staff_id, name in rows]


def names(session: Session) -> dict[UUID, str]:
    """Everybody's name, also of those who left."""
    return dict(session.execute(select(Staff.id, Staff.name)).tuples().all())
