"""The invariant of the stock: what sales took is what they sold, and what was voided or refunded came back, once."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
from pos.domain.refunds.models import RefundLine, SaleRefunded
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.stock.models import StockMove
from pos.reports.invariants.base import Check, CheckScope


def _disagreeing(look: CheckScope) -> Iterator[Message]:
    of_line = (SaleLine.sale_id == StockMove.sale_id) & (SaleLine.position == StockMove.sale_position)
    sold = select(StockMove.sale_id, SaleLine.name).join(SaleLine, of_line).join(Sale, Sale.id == StockMove.sale_id)
    sold = sold.where(look.in_scope(StockMove.location_id), StockMove.kind == "sold").order_by(StockMove.id)
    unlike = or_(
        StockMove.delta != -SaleLine.quantity,
        StockMove.item_id != SaleLine.item_id,
        StockMove.location_id != Sale.location_id,
    )
    for sale_id, name in look.rows(sold.where(unlike)):
        yield messages.STOCK_SOLD_OTHER(sale=sale_id, item=name)
    back = aliased(StockMove)
    of_move = (back.sale_id == StockMove.sale_id) & (back.sale_position == StockMove.sale_position)
    there = func.coalesce(select(func.sum(back.delta)).where(of_move, back.kind == "returned").scalar_subquery(), 0)
    voided = sold.join(SaleRefunded, SaleRefunded.sale_id == StockMove.sale_id).where(SaleRefunded.voided)
    for sale_id, name in look.rows(voided.where(there != -StockMove.delta)):
        yield messages.STOCK_OF_VOID_GONE(sale=sale_id, item=name)
    of_refund = (
        (RefundLine.refund_id == StockMove.refund_id)
        & (RefundLine.sale_id == StockMove.sale_id)
        & (RefundLine.sale_position == StockMove.sale_position)
    )
    returned = select(StockMove.refund_id, SaleLine.name).join(SaleLine, of_line).outerjoin(RefundLine, of_refund)
    returned = returned.outerjoin(back, of_move & (back.kind == "sold"))
    returned = returned.where(look.in_scope(StockMove.location_id), StockMove.kind == "returned").order_by(StockMove.id)
    wrong = or_(
        RefundLine.refund_id.is_(None),
        StockMove.delta < 1,
        StockMove.delta > RefundLine.units,
        back.id.is_(None),
        back.item_id != StockMove.item_id,
        back.location_id != StockMove.location_id,
    )
    for refund_id, name in look.rows(returned.where(wrong)):
        yield messages.STOCK_RETURNED_OTHER(refund=refund_id, item=name)


CHECKS = (
    Check(
        "stock",
        "What sales took from the stock is what they sold; a void brings it back, a refund no more than came back",
        StockMove.location_id,
        _disagreeing,
    ),
)
