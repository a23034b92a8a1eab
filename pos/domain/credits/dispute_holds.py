"""Credits of a package a payment of which the bank has taken back: what it paid for, and what is given up for good."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pos.domain.credits.freezes import resume_package
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Instalment,
    PurchasedPackage,
)
from pos.domain.credits.outflows import close, surrender, value_of
from pos.domain.locations.action_context import ActionContext


@dataclass(frozen=True)
class GivenUp:
    """Credits that left a lot: their value net of tax, and the tax that was paid for them.

    `not_due_minor` is what of that tax was not due yet; `breakage_minor` (0 or less) what was recognised ahead of them.
    Of both amounts of tax `second_…` is the part of the location's second tax.
    """

    credits: int
    net_minor: int
    tax_minor: int
    tax_percent: Decimal
    not_due_minor: int = 0
    breakage_minor: int = 0
    second_tax_minor: int = 0
    second_tax_percent: Decimal = Decimal(0)
    second_not_due_minor: int = 0


def packages_of(session: Session, sale_id: UUID) -> list[UUID]:
    """The packages a sale sold or paid a later part of."""
    undone = select(CreditMove.reverses_id).where(CreditMove.reverses_id == Instalment.move_id)
    paid = (
        select(CreditLot.package_id)
        .join(Instalment, Instalment.lot_id == CreditLot.id)
        .where(Instalment.sale_id == sale_id, ~undone.exists())
    )
    query = select(PurchasedPackage.id).where(or_(PurchasedPackage.sale_id == sale_id, PurchasedPackage.id.in_(paid)))
    return list(session.scalars(query.order_by(PurchasedPackage.sale_position, PurchasedPackage.copy)))


def sales_of(session: Session, package_id: UUID) -> set[UUID]:
    """The sales that paid for a package: the one it was sold by, and those of its later parts."""
    parts = select(Instalment.sale_id).join(CreditLot, CreditLot.id == Instalment.lot_id)
    first = session.scalars(select(PurchasedPackage.sale_id).where(PurchasedPackage.id == package_id))
    later = session.scalars(parts.where(CreditLot.package_id == package_id))
    return {sale_id for sale_id in (*first, *later) if sale_id is not None}


def under_way(session: Session, package_ids: Collection[UUID]) -> bool:
    """Whether a card is being asked while it holds a credit of these packages, or for a part of their price."""
    query = select(CreditLot.id).where(
        CreditLot.package_id.in_(package_ids), or_(CreditLot.held > 0, CreditLot.held_by_order_id.is_not(None))
    )
    return session.scalar(query.limit(1)) is not None


def _most(lot: CreditLot, minor: int) -> int:
    """How many credits of a lot an amount pays for, tax included, without paying for a part of one."""
    return next((n for n in range(lot.remaining, 0, -1) if sum(value_of(lot, n)) <= minor), 0)


def give_up(session: Session, package_id: UUID, context: ActionContext, *, most_minor: int) -> list[GivenUp]:
    """End the suspension of a package and give up what `most_minor` paid for of its credits, tax included.

    The purchaser's lot goes first, then what was given to others. What that money did not pay for lives on.
    """
    resume_package(session, package_id, context.step("resume"))
    lots = session.scalars(
        select(CreditLot)
        .where(CreditLot.package_id == package_id, CreditLot.status == "active", CreditLot.remaining > 0)
        .order_by(CreditLot.granted_at, CreditLot.id)
        .execution_options(populate_existing=True)
    ).all()
    found = []
    for lot in lots:
        credits = _most(lot, most_minor)
        if not credits:
            continue
        left = surrender(session, lot.id, credits, context.step(lot.id), kind="surrender")
        most_minor -= left.net_minor + left.tax_minor
        close(session, lot.id)
        found.append(
            GivenUp(
                credits, left.net_minor, left.tax_minor, left.tax_percent, left.not_due_minor, left.breakage_minor,
                left.second_tax_minor, left.second_tax_percent, left.second_not_due_minor,
            )
        )  # fmt: skip
    return found
