"""Saving, renaming, sharing and deleting views of reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotAllowed, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id
from pos.core.messages.books import (
    SCHEDULE_KEEPS_NAMED_DAYS,
    TOO_MANY_VIEWS,
    VIEW_NAME_MISSING,
    VIEW_NAME_TAKEN,
    VIEW_NOT_YOURS,
    VIEW_SHARED_BY_MANAGER,
    VIEW_SHARED_EVERYWHERE,
)
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.saved_views.models import SavedView
from pos.domain.saved_views.queries import may_change, may_delete, schedule_of
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.reports.period import FIRST, days_of
from pos.reports.saved.views import visible_report, visible_view
from pos.services.saved_views.schedule import remove_schedule

NAME_LENGTH, MOST = 60, 100


@dataclass(frozen=True)
class ViewTerms:
    """What a view is of: a report at a location (all of the person's without one), its days and filters.

    `period` is one of the names of `pos.reports.period.PERIODS`; without it the days are given.
    """

    report: str
    name: str
    location_id: UUID | None = None
    period: str = ""
    from_on: date | None = None
    to_on: date | None = None
    filters: dict[str, str] = field(default_factory=dict)
    shared: bool = False


def _fields(view: SavedView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in ViewTerms.__dataclass_fields__}


def _checked(session: Session, terms: ViewTerms, person: Person, view_id: UUID | None) -> dict[str, Any]:
    visible_report(person, terms.report)
    if terms.location_id is not None and terms.location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    values = asdict(terms) | {"name": printable(terms.name, NAME_LENGTH)}
    if not values["name"]:
        raise Invalid(VIEW_NAME_MISSING, field="name")
    if terms.period:
        days_of(terms.period, FIRST)
        values |= {"from_on": None, "to_on": None}
    if terms.shared and terms.location_id is None:
        raise Invalid(VIEW_SHARED_EVERYWHERE, field="shared")
    if terms.shared and not person.may(Permission.MANAGE_BOOKS):
        raise NotAllowed(VIEW_SHARED_BY_MANAGER, field="shared")
    same_name = select(SavedView.id).where(SavedView.owner_id == person.id, SavedView.name == values["name"])
    if session.scalar(same_name) not in (None, view_id):
        raise Conflict(VIEW_NAME_TAKEN, field="name")
    return values


@unit_of_work
def save_view(session: Session, *, terms: ViewTerms, person: Person) -> UUID:
    """Save a new view; raises Invalid and Conflict with the field, NotFound, NotAllowed."""
    session.get_one(Staff, person.id, with_for_update=True)
    values = _checked(session, terms, person, None)
    if (session.scalar(select(func.count()).where(SavedView.owner_id == person.id)) or 0) >= MOST:
        raise Conflict(TOO_MANY_VIEWS(most=MOST))
    view = SavedView(id=new_id(), owner_id=person.id, saved_at=clock.now(), **values)
    session.add(view)
    session.flush()
    _note(session, view.id, {}, values, person)
    return view.id


@unit_of_work
def save_view_again(session: Session, *, view_id: UUID, terms: ViewTerms, person: Person) -> None:
    """Save a view with another name, other days, filters or location; raises as `save_view` does."""
    view = _view(session, view_id, person)
    if not may_change(view, person):
        raise NotAllowed(VIEW_NOT_YOURS)
    before, values = _fields(view), _checked(session, terms, person, view_id)
    if not values["period"] and schedule_of(session, view_id) is not None:
        raise Conflict(SCHEDULE_KEEPS_NAMED_DAYS, field="days")
    for name, value in values.items():
        setattr(view, name, value)
    view.saved_at = clock.now()
    session.flush()
    _note(session, view_id, before, values, person)


@unit_of_work
def delete_view(session: Session, *, view_id: UUID, person: Person) -> None:
    """Delete a view of one's own, or a shared one of a location one manages; raises NotFound, NotAllowed."""
    view = _view(session, view_id, person)
    if not may_delete(view, person):
        raise NotAllowed(VIEW_NOT_YOURS)
    before = _fields(view)
    remove_schedule(session, view, person)
    session.delete(view)
    session.flush()
    _note(session, view_id, before, {}, person)


def _view(session: Session, view_id: UUID, person: Person) -> SavedView:
    session.get(SavedView, view_id, with_for_update=True, populate_existing=True)
    return visible_view(session, person, view_id)[0]


def _note(session: Session, view_id: UUID, before: dict[str, Any], after: dict[str, Any], person: Person) -> None:
    audit.note_change(
        session, "report.view", before=before, after=after, actor_id=person.id, subject_id=view_id,
        location_id=after.get("location_id") or before.get("location_id") or min(person.locations, default=None),
    )  # fmt: skip
