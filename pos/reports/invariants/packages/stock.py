"""The invariant of the stock: what sales took from it is what they sold, and what was voided is there again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import aliased

from pos.domain.refunds.models import SaleRefunded
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.stock.models import StockMove
from pos.reports.invariants.base import Check, CheckScope


def _disagreeing(look: CheckScope) -> Iterator[str]:
    of_line = (SaleLine.sale_id == StockMove.sale_id) & (SaleLine.position == StockMove.sale_position)
    sold = select(StockMove.sale_id, SaleLine.name).join(SaleLine, of_line).join(Sale, Sale.id == StockMove.sale_id)
    sold = sold.where(look.in_scope(StockMove.location_id), StockMove.kind == "sold").order_by(StockMove.id)
    unlike = or_(
        StockMove.delta != -SaleLine.quantity,
        StockMove.item_id != SaleLine.item_id,
        StockMove.location_id != Sale.location_id,
    )
    for sale_id, name in look.rows(sold.where(unlike)):
        yield f"What sale {sale_id} took from the stock of {name} is not what it sold."
    back = aliased(StockMove)
    of_move = (back.sale_id == StockMove.sale_id) & (back.sale_position == StockMove.sale_position)
    returned = sold.outerjoin(back, of_move & (back.kind == "returned"))
    returned = returned.outerjoin(SaleRefunded, SaleRefunded.sale_id == StockMove.sale_id)
    is_voided = func.coalesce(SaleRefunded.voided, false())
    wrong = or_(is_voided != back.id.is_not(None), back.delta != -StockMove.delta, back.item_id != StockMove.item_id)
    for sale_id, name in look.rows(returned.where(wrong)):
        yield f"What sale {sale_id} took of {name} is there again although it stands, or is not although it was voided."


CHECKS = (
    Check(
        "stock",
        "What sales took from the stock is what they sold, and a void brings it back",
        StockMove.location_id,
        _disagreeing,
    ),
)
