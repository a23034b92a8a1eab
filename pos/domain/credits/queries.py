"""What a client may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Integer,
    Row,
    String,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from pos.core.database.pipelined_queries import PreparedQuery, run_query
from pos.core.database.prepared import run
from pos.domain.clients.models import Client
from pos.domain.clients.persons import is_of, remaining
from pos.domain.credits.models import (
    CreditLot,
    LotItem,
    LotShare,
    PurchasedPackage,
    Redemption,
)
from pos.domain.credits.rules.value import LotFacts, due_for

_PERSON: BindParameter[UUID] = bindparam("client")
_HERE = CreditLot.location_id == bindparam("place")
_ABOUT = (
    CreditLot.id,
    CreditLot.package_id,
    PurchasedPackage.name,
    CreditLot.quantity,
    CreditLot.remaining,
    CreditLot.expires_on,
    CreditLot.granted_at,
    CreditLot.net_minor,
    CreditLot.status,
    CreditLot.locked,
    CreditLot.price_minor,
    CreditLot.unpaid_minor,
    CreditLot.tier,
    LotItem.role,
    LotItem.item_id,
    LotItem.list_minor,
)
_LOTS = (
    select(*_ABOUT)
    .join_from(CreditLot, PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
    .outerjoin(LotItem, LotItem.lot_id == CreditLot.id)
    .where(is_of(CreditLot.client_id, _PERSON), _HERE)
)
_USABLE = (CreditLot.remaining > 0, CreditLot.status == "active")
_UNLOCKED = (CreditLot.remaining - CreditLot.locked).label("remaining")
_SHARED = (
    select(*_ABOUT, literal(1), LotShare.cap, LotShare.used, Client.given_name, Client.family_name)
    .join_from(LotShare, CreditLot, CreditLot.id == LotShare.lot_id)
    .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
    .join(Client, Client.id == remaining(CreditLot.client_id))
    .outerjoin(LotItem, LotItem.lot_id == CreditLot.id)
    .where(is_of(LotShare.client_id, _PERSON), LotShare.ended_at.is_(None), _HERE, *_USABLE)
)
# Their own with something left, and those that others share with them.
_LOTS_LEFT: CompoundSelect[Any] = union_all(
    _LOTS.where(*_USABLE).add_columns(
        literal(0).label("is_shared"),
        cast(null(), Integer).label("cap"),
        cast(null(), Integer).label("used"),
        cast(null(), String).label("given_name"),
        cast(null(), String).label("family_name"),
    ),
    _SHARED,
)


def lots_query(client_id: UUID, location_id: UUID) -> PreparedQuery:
    """What `lots_of` asks for what a client may use now."""
    return PreparedQuery(_LOTS_LEFT, {"client": client_id, "place": location_id})


def lots_of(session: Session, client_id: UUID, location_id: UUID, *, left_only: bool = True) -> list[LotFacts]:
    """A client's lots at a location, soonest expiring first; all of their own, or what they may use now.

    What they may use includes lots that others share with them, as far as their cap goes.
    """
    found: dict[UUID, LotFacts] = {}
    left = lots_query(client_id, location_id)
    for row in run_query(session, left if left_only else PreparedQuery(_LOTS, left.values)):
        if not left_only:
            _gather(found, row, row.remaining, "")
            continue
        unlocked = row.remaining - row.locked
        if not row.is_shared:
            _gather(found, row, unlocked, "")
            continue
        room = unlocked if row.cap is None else min(unlocked, row.cap - row.used)
        if room > 0:
            _gather(found, row, room, f"{row.given_name} {row.family_name}".strip())
    return sorted(found.values(), key=lambda lot: (lot.expires_on or date.max, lot.granted_at, lot.lot_id))


def _gather(found: dict[UUID, LotFacts], row: Row[Any], remaining: int, shared_by: str) -> None:
    lot = found.get(row.id)
    if lot is None:
        # Only its purchaser is asked for what is still to be paid, and nothing more is paid for an empty package.
        unpaid = row.unpaid_minor if row.remaining and not shared_by else 0
        paid = row.price_minor - row.unpaid_minor
        lot = found[row.id] = LotFacts(
            lot_id=row.id,
            package_id=row.package_id,
            name=row.name,
            quantity=row.quantity,
            remaining=remaining,
            expires_on=row.expires_on,
            granted_at=row.granted_at,
            net_minor=row.net_minor,
            eligible={},
            included={},
            status=row.status,
            shared_by=shared_by,
            tier=row.tier,
            unpaid_minor=unpaid,
            next_due_minor=due_for(row.price_minor, paid, row.quantity, row.quantity - row.locked + 1) if unpaid else 0,
        )
    if row.item_id is not None:
        (lot.eligible if row.role == "eligible" else lot.included)[row.item_id] = row.list_minor


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
    """A chip at the desk: credits left over all valid lots, and the next expiry, on which `next_left` of them end."""

    credits: int
    next_expiry: date | None
    next_left: int = 0


def left_by_client(session: Session, client_ids: Sequence[UUID], location_id: UUID, day: date) -> dict[UUID, Left]:
    """What each of some clients may use on a day, their own and what others share with them."""
    if not client_ids:
        return {}
    kept = func.coalesce(Client.merged_into_id, Client.id).label("client_id")
    merged = select(Client.id).where(Client.merged_into_id.in_(client_ids))
    of_them = Client.id.in_(union_all(select(Client.id).where(Client.id.in_(client_ids)), merged))
    rows = session.execute(
        select(kept, _UNLOCKED, CreditLot.expires_on)
        .join(Client, Client.id == CreditLot.client_id)
        .where(of_them, CreditLot.location_id == location_id, *_USABLE)
    ).all()
    shared = session.execute(
        select(kept, _UNLOCKED, LotShare.cap, LotShare.used, CreditLot.expires_on)
        .join(CreditLot, CreditLot.id == LotShare.lot_id)
        .join(Client, Client.id == LotShare.client_id)
        .where(
            of_them,
            LotShare.ended_at.is_(None),
            CreditLot.location_id == location_id,
            *_USABLE,
        )
    )
    usable = [(row.client_id, row.remaining, row.expires_on) for row in rows]
    usable += [
        (row.client_id, row.remaining if row.cap is None else min(row.remaining, row.cap - row.used), row.expires_on)
        for row in shared
    ]
    by_client: dict[UUID, list[tuple[int, date | None]]] = {}
    for client_id, count, expires_on in usable:
        by_client.setdefault(client_id, []).append((count, expires_on))
    found = {client_id: _left(lots, day) for client_id, lots in by_client.items()}
    return {client_id: left for client_id, left in found.items() if left is not None}


def _left(lots: Sequence[tuple[int, date | None]], day: date) -> Left | None:
    valid = [(count, ends) for count, ends in lots if count > 0 and (ends is None or ends >= day)]
    if not valid:
        return None
    first = min((ends for _, ends in valid if ends is not None), default=None)
    ending = sum(count for count, ends in valid if first is not None and ends == first)
    return Left(sum(count for count, _ in valid), first, ending)


def left_of(lots: Sequence[LotFacts], day: date) -> Left | None:
    """What of the lots that a client may use is valid on a day; None where that is nothing."""
    return _left([(lot.remaining, lot.expires_on) for lot in lots], day)


@dataclass(frozen=True)
class SharedFacts:
    """Somebody else's lot that a person may use: `left` is what their cap leaves of it."""

    location_id: UUID
    name: str
    owner: str
    left: int
    expires_on: date | None

    def valid_on(self, day: date) -> bool:
        """Whether a visit on `day` may use it."""
        return self.expires_on is None or day <= self.expires_on


def shared_with(session: Session, client_id: UUID) -> list[SharedFacts]:
    """What others let a client use, soonest expiring first."""
    rows = session.execute(
        select(CreditLot, LotShare, PurchasedPackage.name, Client)
        .join(LotShare, LotShare.lot_id == CreditLot.id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .join(Client, Client.id == remaining(CreditLot.client_id))
        .where(is_of(LotShare.client_id, client_id), LotShare.ended_at.is_(None), *_USABLE)
        .order_by(CreditLot.expires_on.is_(None), CreditLot.expires_on, CreditLot.id)
    )
    found = [
        SharedFacts(
            lot.location_id,
            name,
            owner.name,
            lot.remaining - lot.locked
            if share.cap is None
            else min(lot.remaining - lot.locked, share.cap - share.used),
            lot.expires_on,
        )
        for lot, share, name, owner in rows
    ]
    return [one for one in found if one.left > 0]


def redemptions_of(session: Session, sale_id: UUID) -> list[Redemption]:
    """The credits that a sale used, in the order of its lines."""
    query = select(Redemption).where(Redemption.sale_id == sale_id).order_by(Redemption.sale_position)
    return list(session.scalars(query))


def plan_items_of(session: Session, package_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The key of the plan, as an item, that each package was sold by."""
    if not package_ids:
        return {}
    rows = session.execute(
        select(PurchasedPackage.id, PurchasedPackage.terms).where(PurchasedPackage.id.in_(package_ids))
    )
    return {row.id: row.terms["plan_item_id"] for row in rows}


def package_of(session: Session, lot_id: UUID) -> UUID:
    """The package that a lot belongs to; raises NoResultFound where there is no such lot."""
    return session.get_one(CreditLot, lot_id).package_id


def granted_by(session: Session, sale_id: UUID) -> list[tuple[str, int, date | None]]:
    """The packages of a sale: name, credits, last day."""
    query = (
        select(PurchasedPackage.name, CreditLot.quantity, CreditLot.expires_on)
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .where(PurchasedPackage.sale_id == sale_id)
        .order_by(PurchasedPackage.sale_position, PurchasedPackage.copy)
    )
    return [(name, quantity, expires_on) for name, quantity, expires_on in session.execute(query)]
