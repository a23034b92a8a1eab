"""Changing many prices at once from one day on, and taking a price back before its day. What was sold keeps its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound, PosError
from pos.core.i18n.message import Message
from pos.core.messages import catalogue as messages
from pos.core.messages.catalogue import PRICE_START_IN_THE_PAST
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.money import LARGEST_MINOR
from pos.domain.catalogue import repository as catalogue
from pos.domain.catalogue.models import Item, Price
from pos.domain.catalogue.price_list import Cell, price_of_day
from pos.domain.locations.queries import place
from pos.domain.staff.queries import Person
from pos.services.catalogue.services_and_items import Editor, require_not_needed


@dataclass(frozen=True)
class PriceChange:
    """A cell of the price list: from today's price as the person saw it to the one wanted, minor units; None: not sold."""

    item_id: UUID
    location_id: UUID
    seen_minor: int | None
    price_minor: int | None

    @property
    def cell(self) -> Cell:
        """The item and the location."""
        return self.item_id, self.location_id


class WrongPrices(Invalid):
    """Some cells cannot be saved, and so none is; `cells` says why, each."""

    def __init__(self, cells: Mapping[Cell, Message]) -> None:
        super().__init__(messages.PRICES_WRONG(count=len(cells)), field="prices")
        self.cells = dict(cells)


def _check(session: Session, change: PriceChange) -> None:
    item = session.get(Item, change.item_id)
    if item is None or item.kind in ("gift_card", "open_item", "service_charge") or not item.active:
        raise NotFound(messages.NO_SUCH_ITEM)
    today = place(session, change.location_id).today()
    if price_of_day(session, change.item_id, change.location_id, today) != change.seen_minor:
        raise Conflict(messages.PRICE_CHANGED_MEANWHILE)
    if change.price_minor is None:
        require_not_needed(session, item, change.location_id)
    elif not (1 if item.kind == "package" else 0) <= change.price_minor <= LARGEST_MINOR:
        raise Invalid(messages.PACKAGE_COSTS_MORE_THAN_NOTHING)


@unit_of_work
def change_prices(session: Session, *, changes: Sequence[PriceChange], from_on: date, person: Editor) -> int:
    """Set prices from one day on, today or later; all of them or none. Returns how many are different now.

    Raises NotFound for a location one does not work at, Invalid for a day that is over, WrongPrices naming the cells.
    """
    for change in changes:
        if change.location_id not in person.locations:
            raise NotFound(NO_SUCH_LOCATION)
        if from_on < place(session, change.location_id).today():
            raise Invalid(PRICE_START_IN_THE_PAST, field="from_on")
    wrong: dict[Cell, Message] = {}
    for change in changes:
        try:
            _check(session, change)
        except PosError as error:
            wrong[change.cell] = error.sentence
    if wrong:
        raise WrongPrices(wrong)
    count = 0
    for change in changes:
        before = price_of_day(session, change.item_id, change.location_id, from_on)
        catalogue.set_price(session, change.item_id, change.location_id, from_on, change.price_minor)
        if before == change.price_minor:
            continue
        count += 1
        audit.note_change(
            session, "price.changed",
            before={"price_minor": before}, after={"price_minor": change.price_minor, "from_on": from_on},
            actor_id=person.id, location_id=change.location_id, subject_id=change.item_id,
        )  # fmt: skip
    return count


@unit_of_work
def take_back_price(session: Session, *, item_id: UUID, location_id: UUID, from_on: date, person: Person) -> None:
    """Take a price back before its day: what counts before it goes on. Raises NotFound, Conflict where its day has come."""
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    row = session.get(Price, (item_id, location_id, from_on))
    if row is None or from_on <= place(session, location_id).today():
        raise Conflict(messages.NO_SCHEDULED_PRICE, field="prices")
    minor = row.price_minor
    session.delete(row)
    session.flush()
    audit.note_change(
        session, "price.taken_back", before={"price_minor": minor, "from_on": from_on}, after={},
        actor_id=person.id, location_id=location_id, subject_id=item_id,
    )  # fmt: skip
