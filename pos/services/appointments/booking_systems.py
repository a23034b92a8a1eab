"""Booking systems that send the visits of a location by themselves, each with a key that can be ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound, SignInNeeded
from pos.core.hashing import sha256_hex
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, new_token
from pos.core.messages import sales as messages
from pos.domain.appointments.models import BookingSystem
from pos.domain.locations.queries import place
from pos.services.appointments.import_appointments import (
    AppointmentError,
    AppointmentFile,
    facts_of,
    keep,
    read_rows,
)

MOST_NAME = 60
MOST_VISITS = 500


@dataclass(frozen=True, slots=True)
class Sender:
    """A booking system that may send, without its key."""

    id: UUID
    location_id: UUID
    name: str
    created_at: datetime
    last_sent_at: datetime | None


def booking_systems(session: Session, location_ids: Collection[UUID]) -> list[Sender]:
    """Those whose keys are good, of some locations, by name."""
    live = BookingSystem.location_id.in_(list(location_ids)), BookingSystem.ended_at.is_(None)
    rows = session.scalars(select(BookingSystem).where(*live).order_by(BookingSystem.name, BookingSystem.id))
    return [Sender(row.id, row.location_id, row.name, row.created_at, row.last_sent_at) for row in rows]


@unit_of_work
def add_booking_system(session: Session, *, location_id: UUID, name: str, staff_id: UUID) -> str:
    """Let a booking system send visits of a location; returns its key, which is not kept. Raises Invalid, Conflict."""
    name = " ".join(printable(name, MOST_NAME + 1).split())
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid(messages.BOOKING_NAME_MISSING_OR_LONG(most=MOST_NAME), field="name")
    if name in {one.name for one in booking_systems(session, [location_id])}:
        raise Conflict(messages.BOOKING_NAME_TAKEN, field="name")
    token = new_token()
    row = BookingSystem(
        id=new_id(), location_id=location_id, name=name, token_hash=sha256_hex(token.encode()), staff_id=staff_id,
        created_at=clock.now(), last_sent_at=None, ended_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note_change(
        session, "booking_system.added", before={}, after={"name": name},
        actor_id=staff_id, location_id=location_id, subject_id=row.id,
    )  # fmt: skip
    return token


@unit_of_work
def end_booking_system(session: Session, *, system_id: UUID, own: Collection[UUID], staff_id: UUID) -> None:
    """Take no more visits from a booking system; raises NotFound."""
    row = session.get(BookingSystem, system_id, with_for_update=True)
    if row is None or row.location_id not in own or row.ended_at is not None:
        raise NotFound(messages.NO_SUCH_BOOKING_SYSTEM)
    row.ended_at = clock.now()
    audit.note_change(
        session, "booking_system.ended", before={"name": row.name}, after={},
        actor_id=staff_id, location_id=row.location_id, subject_id=row.id,
    )  # fmt: skip


@unit_of_work
def take_visits(session: Session, *, token: str, rows: Sequence[dict[str, str]], sha256: str) -> AppointmentFile:
    """Keep the visits that a booking system sends, all of them or none: `errors` of the answer says why none.

    Sent again they change nothing. Rows are numbered from 1. Raises SignInNeeded for a key that is not good, and Invalid.
    """
    sender = session.scalar(
        select(BookingSystem)
        .where(BookingSystem.token_hash == sha256_hex(token.encode()), BookingSystem.ended_at.is_(None))
        .with_for_update()
    )
    if sender is None:
        raise SignInNeeded(messages.BOOKING_KEY_UNKNOWN)
    where = place(session, sender.location_id)
    # A new key under the name of one that was ended goes on with its visits.
    found = read_rows(session, where, enumerate(rows, start=1), sha256, origin=sender.name)
    for number, row in enumerate(rows, start=1):
        if not printable(row.get("reference", ""), 1):
            found.errors.append(AppointmentError(number, "reference", messages.VISIT_WITHOUT_REFERENCE))
    if found.errors:
        return found
    sender.last_sent_at = clock.now()
    keep(session, where.id, found, source="system", origin=sender.name)
    if any(row.outcome != "same" for row in found.rows):
        audit.note(
            session, "appointment.sent", actor_id=None, location_id=where.id, subject_id=sender.id, **facts_of(found)
        )
    return found
