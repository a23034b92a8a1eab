"""What a client has and what happened to it, read across the rooms; everything is scoped to the one client asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.credits.models import CreditLot, CreditMove, PurchasedPackage, Redemption
from pos.kernel.errors import NotFound
from pos.locations.models import Location
from pos.locations.queries import Place, as_place
from pos.receipts.models import Receipt
from pos.sales.models import Sale, SaleLine
from pos.staff.models import Staff


@dataclass(frozen=True)
class Bought:
    """A package a sale granted."""

    name: str
    credits: int
    expires_on: date | None


def bought(session: Session, sale_id: UUID) -> tuple[Bought, ...]:
    """The packages of a sale."""
    rows = session.execute(
        select(PurchasedPackage.name, CreditLot.quantity, CreditLot.expires_on)
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .where(PurchasedPackage.sale_id == sale_id)
        .order_by(PurchasedPackage.sale_position, PurchasedPackage.copy)
    ).all()
    return tuple(Bought(name, quantity, expires_on) for name, quantity, expires_on in rows)


@dataclass(frozen=True)
class Movement:
    """One line of the statement. `kind` is grant, redeem or hold; `what` the treatment, `who` the therapist, if known."""

    kind: str
    on: date
    delta: int
    after: int
    what: str | None
    who: str | None


@dataclass(frozen=True)
class Holding:
    """A package a client owns, with its movements, newest first. `valid` as of the location's trading day."""

    package_id: UUID
    place: Place
    name: str
    refund_policy: str
    expiry_policy: str
    purchased_on: date
    expires_on: date | None
    quantity: int
    left: int
    valid: bool
    movements: tuple[Movement, ...]


@dataclass(frozen=True)
class Account:
    """All holdings, usable ones first. `left` counts what is valid; `next_left` of it end on `next_expiry`."""

    holdings: tuple[Holding, ...]
    left: int
    next_expiry: date | None
    next_left: int


def _movements(moves: Sequence[CreditMove], visits: dict[str, tuple[str, str | None]]) -> tuple[Movement, ...]:
    """A hold and what ended it are one thing to a client: a visit, or nothing at all."""
    by_use = {move.key.partition(":")[2] for move in moves if move.kind in ("redeem", "release")}
    lines: list[Movement] = []
    after = 0
    for move in moves:
        use = move.key.partition(":")[2]
        if move.kind == "release" or (move.kind == "hold" and use in by_use):
            continue
        delta = move.delta if move.kind == "grant" else -1
        after += delta
        what, who = visits.get(use, (None, None))
        lines.append(Movement(move.kind, move.business_on, delta, after, what, who))
    return tuple(reversed(lines))


def _visits(session: Session, lot_ids: Sequence[UUID]) -> dict[str, tuple[str, str | None]]:
    """The treatment and therapist of each redemption, by the tail of its move's key."""
    rows = session.execute(
        select(Redemption.sale_id, Redemption.sale_position, Redemption.number, SaleLine.name, Staff.name)
        .join(SaleLine, (SaleLine.sale_id == Redemption.sale_id) & (SaleLine.position == Redemption.sale_position))
        .outerjoin(Staff, Staff.id == Redemption.therapist_id)
        .where(Redemption.lot_id.in_(lot_ids))
    ).all()
    return {f"{sale_id}:{position}:{number}": (what, who) for sale_id, position, number, what, who in rows}


def account(session: Session, client_id: UUID) -> Account:
    """What a client owns and what happened to it."""
    rows = session.execute(
        select(PurchasedPackage, CreditLot, Location)
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .join(Location, Location.id == CreditLot.location_id)
        .where(CreditLot.client_id == client_id)
        .order_by(PurchasedPackage.created_at.desc(), PurchasedPackage.id.desc())
    ).all()
    lot_ids = [lot.id for _, lot, _ in rows]
    visits = _visits(session, lot_ids) if lot_ids else {}
    moves: dict[UUID, list[CreditMove]] = {}
    for move in session.scalars(
        select(CreditMove).where(CreditMove.lot_id.in_(lot_ids)).order_by(CreditMove.lot_id, CreditMove.seq)
    ):
        moves.setdefault(move.lot_id, []).append(move)
    holdings = []
    for package, lot, location in rows:
        where = as_place(location)
        holdings.append(
            Holding(
                package_id=package.id,
                place=where,
                name=package.name,
                refund_policy=package.terms["refund_policy"],
                expiry_policy=package.terms["expiry_policy"],
                purchased_on=package.purchased_on,
                expires_on=lot.expires_on,
                quantity=lot.quantity,
                left=lot.remaining,
                valid=lot.expires_on is None or where.today() <= lot.expires_on,
                movements=_movements(moves.get(lot.id, []), visits),
            )
        )
    holdings.sort(key=lambda h: (not (h.valid and h.left), h.expires_on or date.max))
    usable = [holding for holding in holdings if holding.valid and holding.left]
    ends = [holding.expires_on for holding in usable if holding.expires_on]
    first = min(ends, default=None)
    return Account(
        holdings=tuple(holdings),
        left=sum(holding.left for holding in usable),
        next_expiry=first,
        next_left=sum(holding.left for holding in usable if first is not None and holding.expires_on == first),
    )


def holding(session: Session, client_id: UUID, package_id: UUID) -> Holding:
    """One package of a client; raises NotFound for anybody else's."""
    for found in account(session, client_id).holdings:
        if found.package_id == package_id:
            return found
    raise NotFound("There is no such package.")


@dataclass(frozen=True)
class OwnReceipt:
    """A receipt in a client's list; total with tip, minor units."""

    sale_id: UUID
    label: str
    business_on: date
    total_minor: int
    currency: str
    place_name: str


def own_receipts(session: Session, client_id: UUID) -> tuple[OwnReceipt, ...]:
    """The receipts of a client, newest first."""
    rows = session.execute(
        select(Receipt.label, Sale, Location.name)
        .join(Sale, Sale.id == Receipt.sale_id)
        .join(Location, Location.id == Sale.location_id)
        .where(Sale.client_id == client_id)
        .order_by(Sale.completed_at.desc(), Sale.id.desc())
    ).all()
    return tuple(
        OwnReceipt(sale.id, label, sale.business_on, sale.total_minor + sale.tip_minor, sale.currency, place_name)
        for label, sale, place_name in rows
    )


def own_receipt(session: Session, client_id: UUID, sale_id: UUID) -> Receipt:
    """The receipt of a client's own sale; raises NotFound for anybody else's."""
    found = session.scalar(
        select(Receipt).join(Sale, Sale.id == Receipt.sale_id).where(Sale.id == sale_id, Sale.client_id == client_id)
    )
    if found is None:
        raise NotFound("There is no such receipt.")
    return found
