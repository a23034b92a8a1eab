"""Everybody who works or worked here, for the pages of the staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.audit import AuditEvent
from pos.core.i18n.name_folding import name_key
from pos.domain.staff.models import CommissionRule, SecondFactor, Staff, StaffLocation
from pos.domain.staff.permissions import Role

_SIGN_INS = ("register.sign_in", "office.sign_in")


@dataclass(frozen=True)
class Member:
    """Somebody on the list. `signed_in_at` is when they last signed in, at a desk or in the office."""

    id: UUID
    name: str
    email: str | None
    role: Role
    treats: bool
    tier: int
    locations: frozenset[UUID]
    active: bool
    has_pin: bool
    has_password: bool
    has_second_factor: bool
    signed_in_at: datetime | None


def team(session: Session, *, only: UUID | None = None) -> list[Member]:
    """Everybody, or one of them; those who work here first, by name."""
    works: dict[UUID, set[UUID]] = {}
    for place in session.execute(select(StaffLocation.staff_id, StaffLocation.location_id)):
        works.setdefault(place.staff_id, set()).add(place.location_id)
    seen_query = (
        select(AuditEvent.actor_id, func.max(AuditEvent.at))
        .where(AuditEvent.action.in_(_SIGN_INS))
        .group_by(AuditEvent.actor_id)
    )
    rows_query = select(Staff)
    if only is not None:
        seen_query = seen_query.where(AuditEvent.actor_id == only)
        rows_query = rows_query.where(Staff.id == only)
    seen = {row[0]: row[1] for row in session.execute(seen_query)}
    proved = frozenset(session.scalars(select(SecondFactor.staff_id).where(SecondFactor.proved_at.is_not(None))))
    found = [
        Member(
            id=row.id, name=row.name, email=row.email, role=Role(row.role), treats=row.treats, tier=row.tier,
            locations=frozenset(works.get(row.id, ())), active=row.active, has_pin=row.pin_hash is not None,
            has_password=row.password_hash is not None, has_second_factor=row.id in proved,
            signed_in_at=seen.get(row.id),
        )
        for row in session.scalars(rows_query)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.active, name_key(one.name)))


def commissions(session: Session, staff_id: UUID) -> list[CommissionRule]:
    """The commission rules of a person, the newest first."""
    rules = select(CommissionRule).where(CommissionRule.staff_id == staff_id).order_by(CommissionRule.from_on.desc())
    return list(session.scalars(rules))
