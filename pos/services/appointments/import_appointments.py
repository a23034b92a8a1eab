"""Visits from a booking system, as a CSV file or sent by it: each row's outcome is told first, all come in or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.hashing import sha256_hex
from pos.core.i18n.message import Message
from pos.core.i18n.name_folding import canonical_name
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id
from pos.core.messages import sales as messages
from pos.core.messages.imports import FILE_WITHOUT_ROWS, ROW_NOT_A_DAY, ROW_WRONG
from pos.domain.appointments.models import Appointment
from pos.domain.appointments.queries import TO_COME, Listed, appointments_between
from pos.domain.appointments.sent_facts import ERASED, without_person
from pos.domain.catalogue.queries import menu
from pos.domain.clients.queries import of_contact
from pos.domain.clients.registration import normal_email, normal_phone
from pos.domain.locations.queries import Place, place
from pos.domain.staff.queries import therapists
from pos.services.appointments.plan import MOST_NAME, MOST_NOTE, PlannedVisit, require_day, time_of, write
from pos.services.imports.csv_table import MEGABYTE, read_table

T = TypeVar("T")
COLUMNS = ("date", "time", "client", "email", "phone", "service", "therapist", "note", "reference", "state")
NEEDED = ("date", "time", "client", "service")
BOOKED, CANCELLED = "booked", "cancelled"
MOST_BYTES, MOST_ROWS = MEGABYTE, 5_000
MOST_REFERENCE = 80
# Stands for the treatment of a visit that is cancelled, where it is not sold any more; it is never kept.
_NO_ITEM = UUID(int=0)


@dataclass(frozen=True)
class _RightRow:
    """A row that is right, before it is held against the visits that are there. `told` is what it says, as hashes."""

    number: int
    visit: PlannedVisit
    reference: str
    names: tuple[str, str]
    told: dict[str, str]
    is_cancelled: bool


@dataclass(frozen=True)
class AppointmentRow:
    """One row that is right. `names`: client, treatment.

    `outcome`: "new", "changed", "cancelled", or "same" where nothing is to do. `told` is what the row says, as
    hashes, where it has a reference and says something else than the time before; otherwise None.
    """

    number: int
    visit: PlannedVisit
    reference: str
    outcome: str
    kept_id: UUID | None
    names: tuple[str, str]
    told: dict[str, str] | None


@dataclass(frozen=True)
class AppointmentError:
    """What is wrong in a row: its number in the file (the heading is row 1), the column, and a sentence."""

    number: int
    column: str
    sentence: Message | str


@dataclass
class AppointmentFile:
    """A file as it was read."""

    sha256: str
    rows: list[AppointmentRow] = field(default_factory=list)
    errors: list[AppointmentError] = field(default_factory=list)

    def of(self, outcome: str) -> int:
        """How many rows have an outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    def require_right(self) -> None:
        """Raise Invalid with the first error where the file has any, or no row."""
        if self.errors:
            first = self.errors[0]
            raise Invalid(ROW_WRONG(number=first.number, column=first.column, sentence=first.sentence), field="file")
        if not self.rows:
            raise Invalid(FILE_WITHOUT_ROWS, field="file")


class _Reader:
    """What the rows of a file are read against: what is sold, who treats, and the visits that are there."""

    def __init__(self, session: Session, where: Place) -> None:
        self.session, self.where = session, where
        sold = [item for group in menu(session, where, where.today()).services for item in group.variants]
        self.items = {_words(item.name): (item.item_id, item.name) for item in sold}
        self.people: dict[str, list[UUID]] = {}
        for staff_id, name, _ in therapists(session, where.id):
            self.people.setdefault(_words(name), []).append(staff_id)

    def day(self, text: str) -> date:
        try:
            found = date.fromisoformat(text)
        except ValueError as error:
            raise Invalid(ROW_NOT_A_DAY(typed=text[:20])) from error
        require_day(self.where, found)
        return found

    def item(self, text: str) -> tuple[UUID, str]:
        found = self.items.get(_words(text))
        if found is None:
            raise Invalid(messages.ROW_NOT_A_TREATMENT(typed=text[:60], place=self.where.name))
        return found

    def therapist(self, text: str) -> UUID | None:
        if not text:
            return None
        found = self.people.get(_words(text), [])
        if not found:
            raise Invalid(messages.ROW_NOT_A_THERAPIST(typed=text[:60], place=self.where.name))
        if len(found) > 1:
            raise Invalid(messages.ROW_SEVERAL_THERAPISTS(typed=text[:60], place=self.where.name))
        return found[0]

    def client(self, name: str, email: str | None, phone: str | None) -> UUID | None:
        """The client of this name with this address or number: a name alone may be of several."""
        found = of_contact(self.session, name, "", email=email, phone=phone)
        return found.id if found and found.erased_at is None else None


def _words(text: str) -> str:
    return " ".join(canonical_name(text).replace(",", " ").split())


def _name(text: str) -> str:
    found = printable(text, MOST_NAME + 1).strip()
    if not found:
        raise Invalid(messages.APPOINTMENT_NAME_MISSING)
    if len(found) > MOST_NAME:
        raise Invalid(messages.APPOINTMENT_NAME_TOO_LONG(most=MOST_NAME))
    return found


def _is_cancelled(text: str) -> bool:
    if text not in ("", BOOKED, CANCELLED):
        raise Invalid(messages.ROW_STATE_UNKNOWN)
    return text == CANCELLED


def _reference(text: str) -> str:
    # One that is cut would be that of another visit too.
    found = printable(text, MOST_REFERENCE + 1).strip()
    if len(found) > MOST_REFERENCE:
        raise Invalid(messages.ROW_REFERENCE_TOO_LONG(most=MOST_REFERENCE))
    return found


def _note(text: str) -> str:
    if len(text) > MOST_NOTE:
        raise Invalid(messages.APPOINTMENT_NOTE_TOO_LONG(most=MOST_NOTE))
    return printable(text, MOST_NOTE).strip()


def _row(reader: _Reader, number: int, values: dict[str, str], errors: list[AppointmentError]) -> _RightRow | None:
    before = len(errors)
    values = dict.fromkeys(COLUMNS, "") | values

    def read(column: str, convert: Callable[[str], T]) -> T | None:
        try:
            return convert(values[column])
        except Invalid as error:
            errors.append(AppointmentError(number, column, error.sentence))
            return None

    reference, is_cancelled = read("reference", _reference), read("state", _is_cancelled)
    day, at, name = read("date", reader.day), read("time", time_of), read("client", _name)
    so_far = len(errors)
    item, therapist = read("service", reader.item), read("therapist", reader.therapist)
    if is_cancelled and reference:
        # Visits are cancelled because somebody left, or a treatment is not sold any more.
        del errors[so_far:]
        item = item or (_NO_ITEM, values["service"])
    note, email = read("note", _note), read("email", normal_email) if values["email"] else None
    phone = read("phone", lambda text: normal_phone(text, reader.where.country)) if values["phone"] else None
    if len(errors) > before or day is None or at is None or name is None or item is None:
        return None
    client_id = reader.client(name, email, phone)
    visit = PlannedVisit(day, at, item[0], client_id, "" if client_id else name, therapist, note or "")
    said = {
        "when": f"{day} {at}", "who": "|".join((canonical_name(name), email or "", phone or "")),
        "service": _words(values["service"]), "therapist": _words(values["therapist"]), "note": note or "",
        "state": CANCELLED if is_cancelled else BOOKED,
    }  # fmt: skip
    # Hashes are enough to see a change, and keep no second copy of who it is.
    told = {key: sha256_hex(text.encode())[:16] for key, text in said.items()}
    return _RightRow(number, visit, reference or "", (name, item[1]), told, bool(is_cancelled))


def _with_what_the_clinic_set(there: Listed, row: _RightRow) -> PlannedVisit:
    """The visit with what the row says as before, or leaves open, as somebody of the clinic has it."""
    visit = row.visit
    as_before = {key for key, value in row.told.items() if row.reference and there.sent.get(key) in (value, ERASED)}
    if "when" in as_before:
        visit = replace(visit, visit_on=there.visit_on, starts_at=there.starts_at)
    if "service" in as_before:
        visit = replace(visit, item_id=there.item_id)
    if "therapist" in as_before or not visit.therapist_id:
        visit = replace(visit, therapist_id=there.therapist_id)
    if "note" in as_before or not visit.note:
        visit = replace(visit, note=there.note)
    is_the_name = canonical_name(there.client) == canonical_name(row.names[0])
    if there.client_id is None:
        # Somebody who was registered since is found by address or number.
        stays = "who" in as_before and not (visit.client_id and is_the_name)
    else:
        stays = "who" in as_before or (visit.client_id is None and is_the_name)
    if stays:
        return replace(visit, client_id=there.client_id, client_name="" if there.client_id else there.client)
    return visit


def _same(kept: Listed, visit: PlannedVisit) -> bool:
    who = kept.client_id == visit.client_id and (visit.client_id is not None or kept.client == visit.client_name)
    return who and all(
        getattr(kept, name) == getattr(visit, name)
        for name in ("visit_on", "starts_at", "item_id", "therapist_id", "note")
    )


def _kept(session: Session, where: Place, days: Sequence[date], references: set[str], origin: str) -> list[Listed]:
    """The visits that rows of a file can be about: of its days, and those with its references whenever they are."""
    query = select(Appointment.visit_on).where(
        Appointment.location_id == where.id,
        Appointment.origin == origin,
        Appointment.reference.in_(references),
        Appointment.reference != "",
    )
    days = [*days, *session.scalars(query)]
    return appointments_between(session, [where.id], min(days), max(days)) if days else []


def _outcome(there: Listed | None, row: _RightRow) -> str:
    if there is None:
        return "same" if row.is_cancelled else "new"
    if row.is_cancelled:
        # Who has arrived is there, and who was cancelled and is expected all the same was put back by somebody here.
        is_news = there.state == "expected" and there.sent.get("state") != row.told["state"]
        return "cancelled" if is_news else "same"
    if there.state == "cancelled":
        # Booked again after the sender took it back, or moved since somebody here did: it is expected again.
        is_news = any(there.sent.get(key) != row.told[key] for key in ("state", "when", "service"))
        return "changed" if row.reference and is_news else "same"
    if there.state not in TO_COME:
        return "same"
    return "changed" if row.reference and not _same(there, row.visit) else "same"


def read_appointments(session: Session, where: Place, content: bytes) -> AppointmentFile:
    """What a file would bring in at a location; rows are numbered as a spreadsheet does. Raises Invalid for no table."""
    table = read_table(content, needed=NEEDED, known=COLUMNS, most_bytes=MOST_BYTES, most_rows=MOST_ROWS)
    return read_rows(session, where, table, sha256_hex(content))


def read_rows(
    session: Session, where: Place, table: Iterable[tuple[int, dict[str, str]]], sha256: str, *, origin: str = ""
) -> AppointmentFile:
    """What numbered rows would bring in at a location.

    A row whose reference was there before, in a file or from the same booking system (`origin`), changes that visit while it
    is to come: by what it says otherwise than the time before. One without is the same visit where day, time, treatment and
    name are the same. One that is cancelled is not expected any more, and is again once it is booked again.
    """
    found, reader = AppointmentFile(sha256), _Reader(session, where)
    right: list[_RightRow] = []
    seen: set[str] = set()
    for number, values in table:
        row = _row(reader, number, values, found.errors)
        if row is None:
            continue
        if row.reference and row.reference in seen:
            sentence = messages.ROW_REFERENCE_TWICE(reference=row.reference)
            found.errors.append(AppointmentError(number, "reference", sentence))
            continue
        seen.add(row.reference)
        right.append(row)
    kept = _kept(session, where, [row.visit.visit_on for row in right], seen - {""}, origin)
    by_reference = {one.reference: one for one in kept if one.reference and one.origin == origin}
    by_facts = {(one.visit_on, one.starts_at, one.item_id, canonical_name(one.client)): one for one in kept}
    for row in right:
        key = (row.visit.visit_on, row.visit.starts_at, row.visit.item_id, canonical_name(row.names[0]))
        there = by_reference.get(row.reference) if row.reference else by_facts.get(key)
        if there:
            told = without_person(row.told) if there.sent.get("who") == ERASED else row.told
            row = replace(row, visit=_with_what_the_clinic_set(there, row), told=told)
        news = row.told if row.reference and (there is None or there.sent != row.told) else None
        found.rows.append(
            AppointmentRow(
                row.number, row.visit, row.reference, _outcome(there, row), there.id if there else None, row.names, news
            )
        )
    return found


@unit_of_work
def import_appointments(
    session: Session, *, location_id: UUID, content: bytes, staff_id: UUID | None, new: int | None = None
) -> AppointmentFile:
    """Bring a file of visits in, all of it or nothing; the same file again changes nothing.

    `new` is how many visits somebody saw that it adds. Raises Invalid for any wrong row, Conflict for another number.
    """
    where = place(session, location_id)
    found = read_appointments(session, where, content)
    found.require_right()
    if new is not None and found.of("new") not in (new, 0):
        raise Conflict(messages.APPOINTMENT_FILE_CHANGED)
    keep(session, location_id, found, source="file")
    audit.note(session, "appointment.imported", actor_id=staff_id, location_id=location_id, **facts_of(found))
    return found


def facts_of(found: AppointmentFile) -> dict[str, Any]:
    """What the audit log says of visits that came in."""
    counts = {"added": found.of("new"), "changed": found.of("changed"), "cancelled": found.of("cancelled")}
    return {"sha256": found.sha256, "rows": len(found.rows)} | counts


def keep(session: Session, location_id: UUID, found: AppointmentFile, *, source: str, origin: str = "") -> None:
    """Write what rows bring in."""
    for row in found.rows:
        if row.outcome == "new":
            session.add(
                Appointment(
                    id=new_id(), location_id=location_id, state="expected", source=source, created_at=clock.now(),
                    reference=row.reference, origin=origin, sent=row.told, ticket_id=None, **asdict(row.visit),
                )
            )  # fmt: skip
        elif row.kept_id and (row.outcome != "same" or row.told is not None):
            kept = session.get_one(Appointment, row.kept_id, with_for_update=True)
            kept.sent = row.told or kept.sent
            if row.outcome == "cancelled":
                kept.state = "cancelled"
            elif row.outcome == "changed":
                kept.state = "expected" if kept.state == "cancelled" else kept.state
                write(session, kept, row.visit)
    session.flush()
