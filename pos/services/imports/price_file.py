"""The price list as a CSV file, and what such a file would change: read row by row, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.i18n.message import Message
from pos.core.messages import catalogue as messages
from pos.core.money import Money
from pos.domain.catalogue.price_list import Cell, ListedPrice, listed_items, listed_prices
from pos.domain.locations.queries import Place
from pos.reports.exporters import Cell as FileCell
from pos.reports.exporters import Sheet
from pos.services.catalogue.price_list import PriceChange
from pos.services.imports.csv_table import MEGABYTE, amount_of, read_table

COLUMNS = ("item_id", "kind", "item", "location", "currency", "price", "next_price", "next_from")
NEEDED = ("item_id", "location", "price")
MOST_BYTES, MOST_ROWS = MEGABYTE, 20_000


@dataclass
class PriceFile:
    """A file of prices that was read: how many rows, which prices would change, and what is wrong in which row."""

    rows: int = 0
    changes: list[PriceChange] = field(default_factory=list)
    errors: list[tuple[int, Message]] = field(default_factory=list)

    @property
    def ends(self) -> int:
        """How many of the changes end a sale."""
        return sum(change.price_minor is None for change in self.changes)


def price_sheet(session: Session, places: Sequence[Place]) -> Sheet:
    """The price list of some locations, one row for each item at each; text in it is never a formula."""
    prices = listed_prices(session, places)

    def rows() -> Iterator[tuple[FileCell, ...]]:
        for item in listed_items(session):
            for place in places:
                price = prices.get((item.item_id, place.id), ListedPrice())
                now, later = (
                    None if minor is None else Money(minor, place.currency)
                    for minor in (price.price_minor, price.next_minor)
                )
                yield (
                    str(item.item_id), item.kind, item.name, place.slug, place.currency, now, later, price.next_on,
                )  # fmt: skip

    return Sheet("prices", COLUMNS, rows())


def read_price_file(session: Session, places: Sequence[Place], content: bytes) -> PriceFile:
    """What a file would change at some locations; rows are numbered as a spreadsheet does. Raises Invalid for no table."""
    items = {str(item.item_id): item.item_id for item in listed_items(session)}
    prices, here = listed_prices(session, places), {place.slug: place for place in places}
    found, seen = PriceFile(), set[Cell]()
    for number, row in read_table(content, needed=NEEDED, known=None, most_bytes=MOST_BYTES, most_rows=MOST_ROWS):
        if not any(row[name] for name in NEEDED):
            continue
        found.rows += 1
        try:
            change = _change(row, items, here, prices)
            if change.cell in seen:
                raise Invalid(messages.PRICE_TWICE_IN_FILE)
            seen.add(change.cell)
        except Invalid as error:
            found.errors.append((number, error.sentence))
            continue
        if change.price_minor != change.seen_minor:
            found.changes.append(change)
    return found


def _change(
    row: dict[str, str], items: dict[str, UUID], here: dict[str, Place], prices: dict[Cell, ListedPrice]
) -> PriceChange:
    item_id, place = items.get(row["item_id"].lower()), here.get(row["location"].lower())
    if item_id is None:
        raise Invalid(messages.NO_SUCH_ITEM)
    if place is None:
        raise Invalid(messages.PRICES_OF_OTHER_LOCATION)
    minor = amount_of(row["price"], place, field="price") if row["price"] else None
    return PriceChange(item_id, place.id, prices.get((item_id, place.id), ListedPrice()).price_minor, minor)
