"""The invariant of packages paid in parts: what was paid, what is locked, and that no more was used than is paid for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from pos.core.i18n.message import Message
from pos.core.messages.kept import package_checks as messages
from pos.domain.credits.models import CreditLot, CreditMove, Instalment
from pos.domain.locations.models import Location
from pos.domain.sales.models import Order, SaleLine
from pos.reports.invariants.base import Check, CheckScope


def _other_parts(look: CheckScope) -> Iterator[Message]:
    undone = aliased(CreditMove)

    def paid(column: Any) -> Any:
        return (
            select(func.coalesce(func.sum(column), 0))
            .select_from(Instalment)
            .join(SaleLine, and_(SaleLine.sale_id == Instalment.sale_id, SaleLine.position == Instalment.sale_position))
            .outerjoin(undone, undone.reverses_id == Instalment.move_id)
            .where(Instalment.lot_id == CreditLot.id, undone.id.is_(None))
            .correlate(CreditLot)
            .scalar_subquery()
        )

    in_all = CreditLot.quantity * (CreditLot.price_minor - CreditLot.unpaid_minor) // CreditLot.price_minor
    is_paying = select(Order.id).where(Order.id == CreditLot.held_by_order_id, Order.state == "placed").exists()
    other_sums = or_(
        CreditLot.unpaid_minor != CreditLot.price_minor - paid(Instalment.amount_minor),
        CreditLot.net_minor != paid(SaleLine.net_minor),
        CreditLot.tax_minor != paid(SaleLine.tax_minor),
        CreditLot.second_tax_minor != paid(SaleLine.second_tax_minor),
    )
    other_locks = or_(
        CreditLot.locked != CreditLot.quantity - in_all,
        CreditLot.redeemed + CreditLot.burned + CreditLot.held > in_all,
    )
    stuck = and_(CreditLot.held_by_order_id.is_not(None), ~is_paying)
    rows = look.rows(
        select(
            CreditLot.id,
            Location.slug,
            paid(Instalment.amount_minor),
            CreditLot.price_minor,
            CreditLot.unpaid_minor,
            case((other_sums, "sums"), (other_locks, "locks"), else_="stuck"),
        )
        .join(Location, Location.id == CreditLot.location_id)
        .where(
            look.in_scope(CreditLot.location_id),
            CreditLot.price_minor > 0,
            or_(other_sums, other_locks, stuck),
        )
        .order_by(CreditLot.granted_at, CreditLot.id)
    )
    for lot_id, slug, found, price, unpaid, what in rows:
        if what == "sums":
            yield messages.LOT_PARTS_OTHER(lot=lot_id, place=slug, paid=found, price=price, unpaid=unpaid)
        elif what == "locks":
            yield messages.LOT_LOCKS_OTHER(lot=lot_id, place=slug)
        else:
            yield messages.LOT_PAYMENT_STUCK(lot=lot_id, place=slug)
    unmatched = look.rows(
        select(CreditLot.id, Location.slug)
        .join(Location, Location.id == CreditLot.location_id)
        .where(look.in_scope(CreditLot.location_id), CreditLot.price_minor == 0, CreditLot.locked != 0)
        .order_by(CreditLot.id)
    )
    for lot_id, slug in unmatched:
        yield messages.LOT_LOCKS_PAID_CREDITS(lot=lot_id, place=slug)


CHECKS = (
    Check(
        "parts",
        "Of a package paid in parts no more is used than is paid for, and its parts are its sales'",
        CreditLot.location_id,
        _other_parts,
    ),
)
