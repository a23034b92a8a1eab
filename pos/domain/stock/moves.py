"""Writing the moves of stock: what a sale takes, what its void and refunds bring back, what somebody receives or counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.prepared import add_rows, run
from pos.core.errors import Invalid
from pos.core.ids import new_id
from pos.core.messages.refunds import NOT_COUNTED_IN_STOCK
from pos.domain.sales.models import Sale
from pos.domain.sales.pricing import PricedLine
from pos.domain.stock.models import StockArticle, StockMove

_COUNTED = select(StockArticle.item_id).where(
    StockArticle.location_id == bindparam("location"), StockArticle.item_id.in_(bindparam("items", expanding=True))
)


def take_sold(session: Session, sale: Sale, lines: Sequence[PricedLine]) -> None:
    """Take the articles of a sale from the stock where they are counted; a sale of none asks nothing of the database.

    Stock never stops a sale: it may fall below zero. No row is locked, so that no desk waits for another.
    """
    sold = [(position, one.line) for position, one in enumerate(lines, start=1) if one.line.kind == "retail"]
    if not sold:
        return
    asked = sorted({line.item_id for _, line in sold}, key=str)
    counted = {row.item_id for row in run(session, _COUNTED, location=sale.location_id, items=asked)}
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "location_id": sale.location_id,
            "item_id": line.item_id,
            "kind": "sold",
            "delta": -line.quantity,
            "reason": "",
            "staff_id": sale.staff_id,
            "at": now,
            "sale_id": sale.id,
            "sale_position": position,
        }
        for position, line in sold
        if line.item_id in counted
    ]
    if rows:
        add_rows(session, StockMove, rows)


def sold_positions(session: Session, sale_id: UUID) -> set[int]:
    """The lines of a sale whose pieces were taken from the stock."""
    query = select(StockMove.sale_position).where(StockMove.sale_id == sale_id, StockMove.kind == "sold")
    return {position for position in session.scalars(query) if position is not None}


def bring_back(
    session: Session,
    sale_id: UUID,
    refund_id: UUID,
    *,
    actor_id: UUID | None,
    reason: str,
    units: Mapping[int, int] | None = None,
) -> None:
    """What a written refund brings back of a sale is there again: `units` of lines by position, of a void all of it.

    Nothing where the sale took nothing; raises Invalid for units of a line that took nothing.
    """
    query = select(StockMove).where(StockMove.sale_id == sale_id, StockMove.kind == "sold")
    sold = {taken.sale_position: taken for taken in session.scalars(query.order_by(StockMove.sale_position))}
    back = {position: -taken.delta for position, taken in sold.items()} if units is None else units
    if not back.keys() <= sold.keys():
        raise Invalid(NOT_COUNTED_IN_STOCK, field="lines")
    for position, pieces in back.items():
        taken = sold[position]
        session.add(
            StockMove(
                id=new_id(), location_id=taken.location_id, item_id=taken.item_id, kind="returned", delta=pieces,
                reason=reason[:200], staff_id=actor_id, at=clock.now(), sale_id=sale_id, sale_position=position,
                refund_id=refund_id,
            )
        )  # fmt: skip
    session.flush()
