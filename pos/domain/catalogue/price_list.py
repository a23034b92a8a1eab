"""The price list: what each item costs at each location today, and the next price that is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.i18n.name_folding import name_key
from pos.domain.catalogue.models import Item, Price, Service
from pos.domain.locations.queries import Place

Cell = tuple[UUID, UUID]  # an item at a location


@dataclass(frozen=True)
class ListedPrice:
    """A price as it counts today and the next one, minor units; None: not sold. `next_on` is None without a next one."""

    price_minor: int | None = None
    next_on: date | None = None
    next_minor: int | None = None


@dataclass(frozen=True)
class ListedItem:
    """A row of the price list; `group` is the service of a duration."""

    item_id: UUID
    kind: str
    name: str
    group: str


def listed_items(session: Session) -> list[ListedItem]:
    """Every item on offer with a price of its own: durations by service, then add-ons, retail and plans, as sold."""
    kinds = ("variant", "add_on", "retail", "package")
    rows = session.execute(
        select(Item.id, Item.kind, Item.name, Item.minutes, Item.position, Service.name.label("service"),
               Service.position.label("service_position"))
        .outerjoin(Service, Service.id == Item.service_id)
        .where(Item.active, Item.kind.in_(kinds))
    ).all()  # fmt: skip
    rows = sorted(
        rows,
        key=lambda row: (
            kinds.index(row.kind), row.service_position or 0, name_key(row.service or ""), row.minutes or 0,
            row.position, name_key(row.name),
        ),
    )  # fmt: skip
    return [ListedItem(row.id, row.kind, row.name, row.service or "") for row in rows]


def listed_prices(session: Session, places: Sequence[Place], on: date | None = None) -> dict[Cell, ListedPrice]:
    """The price of a day, today without one, and the next price of every item that has ever had one at these locations."""
    days = {place.id: on or place.today() for place in places}
    found: dict[Cell, ListedPrice] = {}
    query = select(Price.item_id, Price.location_id, Price.from_on, Price.price_minor)
    for item_id, location_id, from_on, minor in session.execute(
        query.where(Price.location_id.in_(days)).order_by(Price.from_on)
    ):
        kept = found.get((item_id, location_id), ListedPrice())
        if from_on <= days[location_id]:
            found[item_id, location_id] = ListedPrice(minor)
        elif kept.next_on is None:
            found[item_id, location_id] = ListedPrice(kept.price_minor, from_on, minor)
    return found


def price_of_day(session: Session, item_id: UUID, location_id: UUID, day: date) -> int | None:
    """What an item costs at a location on a day, minor units; None: it is not sold."""
    query = select(Price.price_minor).where(
        Price.item_id == item_id, Price.location_id == location_id, Price.from_on <= day
    )
    return session.scalars(query.order_by(Price.from_on.desc()).limit(1)).first()
