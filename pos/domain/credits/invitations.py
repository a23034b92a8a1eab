"""Invitations to share a lot: sent to an address, answered once by whoever reads its mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.hashing import sha256_hex
from pos.core.ids import new_id, new_token
from pos.core.messages.packages import INVITATION_ENDED, INVITATION_USED_OR_OLD, INVITED_ALREADY
from pos.domain.credits.models import CreditLot, ShareInvitation
from pos.domain.credits.sharing import allowed_cap

LIFETIME = timedelta(days=14)


@dataclass(frozen=True)
class Invited:
    """An invitation that waits for its answer."""

    invitation_id: UUID
    lot_id: UUID
    email: str
    cap: int | None
    expires_at: datetime


def _facts(row: ShareInvitation) -> Invited:
    return Invited(row.id, row.lot_id, row.email or "", row.cap, row.expires_at)


def invite(
    session: Session, lot: CreditLot, *, email: str, cap: int | None, plan_cap: int | None
) -> tuple[ShareInvitation, str]:
    """Write an invitation to a normalised address and make its token, of which only the hash is kept.

    Whether a client has the address is not looked at. Raises Invalid for a cap the terms do not allow, Conflict while
    another one to this address waits.
    """
    now = clock.now()
    cap = allowed_cap(cap, plan_cap)
    end_old(session, ShareInvitation.lot_id == lot.id)
    waiting = select(ShareInvitation.id).where(
        ShareInvitation.lot_id == lot.id, ShareInvitation.email == email, ShareInvitation.ended_at.is_(None)
    )
    if session.scalar(waiting) is not None:
        raise Conflict(INVITED_ALREADY, field="email")
    token = new_token()
    row = ShareInvitation(
        id=new_id(),
        lot_id=lot.id,
        email=email,
        cap=cap,
        token_hash=sha256_hex(token.encode()),
        invited_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(row)
    session.flush()
    return row, token


def end_old(session: Session, where: ColumnElement[bool]) -> None:
    """End the invitations that nobody answered in time, and forget their addresses."""
    session.execute(
        update(ShareInvitation)
        .where(where, ShareInvitation.ended_at.is_(None), ShareInvitation.expires_at <= clock.now())
        .values(ended_at=ShareInvitation.expires_at, email=None)
        .execution_options(synchronize_session=False)
    )


def end_old_of_location(session: Session, location_id: UUID) -> None:
    """End those of a location's packages."""
    lots = select(CreditLot.id).where(CreditLot.location_id == location_id)
    end_old(session, ShareInvitation.lot_id.in_(lots))


def waiting_of(session: Session, lot_id: UUID) -> list[Invited]:
    """The invitations to a lot that wait for their answer, the oldest first."""
    rows = session.scalars(
        select(ShareInvitation)
        .where(
            ShareInvitation.lot_id == lot_id,
            ShareInvitation.ended_at.is_(None),
            ShareInvitation.expires_at > clock.now(),
        )
        .order_by(ShareInvitation.invited_at, ShareInvitation.id)
    )
    return [_facts(row) for row in rows]


def by_token(session: Session, token: str) -> Invited:
    """The invitation a mailed link names; raises Invalid where it is unknown, answered, withdrawn or too old."""
    row = session.scalar(
        select(ShareInvitation).where(
            ShareInvitation.token_hash == sha256_hex(token.encode()),
            ShareInvitation.ended_at.is_(None),
            ShareInvitation.expires_at > clock.now(),
        )
    )
    if row is None:
        raise Invalid(INVITATION_USED_OR_OLD)
    return _facts(row)


def take(session: Session, token: str) -> Invited:
    """End the invitation of a token as accepted, once: of two at the same moment the second raises Invalid."""
    found, now = by_token(session, token), clock.now()
    taken = session.scalar(
        update(ShareInvitation)
        .where(ShareInvitation.id == found.invitation_id, ShareInvitation.ended_at.is_(None))
        .values(accepted_at=now, ended_at=now, email=None)
        .returning(ShareInvitation.id),
        execution_options={"synchronize_session": False},
    )
    if taken is None:
        raise Invalid(INVITATION_USED_OR_OLD)
    return found


def name_share(session: Session, invitation_id: UUID, share_id: UUID) -> None:
    """Note which share an accepted invitation became."""
    session.execute(
        update(ShareInvitation)
        .where(ShareInvitation.id == invitation_id)
        .values(share_id=share_id)
        .execution_options(synchronize_session=False)
    )


def withdraw(session: Session, invitation_id: UUID, lot_id: UUID) -> None:
    """End an invitation that waits; raises NotFound where it has ended."""
    ended = session.scalar(
        update(ShareInvitation)
        .where(
            ShareInvitation.id == invitation_id, ShareInvitation.lot_id == lot_id, ShareInvitation.ended_at.is_(None)
        )
        .values(ended_at=clock.now(), email=None)
        .returning(ShareInvitation.id),
        execution_options={"synchronize_session": False},
    )
    if ended is None:
        raise NotFound(INVITATION_ENDED)
