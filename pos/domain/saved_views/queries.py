"""Reads of saved views."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pos.core.i18n.name_folding import name_key
from pos.domain.saved_views.models import SavedView, ViewSchedule
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person


def views_for(session: Session, person: Person) -> list[SavedView]:
    """A person's own views and those shared at their locations, by name; not those of a location they left."""
    own = and_(
        SavedView.owner_id == person.id,
        or_(SavedView.location_id.is_(None), SavedView.location_id.in_(person.locations)),
    )
    shared = and_(SavedView.shared, SavedView.location_id.in_(person.locations))
    return sorted(session.scalars(select(SavedView).where(or_(own, shared))), key=lambda view: name_key(view.name))


def may_change(view: SavedView, person: Person) -> bool:
    """Whether a view that a person sees is theirs to save again."""
    return view.owner_id == person.id


def may_delete(view: SavedView, person: Person) -> bool:
    """Whether a view that a person sees is theirs to delete: their own, or a shared one of a location they manage."""
    return may_change(view, person) or (view.shared and person.may(Permission.MANAGE_BOOKS))


def schedule_of(session: Session, view_id: UUID) -> ViewSchedule | None:
    """When a view is sent by mail, if it is."""
    return session.get(ViewSchedule, view_id)


def schedules_due(session: Session, now: datetime) -> list[tuple[UUID, datetime]]:
    """The schedules whose time has come, each with that time; the oldest first."""
    query = select(ViewSchedule.view_id, ViewSchedule.next_at).where(ViewSchedule.next_at <= now)
    return [(row.view_id, row.next_at) for row in session.execute(query.order_by(ViewSchedule.next_at))]
