"""Planning visits by hand: added, changed, and what became of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.messages import sales as messages
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.core.messages.sales import THERAPIST_NOT_HERE
from pos.domain.appointments.models import STATES, Appointment
from pos.domain.appointments.queries import appointment
from pos.domain.catalogue.queries import visit_items
from pos.domain.clients.queries import living_client
from pos.domain.locations.queries import Place, place
from pos.domain.staff.queries import therapists

DAYS_BACK, DAYS_AHEAD = 31, 400
MOST_NAME, MOST_NOTE = 120, 200


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """What is known of a visit before it: of a client, or of somebody with a name. The time is the location's."""

    visit_on: date
    starts_at: time
    item_id: UUID
    client_id: UUID | None = None
    client_name: str = ""
    therapist_id: UUID | None = None
    note: str = ""


def time_of(text: str, *, field: str = "starts_at") -> time:
    """A clock time as it is typed, 9:30 or 09:30; raises Invalid."""
    hour, mark, minute = text.strip().partition(":")
    if mark and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and len(minute) == 2:
        try:
            return time(int(hour[:3]), int(minute))
        except ValueError:
            pass
    raise Invalid(messages.APPOINTMENT_NOT_A_TIME, field=field)


def require_day(where: Place, day: date) -> None:
    """Raise Invalid for a day that nobody plans for or looks after any more."""
    least, most = where.today() - timedelta(days=DAYS_BACK), where.today() + timedelta(days=DAYS_AHEAD)
    if not least <= day <= most:
        sentence = messages.APPOINTMENT_DAY_TOO_FAR(least=least, most=most)
        raise Invalid(sentence, field="visit_on")


def checked(session: Session, where: Place, visit: PlannedVisit) -> PlannedVisit:
    """The visit as it is kept: a client has no name beside, texts are cleaned. Raises Invalid, NotFound, Conflict."""
    require_day(where, visit.visit_on)
    name, note = printable(visit.client_name, MOST_NAME + 1).strip(), printable(visit.note, MOST_NOTE + 1).strip()
    client_id = living_client(session, visit.client_id).id if visit.client_id else None
    if client_id is None and not name:
        raise Invalid(messages.APPOINTMENT_NAME_MISSING, field="client_name")
    if len(name) > MOST_NAME:
        raise Invalid(messages.APPOINTMENT_NAME_TOO_LONG(most=MOST_NAME), field="client_name")
    if len(note) > MOST_NOTE:
        raise Invalid(messages.APPOINTMENT_NOTE_TOO_LONG(most=MOST_NOTE), field="note")
    if visit.item_id not in {item_id for item_id, _ in visit_items(session)}:
        raise Invalid(messages.APPOINTMENT_NOT_A_TREATMENT, field="item_id")
    if visit.therapist_id and visit.therapist_id not in {one[0] for one in therapists(session, where.id)}:
        raise Invalid(THERAPIST_NOT_HERE, field="therapist_id")
    return PlannedVisit(
        visit.visit_on, visit.starts_at, visit.item_id, client_id, "" if client_id else name, visit.therapist_id, note
    )


def facts(visit: PlannedVisit | Appointment) -> dict[str, Any]:
    """What the audit log says of a visit: no name and no note, for a person can be erased and the log cannot."""
    names = ("visit_on", "item_id", "client_id", "therapist_id")
    return {name: getattr(visit, name) for name in names} | {"starts_at": visit.starts_at.isoformat("minutes")}


def write(session: Session, row: Appointment, visit: PlannedVisit) -> None:
    """Put what is planned into a row."""
    for name, value in asdict(visit).items():
        setattr(row, name, value)
    session.flush()


@unit_of_work
def add_appointment(
    session: Session, *, appointment_id: UUID, location_id: UUID, visit: PlannedVisit, source: str, staff_id: UUID
) -> UUID:
    """Expect a visit at a location; the same key again changes nothing. Raises Invalid, NotFound, Conflict."""
    where = place(session, location_id)
    seen = session.get(Appointment, appointment_id)
    if seen is not None:
        if seen.location_id != location_id:
            raise NotFound(messages.NO_SUCH_APPOINTMENT)
        return seen.id
    right = checked(session, where, visit)
    row = Appointment(
        id=appointment_id, location_id=location_id, state="expected", source=source, created_at=clock.now(),
        reference="", ticket_id=None, **asdict(right),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note_change(
        session, "appointment.added", before={}, after=facts(row) | {"source": source},
        actor_id=staff_id, location_id=location_id, subject_id=row.id,
    )  # fmt: skip
    return row.id


def locked(session: Session, appointment_id: UUID, location_ids: Collection[UUID]) -> Appointment:
    """A visit at one of these locations, locked; raises NotFound, and Conflict where it is rung up."""
    row = session.get(Appointment, appointment_id, with_for_update=True, populate_existing=True)
    if row is None or row.location_id not in location_ids:
        raise NotFound(messages.NO_SUCH_APPOINTMENT)
    found = appointment(session, appointment_id, location_ids)
    if found.state == "rung_up":
        raise Conflict(messages.APPOINTMENT_RUNG_UP(receipt=found.receipt))
    return row


@unit_of_work
def change_appointment(
    session: Session,
    *,
    appointment_id: UUID,
    location_ids: Collection[UUID],
    visit: PlannedVisit,
    state: str,
    staff_id: UUID,
) -> None:
    """Change what is planned and what became of it, until it is rung up; raises NotFound, Invalid, Conflict."""
    if state not in STATES:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="state")
    row = locked(session, appointment_id, location_ids)
    before = facts(row) | {"state": row.state}
    write(session, row, checked(session, place(session, row.location_id), visit))
    row.state = state
    session.flush()
    audit.note_change(
        session, "appointment.changed", before=before, after=facts(row) | {"state": state},
        actor_id=staff_id, location_id=row.location_id, subject_id=row.id,
    )  # fmt: skip
