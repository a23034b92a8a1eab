"""What a client has left, and what happened to each credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.credits.models import CreditLot, CreditMove, LotItem, PurchasedPackage, Redemption
from pos.credits.rules import LotFacts
from pos.kernel.rows import run

_LOTS = (
    select(
        CreditLot.id,
        CreditLot.package_id,
        PurchasedPackage.name,
        CreditLot.quantity,
        CreditLot.remaining,
        CreditLot.expires_on,
        CreditLot.granted_at,
        CreditLot.net_minor,
        LotItem.role,
        LotItem.item_id,
        LotItem.list_minor,
    )
    .join_from(CreditLot, PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
    .outerjoin(LotItem, LotItem.lot_id == CreditLot.id)
    .where(CreditLot.client_id == bindparam("client"), CreditLot.location_id == bindparam("place"))
)
_LOTS_LEFT = _LOTS.where(CreditLot.remaining > 0)


def lots_of(session: Session, client_id: UUID, location_id: UUID, *, left_only: bool = True) -> list[LotFacts]:
    """A client's lots at a location, soonest expiring first; all of them, or those with something left."""
    found: dict[UUID, LotFacts] = {}
    for row in run(session, _LOTS_LEFT if left_only else _LOTS, client=client_id, place=location_id):
        lot = found.get(row.id)
        if lot is None:
            lot = found[row.id] = LotFacts(
                lot_id=row.id,
                package_id=row.package_id,
                name=row.name,
                quantity=row.quantity,
                remaining=row.remaining,
                expires_on=row.expires_on,
                granted_at=row.granted_at,
                net_minor=row.net_minor,
                eligible={},
                included={},
            )
        if row.item_id is not None:
            (lot.eligible if row.role == "eligible" else lot.included)[row.item_id] = row.list_minor
    return sorted(found.values(), key=lambda lot: (lot.expires_on or date.max, lot.granted_at, lot.lot_id))


_LABELS = (
    select(CreditLot.id, PurchasedPackage.name, CreditLot.expires_on)
    .join_from(CreditLot, PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
    .where(CreditLot.id.in_(bindparam("lots", expanding=True)))
)


def labels(session: Session, lot_ids: Sequence[UUID]) -> dict[UUID, tuple[str, date | None]]:
    """Package name and expiry of some lots."""
    return {row.id: (row.name, row.expires_on) for row in run(session, _LABELS, lots=list(lot_ids))}


@dataclass(frozen=True)
class Left:
    """A chip at the desk: credits left over all valid lots, and the next expiry."""

    credits: int
    next_expiry: date | None


def left_by_client(session: Session, client_ids: Sequence[UUID], location_id: UUID, day: date) -> dict[UUID, Left]:
    """What each of some clients has left on a day, in one query."""
    rows = session.execute(
        select(CreditLot.client_id, CreditLot.remaining, CreditLot.expires_on).where(
            CreditLot.client_id.in_(client_ids), CreditLot.location_id == location_id, CreditLot.remaining > 0
        )
    )
    found: dict[UUID, Left] = {}
    for client_id, remaining, expires_on in rows:
        if expires_on is not None and expires_on < day:
            continue
        before = found.get(client_id, Left(0, None))
        ends = [d for d in (before.next_expiry, expires_on) if d is not None]
        found[client_id] = Left(before.credits + remaining, min(ends) if ends else None)
    return found


@dataclass(frozen=True)
class MoveFacts:
    """One move as a client reads it."""

    kind: str
    delta: int
    balance_after: int
    business_on: date
    at: datetime
    sale_id: UUID | None
    staff_id: UUID | None
    value_minor: int | None


@dataclass(frozen=True)
class PackageFacts:
    """A purchased package with its moves, newest first. Money in minor units of `currency`."""

    package_id: UUID
    location_id: UUID
    name: str
    currency: str
    purchased_on: date
    expires_on: date | None
    quantity: int
    remaining: int
    held: int
    redeemed: int
    net_minor: int
    tax_minor: int
    recognised_minor: int
    moves: tuple[MoveFacts, ...]

    @property
    def liability_minor(self) -> int:
        """What the clinic still owes in sessions, net of tax."""
        return self.net_minor - self.recognised_minor


def packages_of(session: Session, client_id: UUID) -> list[PackageFacts]:
    """Everything a client bought and every move of it, newest package first."""
    rows = session.execute(
        select(PurchasedPackage, CreditLot)
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .where(PurchasedPackage.client_id == client_id)
        .order_by(PurchasedPackage.created_at.desc(), PurchasedPackage.id.desc())
    ).all()
    lot_ids = [lot.id for _, lot in rows]
    values = {
        (r.lot_id, r.sale_id, f"redeem:{r.sale_id}:{r.sale_position}:{r.number}"): r.value_minor
        for r in session.scalars(select(Redemption).where(Redemption.lot_id.in_(lot_ids)))
    }
    moves: dict[UUID, list[MoveFacts]] = {}
    for move in session.scalars(
        select(CreditMove).where(CreditMove.lot_id.in_(lot_ids)).order_by(CreditMove.lot_id, CreditMove.seq.desc())
    ):
        value = values.get((move.lot_id, move.sale_id, move.key)) if move.sale_id else None
        moves.setdefault(move.lot_id, []).append(
            MoveFacts(
                move.kind,
                move.delta,
                move.balance_after,
                move.business_on,
                move.at,
                move.sale_id,
                move.staff_id,
                value,
            )
        )
    return [
        PackageFacts(
            package_id=package.id,
            location_id=package.location_id,
            name=package.name,
            currency=lot.currency,
            purchased_on=package.purchased_on,
            expires_on=lot.expires_on,
            quantity=lot.quantity,
            remaining=lot.remaining,
            held=lot.held,
            redeemed=lot.redeemed,
            net_minor=lot.net_minor,
            tax_minor=lot.tax_minor,
            recognised_minor=lot.recognised_minor,
            moves=tuple(moves.get(lot.id, ())),
        )
        for package, lot in rows
    ]
