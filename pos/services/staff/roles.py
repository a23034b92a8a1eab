"""What an owner says of roles: the limits of each at a location, and which need a second factor in the office."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.messages.general import NO_SUCH_PAGE
from pos.core.messages.people import SECOND_FACTOR_OWN_FIRST
from pos.domain.locations.queries import place
from pos.domain.staff import role_limits, second_factors
from pos.domain.staff.limit_rules import KINDS, LIMITED_ROLES, Limits
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.queries import Person
from pos.services.staff.access import require_owner


@unit_of_work
def set_role_limits(session: Session, *, location_id: UUID, role: Role, limits: Limits, person: Person) -> None:
    """Change what a role does alone at a location, from the next action on.

    Raises NotAllowed for whoever is no owner, NotFound, Invalid naming the field.
    """
    require_owner(session, person)
    if role not in LIMITED_ROLES:
        raise NotFound(NO_SUCH_PAGE)
    where = place(session, location_id)
    before = role_limits.limits_of(session, where.id, role)
    role_limits.set_limits(session, where.id, role, limits)
    own = [limit for limit, kind in KINDS.items() if role in kind.roles]
    audit.note_change(
        session, f"roles.{role.value}_limits", actor_id=person.id, location_id=where.id,
        before={limit.value: before.of(limit) for limit in own},
        after={limit.value: limits.of(limit) for limit in own},
    )  # fmt: skip


@unit_of_work
def require_second_factor(session: Session, *, role: Role, required: bool, person: Person) -> None:
    """Need a second factor of everybody of a role from their next click in the office on, or no longer.

    Raises NotAllowed for whoever is no owner, NotFound for a role without a password, Conflict for an owner who has no
    second factor: they would lock themselves out, or ask of others what they do not do.
    """
    require_owner(session, person)
    if not may(role, Permission.OWN):
        raise NotFound(NO_SUCH_PAGE)
    if required and not second_factors.has_second_factor(session, person.id):
        raise Conflict(SECOND_FACTOR_OWN_FIRST)
    before = role in second_factors.required_roles(session)
    second_factors.require(session, role, required_by=person.id if required else None)
    audit.note_change(
        session, "roles.second_factor", actor_id=person.id,
        before={role.value: before}, after={role.value: required},
    )  # fmt: skip
