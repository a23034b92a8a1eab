"""Reading the stock: what is there of each article at a location, and how it came to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.messages.catalogue import NO_SUCH_ITEM
from pos.core.paging.window import Window
from pos.domain.catalogue.models import Item
from pos.domain.stock.models import StockArticle, StockMove

_ORDER = ("negative", "low", "enough", "not_counted")


@dataclass(frozen=True)
class StockRow:
    """An article at a location. `present` is None where it is not counted; `low_level` None: no warning."""

    item_id: UUID
    name: str
    code: str
    active: bool
    present: int | None = None
    low_level: int | None = None

    @property
    def state(self) -> str:
        """`negative`, `low`, `enough` or `not_counted`."""
        if self.present is None:
            return "not_counted"
        if self.present < 0:
            return "negative"
        return "low" if self.low_level is not None and self.present <= self.low_level else "enough"


@dataclass(frozen=True)
class MoveRow:
    """One move with the stock after it."""

    move_id: UUID
    at: datetime
    kind: str
    delta: int
    after: int
    reason: str
    staff_id: UUID | None
    sale_id: UUID | None


def present_stock(session: Session, location_id: UUID, item_id: UUID) -> int:
    """How many pieces of an article are there; 0 where none was ever counted."""
    query = select(func.coalesce(func.sum(StockMove.delta), 0))
    return int(session.scalar(query.where(StockMove.location_id == location_id, StockMove.item_id == item_id)) or 0)


def stock_rows(session: Session, location_id: UUID) -> list[StockRow]:
    """Every article on offer or still there: below zero first, then low, enough, and what is not counted."""
    sums = (
        select(StockMove.item_id, func.sum(StockMove.delta).label("present"))
        .where(StockMove.location_id == location_id)
        .group_by(StockMove.item_id)
        .subquery()
    )
    rows = session.execute(
        select(Item.id, Item.name, Item.code, Item.active, StockArticle.item_id.label("counted"),
               StockArticle.low_level, sums.c.present)
        .outerjoin(StockArticle, (StockArticle.item_id == Item.id) & (StockArticle.location_id == location_id))
        .outerjoin(sums, sums.c.item_id == Item.id)
        .where(Item.kind == "retail")
    )  # fmt: skip
    found = [
        StockRow(
            row.id, row.name, row.code or "", row.active, int(row.present or 0) if row.counted else None, row.low_level
        )
        for row in rows
        if row.active or row.present
    ]
    return sorted(found, key=lambda one: (_ORDER.index(one.state), name_key(one.name)))


def stock_row(session: Session, location_id: UUID, item_id: UUID) -> StockRow:
    """One article; raises NotFound for what is no retail article."""
    item = session.get(Item, item_id, populate_existing=True)
    if item is None or item.kind != "retail":
        raise NotFound(NO_SUCH_ITEM)
    kept = session.get(StockArticle, (location_id, item_id), populate_existing=True)
    present = present_stock(session, location_id, item_id) if kept else None
    return StockRow(item.id, item.name, item.code or "", item.active, present, kept.low_level if kept else None)


def stock_moves(session: Session, location_id: UUID, item_id: UUID, *, window: Window) -> list[MoveRow]:
    """The moves of an article, the latest first, each with the stock after it."""
    order = (StockMove.at, StockMove.id)
    # What is left after a move is of all before it, so it is summed before the window is cut.
    left = (
        select(StockMove.id, func.sum(StockMove.delta).over(order_by=order).label("after"))
        .where(StockMove.location_id == location_id, StockMove.item_id == item_id)
        .subquery()
    )
    query = select(StockMove, left.c.after).join(left, left.c.id == StockMove.id)
    return [
        MoveRow(move.id, move.at, move.kind, move.delta, int(after), move.reason, move.staff_id, move.sale_id)
        for move, after in window.in_order(session.execute(window.of(query, order)).all())
    ]
