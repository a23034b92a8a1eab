"""The limits of each role at each location: the one place where they are read and written."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from pos.domain.locations.models import Location
from pos.domain.staff.limit_rules import KINDS, LIMITED_ROLES, NO_LIMITS, NOTHING, Limit, Limits, usual_limits
from pos.domain.staff.models import RoleLimits
from pos.domain.staff.permissions import Role


def limits_of(session: Session, location_id: UUID, role: Role) -> Limits:
    """What somebody of a role does alone at a location now: an owner anything, a role that has no limits nothing."""
    if role not in LIMITED_ROLES:
        return NO_LIMITS if role is Role.OWNER else NOTHING
    row = session.execute(
        select(Location.currency, RoleLimits)
        .outerjoin(RoleLimits, and_(RoleLimits.location_id == Location.id, RoleLimits.role == role.value))
        .where(Location.id == location_id),
        execution_options={"populate_existing": True},
    ).one()
    if row.RoleLimits is None:
        return usual_limits(role, row.currency)
    return Limits({one: getattr(row.RoleLimits, one.value) if role in KINDS[one].roles else 0 for one in Limit})


def set_limits(session: Session, location_id: UUID, role: Role, chosen: Limits) -> None:
    """Change the limits of a role at a location; raises Invalid naming the field."""
    chosen = chosen.checked()
    row = session.get(RoleLimits, (location_id, role.value), with_for_update=True, populate_existing=True)
    if row is None:
        row = RoleLimits(location_id=location_id, role=role.value)
        session.add(row)
    for limit, kind in KINDS.items():
        if role in kind.roles:
            setattr(row, limit.value, chosen.of(limit))
    session.flush()
