"""Named people who may use somebody else's lot, with caps that hold when two desks are at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from pos.core import clock, outbox
from pos.core.database.base import execute
from pos.core.errors import (
    Conflict,
    Invalid,
    NoCreditLeft,
    NotFound,
)
from pos.core.i18n.message import Message
from pos.core.ids import new_id
from pos.core.messages.packages import (
    CREDIT_NOT_SHARED_ANY_MORE,
    OWNER_NEEDS_NO_SHARE,
    PACKAGE_ENDED,
    PACKAGE_EXPIRED,
    PACKAGE_USED_UP,
    SHARE_CAP_ABOVE_TERMS,
    SHARE_CAP_TOO_SMALL,
    SHARE_ENDED,
    SHARED_ALREADY,
)
from pos.core.messages.people import CLIENT_CHANGED_MEANWHILE
from pos.domain.clients.models import Client
from pos.domain.clients.persons import is_of, remaining, remaining_key, same_person
from pos.domain.credits.models import CreditLot, LotShare

_LIVE = (
    LotShare.lot_id == bindparam("lot"), is_of(LotShare.client_id, bindparam("person")), LotShare.ended_at.is_(None)
)  # fmt: skip
_TAKE = (
    update(LotShare)
    .where(*_LIVE, or_(LotShare.cap.is_(None), LotShare.used < LotShare.cap))
    .values(used=LotShare.used + 1)
    .returning(LotShare.id)
)
_GIVE_BACK = update(LotShare).where(*_LIVE, LotShare.used > 0).values(used=LotShare.used - 1)

# The outbox topic by which an owner learns that somebody used their credit.
TOPIC = "shared_credit_used"


def take(session: Session, lot_id: UUID, client_id: UUID) -> None:
    """Count one credit against a person's share; raises NoCreditLeft when it is not shared with them, or used up."""
    if execute(session, _TAKE, lot=lot_id, person=client_id).first() is None:
        raise NoCreditLeft(CREDIT_NOT_SHARED_ANY_MORE, lot_id=str(lot_id))


def give_back(session: Session, lot_id: UUID, client_id: UUID) -> None:
    """Count one credit less against a person's share, if it still lives."""
    execute(session, _GIVE_BACK, lot=lot_id, person=client_id)


def notify_owner(session: Session, redemption_id: UUID) -> None:
    """Have the owner of a lot told by mail that it was used."""
    outbox.record(session, TOPIC, {"redemption_id": str(redemption_id)}, key=f"{TOPIC}:{redemption_id}")


def allowed_cap(cap: int | None, plan_cap: int | None) -> int | None:
    """The cap of a share under the terms, in credits (None: without limit); raises Invalid for more than they allow."""
    if cap is not None and cap < 1:
        raise Invalid(SHARE_CAP_TOO_SMALL, field="cap")
    if plan_cap is None:
        return cap
    if cap is not None and cap > plan_cap:
        raise Invalid(SHARE_CAP_ABOVE_TERMS(count=plan_cap), field="cap")
    return plan_cap if cap is None else cap


def why_over(status: str, left: int, expires_on: date | None, day: date) -> Message | None:
    """Why a package cannot be shared any more on a business date, as a sentence; None while it lasts.

    `left` are the credits that were not used, given away or lapsed, those held for a payment among them.
    """
    if status in ("refunded", "closed"):
        return PACKAGE_ENDED
    if expires_on is not None and expires_on < day:
        return PACKAGE_EXPIRED
    return None if left else PACKAGE_USED_UP


def share(
    session: Session, lot: CreditLot, client_id: UUID, *, cap: int | None, plan_cap: int | None, staff_id: UUID | None
) -> LotShare:
    """Let a person use a lot; raises Invalid for its owner or a cap the terms do not allow, Conflict for a second time."""
    if same_person(session, client_id, lot.client_id):
        raise Invalid(OWNER_NEEDS_NO_SHARE, field="client_id")
    cap = allowed_cap(cap, plan_cap)
    live = select(LotShare.id).where(
        LotShare.lot_id == lot.id, is_of(LotShare.client_id, client_id), LotShare.ended_at.is_(None)
    )
    if session.scalar(live) is not None:
        raise Conflict(SHARED_ALREADY, field="client_id")
    found = LotShare(
        id=new_id(), lot_id=lot.id, client_id=client_id, cap=cap, used=0, added_at=clock.now(), added_by=staff_id
    )
    session.add(found)
    session.flush()
    # The row keeps the client from being merged from now on; what came before is seen here.
    if remaining_key(session, client_id) != client_id:
        raise Conflict(CLIENT_CHANGED_MEANWHILE)
    return found


def end(session: Session, share_id: UUID, lot_id: UUID, *, staff_id: UUID | None) -> UUID:
    """End a share of a lot; what was used stays used. Returns the person; raises NotFound, also when it has ended."""
    person = session.execute(
        update(LotShare)
        .where(LotShare.id == share_id, LotShare.lot_id == lot_id, LotShare.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_by=staff_id)
        .returning(LotShare.client_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if person is None:
        raise NotFound(SHARE_ENDED)
    return person


@dataclass(frozen=True)
class ShareFacts:
    """Somebody who may use a lot, or might until `ended_at`."""

    share_id: UUID
    lot_id: UUID
    client_id: UUID
    name: str
    cap: int | None
    used: int
    added_at: datetime
    ended_at: datetime | None


def shares_of(session: Session, lot_ids: list[UUID]) -> list[ShareFacts]:
    """Who may use some lots, the living first, then by time."""
    rows = session.execute(
        select(LotShare, Client)
        .join(Client, Client.id == remaining(LotShare.client_id))
        .where(LotShare.lot_id.in_(lot_ids))
        .order_by(LotShare.ended_at.is_not(None), LotShare.added_at, LotShare.id)
    )
    return [
        ShareFacts(s.id, s.lot_id, client.id, client.name, s.cap, s.used, s.added_at, s.ended_at) for s, client in rows
    ]
