"""Credits of a package whose payment the bank has taken back for good: given up, as far as that money paid for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.credits.leaving import close, surrender, worth
from pos.credits.models import CreditLot, PurchasedPackage
from pos.credits.pausing import resume_package


@dataclass(frozen=True)
class GivenUp:
    """Credits that left a lot: their value net of tax, and the tax that was paid for them.

    `not_due_minor` is what of that tax was not due yet; `breakage_minor` (0 or less) what was recognised ahead of them.
    """

    credits: int
    net_minor: int
    tax_minor: int
    tax_percent: Decimal
    not_due_minor: int = 0
    breakage_minor: int = 0


def packages_of(session: Session, sale_id: UUID) -> list[UUID]:
    """The packages a sale sold."""
    query = select(PurchasedPackage.id).where(PurchasedPackage.sale_id == sale_id)
    return list(session.scalars(query.order_by(PurchasedPackage.sale_position, PurchasedPackage.copy)))


def _most(lot: CreditLot, minor: int) -> int:
    """How many credits of a lot an amount pays for, tax included, without paying for a part of one."""
    return next((n for n in range(lot.remaining, 0, -1) if sum(worth(lot, n)) <= minor), 0)


def give_up(session: Session, package_id: UUID, *, most_minor: int, key: str, on: date, reason: str) -> list[GivenUp]:
    """End the suspension of a package and give up what `most_minor` paid for of its credits, tax included.

    The purchaser's lot goes first, then what was given to others. What that money did not pay for lives on.
    """
    resume_package(session, package_id, key=f"{key}:resume", on=on, reason=reason)
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
        left = surrender(session, lot.id, credits, kind="surrender", key=f"{key}:{lot.id}", on=on, reason=reason)
        most_minor -= left.net_minor + left.tax_minor
        close(session, lot.id)
        found.append(
            GivenUp(credits, left.net_minor, left.tax_minor, left.tax_percent, left.not_due_minor, left.breakage_minor)
        )
    return found
