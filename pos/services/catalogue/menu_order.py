"""The order of the register: services among services, another item among its kind, package plans among plans."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.messages import catalogue as messages
from pos.domain.catalogue.models import Item, Service
from pos.domain.catalogue.services_and_items import KINDS
from pos.domain.staff.queries import Person


def _beside(session: Session, key: UUID) -> Sequence[Service | Item]:
    """What stands with a service or an item on the register, in its order; raises NotFound."""
    if session.get(Service, key) is not None:
        services = session.scalars(select(Service).where(Service.active)).all()
        return sorted(services, key=lambda one: (one.position, name_key(one.name)))
    item = session.get(Item, key)
    if item is None or item.kind not in (*KINDS, "package"):
        raise NotFound(messages.NO_SUCH_ITEM)
    items = session.scalars(select(Item).where(Item.kind == item.kind, Item.active)).all()
    return sorted(items, key=lambda one: (one.position, name_key(one.name)))


@unit_of_work
def move_on_menu(session: Session, *, key: UUID, person: Person, step: int = 0, place: int | None = None) -> None:
    """Move a service, item or plan by `step` places (-1 is up), or to `place`, 1 being the first; the others close up.

    Beyond the first or the last is that one. What is retired stays where it is. Raises NotFound.
    """
    order = list(_beside(session, key))
    at = next((index for index, one in enumerate(order) if one.id == key), None)
    if at is None:
        return
    to = min(max(at + step if place is None else place - 1, 0), len(order) - 1)
    if to == at:
        return
    order.insert(to, order.pop(at))
    for position, one in enumerate(order):
        one.position = position
    session.flush()
    audit.note_change(
        session, "menu.moved", before={"place": at + 1}, after={"place": to + 1}, actor_id=person.id, subject_id=key
    )
