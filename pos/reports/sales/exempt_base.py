"""Which part of a base bears no tax, where a line was sold partly free of it: of its sessions, and of what is given back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, union_all
from sqlalchemy.orm import Session, aliased

from pos.core.money import Rates, cumulative_share
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine, TaxExemption

_EARLIER_MOVE, _SOLD = aliased(CreditMove), aliased(SaleLine)
_OTHER, _EARLIER_LINE = aliased(Refund), aliased(RefundLine)
_OWED = (
    select(func.coalesce(func.sum(_EARLIER_MOVE.value_minor), 0))
    .where(_EARLIER_MOVE.lot_id == CreditMove.lot_id, _EARLIER_MOVE.seq <= CreditMove.seq)
    .correlate(CreditMove)
    .scalar_subquery()
)
_OF_MOVE = (CreditLot.tax_percent, CreditLot.second_tax_percent, _OWED, CreditMove.value_minor, _SOLD.net_minor)
_FREE_MOVES = (
    select()
    .select_from(TaxExemption)
    .join(_SOLD, and_(_SOLD.sale_id == TaxExemption.sale_id, _SOLD.position == TaxExemption.position))
    .join(
        PurchasedPackage,
        and_(PurchasedPackage.sale_id == _SOLD.sale_id, PurchasedPackage.sale_position == _SOLD.position),
    )
    .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
    .join(CreditMove, CreditMove.lot_id == CreditLot.id)
    .where(_SOLD.net_minor > 0, CreditMove.value_minor != 0)
)


@dataclass(frozen=True)
class FreeUses:
    """Moves whose value was sold free of tax in part: which, by what location and date, and one more thing that they are
    told apart by. `sale` joins the sale of the move.
    """

    which: ColumnElement[bool]
    keys: tuple[Any, Any]
    more: Any
    sale: bool = False

    def query(self) -> Select[*tuple[Any, ...]]:
        """One row for each move: what its lot had left afterwards, its value, the net of the line and the part of it that
        was free."""
        columns = (*self.keys, self.more, *_OF_MOVE)
        query = _FREE_MOVES.add_columns(*(column.label(f"c{at}") for at, column in enumerate(columns)))
        query = query.add_columns(TaxExemption.net_minor).where(self.which)
        return query.join(Sale, Sale.id == CreditMove.sale_id) if self.sale else query


def free_of_uses(session: Session, *uses: FreeUses) -> Iterator[tuple[UUID, date, Any, Rates, int]]:
    """What of the value of moves was sold free of tax: location, date, `more`, rates and minor units, positive where
    value left.

    A session's part is the share of the line's that its value is of the line's net, rounded cumulatively, so that the parts
    of all sessions sum to the line's.
    """
    for location, on, more, first, second, after, value, net, free in session.execute(
        union_all(*(one.query() for one in uses))
    ):
        left = int(after)
        minor = cumulative_share(free, left - value, net) - cumulative_share(free, left, net)
        yield location, on, more, Rates(first, second), minor


def free_of_refunds(session: Session, here: ColumnElement[bool]) -> Iterator[tuple[UUID, date, Rates, int]]:
    """What of the base of refunded lines was sold free of tax: location, day, rates and minor units."""
    before = (
        select(func.coalesce(func.sum(_EARLIER_LINE.net_minor), 0))
        .join(_OTHER, _OTHER.id == _EARLIER_LINE.refund_id)
        .where(
            _EARLIER_LINE.sale_id == RefundLine.sale_id,
            _EARLIER_LINE.sale_position == RefundLine.sale_position,
            _OTHER.created_at < Refund.created_at,
        )
        .correlate(Refund, RefundLine)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Refund.location_id, Refund.business_on, RefundLine.tax_percent, RefundLine.second_tax_percent,
            SaleLine.tax_point, SaleLine.net_minor, TaxExemption.net_minor, RefundLine.net_minor,
            RefundLine.liability_minor, before,
        )
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .join(
            TaxExemption, and_(TaxExemption.sale_id == SaleLine.sale_id, TaxExemption.position == SaleLine.position)
        )
        .where(here, SaleLine.net_minor > 0)
    )  # fmt: skip
    for location, on, first, second, point, net, free, back, liability, taken in rows:
        if point == "sale":
            minor = cumulative_share(free, int(taken) + back, net) - cumulative_share(free, int(taken), net)
        else:
            minor = cumulative_share(free, back - liability, net)
        yield location, on, Rates(first, second), minor
