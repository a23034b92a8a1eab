"""Having a view sent by mail each day, week or month, and ending that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotAllowed, NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.messages.books import (
    SCHEDULE_MALFORMED,
    SCHEDULE_NO_FILES,
    SCHEDULE_OF_GIVEN_DAYS,
    SCHEDULE_PEOPLE_BY_MANAGER,
    SCHEDULE_PERSON_UNKNOWN,
    SCHEDULE_WITHOUT_ADDRESS,
    VIEW_NOT_YOURS,
)
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.locations.queries import Place, all_places, places_called
from pos.domain.saved_views.models import SavedView, ViewSchedule
from pos.domain.saved_views.queries import may_change, may_delete
from pos.domain.saved_views.times import EVERY, FILES, next_time
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.queries import Person
from pos.reports.registry import Report
from pos.reports.saved.views import visible_view


@dataclass(frozen=True)
class ScheduleTerms:
    """How often, when and to whom: `every` is one of EVERY, `on_day` its weekday (0 is Monday) or day of the month."""

    every: str
    on_day: int
    hour: int
    file: str
    people: tuple[UUID, ...] = ()


def may_get(role: Role, report: Report) -> bool:
    """Whether a role may have the files of a report."""
    return all(may(role, one) for one in (Permission.SEE_REPORTS, report.permission, report.file_permission))


def who_may_get(session: Session, view: SavedView, report: Report) -> list[tuple[UUID, str]]:
    """The people of a view's location who may have its files by mail, without its owner, by name."""
    rows = session.execute(
        select(Staff.id, Staff.name, Staff.role)
        .join(StaffLocation, StaffLocation.staff_id == Staff.id)
        .where(
            StaffLocation.location_id == view.location_id,
            Staff.active,
            Staff.email.is_not(None),
            Staff.id != view.owner_id,
        )
    )
    found = [(row.id, row.name) for row in rows if may_get(Role(row.role), report)]
    return sorted(found, key=lambda pair: name_key(pair[1]))


def places_of(session: Session, view: SavedView, locations: frozenset[UUID]) -> tuple[Place, ...]:
    """The locations of a view as somebody sees it who works at some locations; none where it is of others."""
    wanted = locations if view.location_id is None else locations & {view.location_id}
    found = [place for place in all_places(session) if place.id in wanted]
    return places_called(found, view.filters.get("location", ""))


def _checked(terms: ScheduleTerms) -> None:
    days = {"day": range(1), "week": range(7), "month": range(1, 32)}
    if terms.every not in EVERY or terms.on_day not in days[terms.every]:
        raise Invalid(SCHEDULE_MALFORMED, field="every")
    if terms.hour not in range(24) or terms.file not in FILES:
        raise Invalid(SCHEDULE_MALFORMED, field="hour")


def _check_people(session: Session, view: SavedView, report: Report, terms: ScheduleTerms, person: Person) -> None:
    if not may_get(person.role, report):
        raise NotAllowed(SCHEDULE_NO_FILES)
    if not session.get_one(Staff, person.id).email:
        raise Invalid(SCHEDULE_WITHOUT_ADDRESS)
    if not terms.people:
        return
    if not person.may(Permission.MANAGE_BOOKS):
        raise NotAllowed(SCHEDULE_PEOPLE_BY_MANAGER)
    if view.location_id is None or set(terms.people) - {key for key, _ in who_may_get(session, view, report)}:
        raise Invalid(SCHEDULE_PERSON_UNKNOWN, field="person")


def _fields(row: ViewSchedule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("every", "on_day", "hour", "file", "people")}


@unit_of_work
def set_schedule(session: Session, *, view_id: UUID, terms: ScheduleTerms, person: Person) -> None:
    """Have a view of one's own sent; raises NotFound, NotAllowed, and Invalid with the field.

    The people who get it beside its owner are of the view's location; a manager or owner chooses them.
    """
    session.get(SavedView, view_id, with_for_update=True, populate_existing=True)
    view, report = visible_view(session, person, view_id)
    if not may_change(view, person):
        raise NotAllowed(VIEW_NOT_YOURS)
    _checked(terms)
    if not view.period:
        raise Invalid(SCHEDULE_OF_GIVEN_DAYS)
    _check_people(session, view, report, terms, person)
    where = places_of(session, view, person.locations)
    if not where:
        raise NotFound(NO_SUCH_LOCATION)
    next_at = next_time(
        every=terms.every, on_day=terms.on_day, hour=terms.hour, time_zone=where[0].time_zone, after=clock.now()
    )
    values = asdict(terms) | {"people": sorted(map(str, terms.people))}
    row = session.get(ViewSchedule, view_id)
    before = _fields(row) if row else {}
    if row is None:
        session.add(ViewSchedule(view_id=view_id, next_at=next_at, **values))
    else:
        for name, value in {**values, "next_at": next_at}.items():
            setattr(row, name, value)
    session.flush()
    _note(session, view, before, values, person)


@unit_of_work
def end_schedule(session: Session, *, view_id: UUID, person: Person) -> None:
    """Send a view no more; its owner may, and who manages the location of a shared one. Raises NotFound, NotAllowed."""
    view, _report = visible_view(session, person, view_id)
    if not may_delete(view, person):
        raise NotAllowed(VIEW_NOT_YOURS)
    remove_schedule(session, view, person)


def remove_schedule(session: Session, view: SavedView, person: Person) -> None:
    """Remove the schedule of a view, if it has one."""
    row = session.get(ViewSchedule, view.id, with_for_update=True, populate_existing=True)
    if row is not None:
        before = _fields(row)
        session.delete(row)
        session.flush()
        _note(session, view, before, {}, person)


def _note(session: Session, view: SavedView, before: dict[str, Any], after: dict[str, Any], person: Person) -> None:
    audit.note_change(
        session, "report.schedule", before=before, after=after, actor_id=person.id, subject_id=view.id,
        location_id=view.location_id or min(person.locations, default=None),
    )  # fmt: skip
