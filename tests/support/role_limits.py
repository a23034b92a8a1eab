"""Limits of roles, set by the owner."""

from __future__ import annotations

from pos.domain.staff.limit_rules import Limit, Limits, Value
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person
from pos.domain.staff.role_limits import limits_of
from pos.services.staff.roles import set_role_limits
from tests.support.clinic import Clinic, Colleague, Site


def person_of(who: Colleague) -> Person:
    """A colleague as the faces know them."""
    return Person(who.id, who.name, who.role, frozenset())


def set_limits(
    world: Clinic, role: Role, chosen: dict[Limit, Value], *, site: Site | None = None, by: Colleague | None = None
) -> None:
    """Change some limits of a role at a location; the others stay."""
    where = (site or world.usd).location_id
    with world.read() as session:
        now = limits_of(session, where, role).values
    with world.app.app_context():
        limits = Limits({**now, **chosen})
        set_role_limits(location_id=where, role=role, limits=limits, person=person_of(by or world.owner))
