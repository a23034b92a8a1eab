"""The stock of retail articles: receive, count, adjust, and the level at which an article is low."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.messages import catalogue as messages
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.domain.catalogue.models import Item
from pos.domain.staff.queries import Person
from pos.domain.stock.models import StockArticle, StockMove
from pos.domain.stock.queries import present_stock

KINDS = ("received", "counted", "adjusted")
MOST_PIECES, MOST_REASON = 100_000, 200


@dataclass(frozen=True)
class StockEntry:
    """Pieces of an article: that came, that are there after a count, or that are more (or, below zero, fewer)."""

    item_id: UUID
    pieces: int


def _article(session: Session, location_id: UUID, item_id: UUID) -> StockArticle | None:
    """The article at a location, locked: two counts at once would both book the difference. Raises NotFound."""
    item = session.get(Item, item_id)
    if item is None or item.kind != "retail":
        raise NotFound(messages.NO_SUCH_ITEM)
    return session.get(StockArticle, (location_id, item_id), with_for_update=True, populate_existing=True)


def _require_pieces(kind: str, pieces: int, field: str) -> None:
    if kind == "counted" and not 0 <= pieces <= MOST_PIECES:
        raise Invalid(messages.STOCK_COUNT_OUT_OF_RANGE(most=MOST_PIECES), field=field)
    if kind == "received" and not 1 <= pieces <= MOST_PIECES:
        raise Invalid(messages.STOCK_RECEIPT_OUT_OF_RANGE(most=MOST_PIECES), field=field)
    if kind == "adjusted" and (pieces == 0 or abs(pieces) > MOST_PIECES):
        raise Invalid(messages.STOCK_ADJUSTMENT_OUT_OF_RANGE(most=MOST_PIECES), field=field)


@unit_of_work
def move_stock(
    session: Session, *, action_id: UUID, location_id: UUID, kind: str, entries: Sequence[StockEntry], reason: str,
    person: Person,
) -> int:  # fmt: skip
    """Receive, count or adjust articles at a location, all of them or none; returns how many moves are new.

    A count writes its difference to the stock until then, also none. The first receipt or count of an article begins its
    stock there. The same `action_id` again changes nothing. Raises NotFound for a location one does not work at; Invalid for
    a number out of range (field `pieces-<item>`) or a missing reason; Conflict for an adjustment of what is not counted.
    """
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    if kind not in KINDS:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="kind")
    words = printable(reason, MOST_REASON + 1)
    if len(words) > MOST_REASON:
        raise Invalid(messages.STOCK_REASON_TOO_LONG(most=MOST_REASON), field="reason")
    if kind == "adjusted" and not words:
        raise Invalid(messages.STOCK_REASON_MISSING, field="reason")
    written = 0
    # In one order, so that two deliveries entered at once do not wait for each other.
    for entry in sorted(entries, key=lambda one: one.item_id):
        field = f"pieces-{entry.item_id}"
        _require_pieces(kind, entry.pieces, field)
        article = _article(session, location_id, entry.item_id)
        move_id = uuid5(action_id, str(entry.item_id))
        if session.get(StockMove, move_id) is not None:
            continue
        if article is None:
            if kind == "adjusted":
                raise Conflict(messages.STOCK_NOT_BEGUN, field=field)
            session.add(StockArticle(location_id=location_id, item_id=entry.item_id, low_level=None))
            session.flush()
        before = present_stock(session, location_id, entry.item_id)
        delta = entry.pieces - before if kind == "counted" else entry.pieces
        session.add(
            StockMove(
                id=move_id, location_id=location_id, item_id=entry.item_id, kind=kind, delta=delta, reason=words,
                staff_id=person.id, at=clock.now(), sale_id=None, sale_position=None,
            )
        )  # fmt: skip
        session.flush()
        written += 1
        if delta:
            audit.note_change(
                session, f"stock.{kind}",
                before={"stock": before}, after={"stock": before + delta} | ({"reason": words} if words else {}),
                actor_id=person.id, location_id=location_id, subject_id=entry.item_id,
            )  # fmt: skip
    return written


@unit_of_work
def set_low_level(session: Session, *, location_id: UUID, item_id: UUID, low_level: int | None, person: Person) -> None:
    """Set at how many pieces or fewer an article is shown as low; None: never.

    Raises NotFound for a location one does not work at, Conflict where it is not counted there, Invalid out of range.
    """
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    if low_level is not None and not 0 <= low_level <= MOST_PIECES:
        raise Invalid(messages.STOCK_COUNT_OUT_OF_RANGE(most=MOST_PIECES), field="low_level")
    article = _article(session, location_id, item_id)
    if article is None:
        raise Conflict(messages.STOCK_NOT_BEGUN, field="low_level")
    before, article.low_level = article.low_level, low_level
    session.flush()
    audit.note_change(
        session, "stock.low_level_set", before={"low_level": before}, after={"low_level": low_level},
        actor_id=person.id, location_id=location_id, subject_id=item_id,
    )  # fmt: skip
