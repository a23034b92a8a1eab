"""What a client has and what happened to it, read across the rooms; everything is scoped to the one client asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.clock import zone
from pos.core.errors import NotFound
from pos.core.messages.packages import NO_SUCH_PACKAGE
from pos.domain.credits.invitations import waiting_of
from pos.domain.credits.queries import SharedFacts, granted_by, shared_with
from pos.domain.credits.sharing import ShareFacts, shares_of, why_over
from pos.domain.credits.statement import (
    HeldLot,
    StatementLine,
    lots_held,
    statement,
)
from pos.domain.locations.queries import Place, places
from pos.domain.locations.queries import place as place_of
from pos.domain.receipts import repository as receipts

# Movements on the account's first page, for each package, and on a page of one package.
FEW, MANY = 6, 50


@dataclass(frozen=True)
class Bought:
    """A package a sale granted."""

    name: str
    credits: int
    expires_on: date | None


def bought(session: Session, sale_id: UUID) -> tuple[Bought, ...]:
    """The packages of a sale."""
    return tuple(Bought(name, quantity, expires_on) for name, quantity, expires_on in granted_by(session, sale_id))


@dataclass(frozen=True)
class Movement:
    """One line of the statement as a client reads it: a visit names `what` and `who`, and `whom` if it was somebody else."""

    kind: str
    on: date
    delta: int
    after: int
    what: str | None
    who: str | None
    whom: str | None
    value_minor: int


@dataclass(frozen=True)
class WaitingInvitation:
    """An invitation to share a package; `until` is its last day at the location."""

    invitation_id: UUID
    email: str
    until: date


@dataclass(frozen=True)
class Holding:
    """A lot a client holds, with its newest movements. `valid` as of the location's trading day, unless it rests.

    `own` says that they bought it: then they may share it, where the terms allow, `shares` are with whom, and
    `invited` are addresses that have not answered.
    """

    package_id: UUID
    place: Place
    name: str
    currency: str
    refund_policy: str
    expiry_policy: str
    purchased_on: date
    expires_on: date | None
    status: str
    quantity: int
    left: int
    usable: int
    price_minor: int
    paid_minor: int
    to_pay_minor: int
    valid: bool
    own: bool
    may_share: bool
    share_cap: int | None
    movements: tuple[Movement, ...]
    more: bool
    shares: tuple[ShareFacts, ...]
    invited: tuple[WaitingInvitation, ...]


@dataclass(frozen=True)
class Account:
    """All holdings, usable ones first. `left` counts what is valid and paid for; `next_left` of it end on `next_expiry`.

    `shared` is what others let this client use.
    """

    holdings: tuple[Holding, ...]
    left: int
    next_expiry: date | None
    next_left: int
    shared: tuple[SharedFacts, ...]


def _movements(lines: Sequence[StatementLine], client_id: UUID) -> tuple[Movement, ...]:
    """A hold and what ended it are one thing to a client: a visit, or nothing at all."""
    ended = {line.key.partition(":")[2] for line in lines if line.kind in ("redeem", "release")}
    shown = []
    for line in lines:
        if line.kind == "release" or (line.kind == "hold" and line.key.partition(":")[2] in ended):
            continue
        shown.append(
            Movement(
                line.kind,
                line.service_on or line.business_on,
                line.delta or (-1 if line.kind == "redeem" else 0),
                line.balance_after,
                line.what,
                line.therapist,
                line.treated if line.treated_id not in (None, client_id) else None,
                line.value_minor,
            )
        )
    return tuple(shown)


def _invited(session: Session, lot_id: UUID, place: Place) -> tuple[WaitingInvitation, ...]:
    where = zone(place.time_zone)
    return tuple(
        WaitingInvitation(one.invitation_id, one.email, one.expires_at.astimezone(where).date())
        for one in waiting_of(session, lot_id)
    )


def _holding(session: Session, lot: HeldLot, place: Place, client_id: UUID, *, rows: int, offset: int = 0) -> Holding:
    lines = statement(session, [lot.lot_id], limit=rows + 1, offset=offset)
    over = why_over(lot.status, lot.remaining + lot.held, lot.expires_on, place.today())
    own = lot.purchaser_id == client_id and lot.origin_lot_id is None
    return Holding(
        package_id=lot.package_id,
        place=place,
        name=lot.name,
        currency=lot.currency,
        refund_policy=lot.terms.get("refund_policy", "none"),
        expiry_policy=lot.terms.get("expiry_policy", "lapse"),
        purchased_on=lot.purchased_on,
        expires_on=lot.expires_on,
        status=lot.status,
        quantity=lot.quantity,
        left=lot.remaining,
        usable=lot.usable,
        price_minor=lot.price_minor,
        paid_minor=lot.paid_minor,
        to_pay_minor=lot.to_pay_minor,
        valid=lot.valid_on(place.today()),
        own=own,
        may_share=own and bool(lot.terms.get("sharing", True)) and lot.status != "suspended" and not over,
        share_cap=lot.terms.get("share_cap"),
        movements=_movements(lines[:rows], client_id),
        more=len(lines) > rows,
        shares=tuple(share for share in shares_of(session, [lot.lot_id]) if share.ended_at is None) if own else (),
        invited=_invited(session, lot.lot_id, place) if own else (),
    )


def account(session: Session, client_id: UUID) -> Account:
    """What a client holds and the newest of what happened to it."""
    where = {place.id: place for place in places(session)}
    lots = lots_held(session, client_id)
    holdings = [_holding(session, lot, where[lot.location_id], client_id, rows=FEW) for lot in lots]
    holdings.sort(key=lambda h: (not (h.valid and h.left), h.expires_on or date.max))
    usable = [holding for holding in holdings if holding.valid and holding.usable and holding.status == "active"]
    ends = [holding.expires_on for holding in usable if holding.expires_on]
    first = min(ends, default=None)
    return Account(
        holdings=tuple(holdings),
        left=sum(holding.usable for holding in usable),
        next_expiry=first,
        next_left=sum(holding.usable for holding in usable if first is not None and holding.expires_on == first),
        shared=tuple(one for one in shared_with(session, client_id) if one.valid_on(where[one.location_id].today())),
    )


def holding(session: Session, client_id: UUID, package_id: UUID, *, page: int = 1) -> Holding:
    """One package of a client with a page of its movements; raises NotFound for anybody else's."""
    # Bought and given back to oneself by a merge: the lot that was bought, as sharing takes it.
    for lot in reversed(lots_held(session, client_id)):
        if lot.package_id == package_id:
            place = place_of(session, lot.location_id)
            return _holding(session, lot, place, client_id, rows=MANY, offset=(page - 1) * MANY)
    raise NotFound(NO_SUCH_PACKAGE)


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
    return tuple(
        OwnReceipt(sale.id, label, sale.business_on, sale.total_minor + sale.tip_minor, sale.currency, place_name)
        for label, sale, place_name in receipts.of_client(session, client_id)
    )
