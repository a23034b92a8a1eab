"""Who is signed in, and who works where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.pipelined_queries import PreparedQuery, run_query
from pos.core.database.prepared import run
from pos.core.errors import NotAllowed, NotFound
from pos.core.hashing import sha256_hex
from pos.core.i18n.name_folding import name_key
from pos.core.messages.people import HOLDS_AT_EVERY_LOCATION, NO_SUCH_CLIENT
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining
from pos.domain.locations.models import Location
from pos.domain.staff.credentials import IDLE
from pos.domain.staff.models import (
    Staff,
    StaffLocation,
    StaffSession,
)
from pos.domain.staff.permissions import (
    Permission,
    Role,
    may,
)
from pos.domain.staff.second_factors import must_set_up


@dataclass(frozen=True)
class Person:
    """A member of staff as the faces know them; `locations` is empty for a sign-in at a desk, which has its own."""

    id: UUID
    name: str
    role: Role
    locations: frozenset[UUID]

    def may(self, permission: Permission) -> bool:
        """Whether their role includes a permission."""
        return may(self.role, permission)


@dataclass(frozen=True)
class SignedIn:
    """A live sign-in: the person, the desk if it is the register, and when they were last seen.

    `must_set_up`: their role needs a second factor in the office, and until they have one they do nothing else there.
    """

    person: Person
    desk_id: UUID | None
    seen_at: datetime
    must_set_up: bool = False


_WHERE = select(StaffLocation.location_id).where(StaffLocation.staff_id == bindparam("person"))


def _person(reader: Session | Connection, staff_id: UUID, name: str, role: str) -> Person:
    where = run(reader, _WHERE, person=staff_id)
    return Person(staff_id, name, Role(role), frozenset(row.location_id for row in where))


_SIGNED_IN = (
    select(Staff.id, Staff.name, Staff.role, StaffSession.desk_id, StaffSession.seen_at)
    .join_from(StaffSession, Staff, Staff.id == StaffSession.staff_id)
    .where(
        StaffSession.token_hash == bindparam("token"),
        StaffSession.face == bindparam("at_face"),
        StaffSession.expires_at > bindparam("now"),
        StaffSession.seen_at > bindparam("seen_since"),
        Staff.active,
    )
)
_SIGNED_IN_TO_OFFICE = _SIGNED_IN.add_columns(
    must_set_up(Staff.__table__.c.id, Staff.__table__.c.role).label("must_set_up")
)


def signed_in(connection: Connection, cookie: str, face: str) -> SignedIn | None:
    """The sign-in behind a cookie at a face, unless it ended, idled out or the person left."""
    now = clock.now()
    token = sha256_hex(cookie.encode())
    query = _SIGNED_IN if face == "register" else _SIGNED_IN_TO_OFFICE
    row = run(connection, query, token=token, at_face=face, now=now, seen_since=now - IDLE[face]).first()
    if row is None:
        return None
    if face == "register":
        # A desk stands in one location, and the door was opened for it; the list is not asked for at every tap.
        return SignedIn(Person(row.id, row.name, Role(row.role), frozenset()), row.desk_id, row.seen_at)
    person = _person(connection, row.id, row.name, row.role)
    return SignedIn(person, row.desk_id, row.seen_at, bool(row.must_set_up))


def works_everywhere(session: Session, person: Person) -> bool:
    """Whether what belongs to no single location is theirs to change: an owner, or somebody who works at every location."""
    return person.role is Role.OWNER or works_at_all(person, session.scalars(select(Location.id)))


def works_at_all(person: Person, locations: Iterable[UUID]) -> bool:
    """The same where the keys of every location are known."""
    return person.role is Role.OWNER or person.locations.issuperset(locations)


def require_everywhere(session: Session, person: Person) -> None:
    """Raise NotAllowed for whoever may not change what belongs to no single location."""
    if not works_everywhere(session, person):
        raise NotAllowed(HOLDS_AT_EVERY_LOCATION)


def by_key(session: Session, staff_id: UUID) -> Person:
    """A person who is known to be there."""
    row = session.get_one(Staff, staff_id)
    return _person(session, row.id, row.name, row.role)


def by_address(session: Session, email: str) -> tuple[Person, str | None] | None:
    """The person who signs in to the office with an address, and the hash to verify."""
    row = session.scalar(select(Staff).where(Staff.email == email.strip().lower(), Staff.active))
    return (_person(session, row.id, row.name, row.role), row.password_hash) if row else None


def therapists(session: Session, location_id: UUID) -> list[tuple[UUID, str, int]]:
    """Those who treat at a location, by name, with their tier."""
    rows = session.execute(
        select(Staff.id, Staff.name, Staff.tier)
        .join(StaffLocation, StaffLocation.staff_id == Staff.id)
        .where(StaffLocation.location_id == location_id, Staff.treats, Staff.active)
    )
    return sorted(((row.id, row.name, row.tier) for row in rows), key=lambda one: name_key(one[1]))


def tiers_of(session: Session, staff_ids: list[UUID]) -> dict[UUID, int]:
    """The tier of some people."""
    rows = session.execute(select(Staff.id, Staff.tier).where(Staff.id.in_(staff_ids)))
    return {row.id: row.tier for row in rows}


_NAMES = select(Staff.id, Staff.name)
_STAFF_AND_CLIENT = union_all(
    select(Staff.id, Staff.name, literal("").label("family_name"), literal(0).label("is_client")),
    select(Client.id, Client.given_name, Client.family_name, literal(1)).where(
        Client.id == remaining(bindparam("client")), Client.erased_at.is_(None)
    ),
)


def names(session: Session) -> dict[UUID, str]:
    """Everybody's name, also of those who left."""
    return {row.id: row.name for row in run(session, _NAMES)}


def staff_and_client_query(client_id: UUID) -> PreparedQuery:
    """What `staff_and_client` asks."""
    return PreparedQuery(_STAFF_AND_CLIENT, {"client": client_id})


def staff_and_client(session: Session, client_id: UUID) -> tuple[dict[UUID, str], UUID, str]:
    """What `names` answers, and the key and name of a client, of the record that remains; raises NotFound."""
    people: dict[UUID, str] = {}
    client: tuple[UUID, str] | None = None
    for row in run_query(session, staff_and_client_query(client_id)):
        if row.is_client:
            client = (row.id, f"{row.name} {row.family_name}".strip())
        else:
            people[row.id] = row.name
    if client is None:
        raise NotFound(NO_SUCH_CLIENT)
    return people, *client
