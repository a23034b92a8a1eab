"""Keeping disputes: what is known of each, what happened to it, and which sales are disputed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import Conflict, NotFound
from pos.core.i18n.message import Message
from pos.core.ids import new_id
from pos.core.messages.reconciliation import NO_SUCH_DISPUTE
from pos.core.messages.refunds import PAYMENT_DISPUTED, PAYMENT_LOST_IN_DISPUTE
from pos.domain.disputes.models import Dispute, DisputeEvidence, DisputeStep
from pos.domain.disputes.rules import CONTESTED, OPEN

_OF_SALE = select(Dispute.status).where(Dispute.sale_id == bindparam("sale"))


def why_not(session: Session, sale_id: UUID) -> Message | None:
    """Why nothing of a sale can be given back because of a dispute; None where it can."""
    found = execute(session, _OF_SALE, sale=sale_id).scalars().all()
    if any(status in CONTESTED for status in found):
        return PAYMENT_DISPUTED
    return PAYMENT_LOST_IN_DISPUTE if "lost" in found else None


def require_undisputed(session: Session, sale_id: UUID) -> None:
    """Raise Conflict where the payment of a sale is disputed or lost. The sale is reserved before: see `refunds.take`."""
    reason = why_not(session, sale_id)
    if reason:
        raise Conflict(reason, why="disputed")


def get(session: Session, dispute_id: UUID) -> Dispute:
    """A dispute; raises NotFound."""
    found = session.get(Dispute, dispute_id)
    if found is None:
        raise NotFound(NO_SUCH_DISPUTE)
    return found


def by_object(session: Session, stripe_dispute_id: str, *, lock: bool = False) -> Dispute | None:
    """The dispute of an id at Stripe; `lock` takes its row for this transaction."""
    query = select(Dispute).where(Dispute.stripe_dispute_id == stripe_dispute_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def steps_of(session: Session, dispute_id: UUID) -> list[DisputeStep]:
    """What happened to a dispute, oldest first."""
    query = select(DisputeStep).where(DisputeStep.dispute_id == dispute_id).order_by(DisputeStep.at, DisputeStep.id)
    return list(session.scalars(query))


def write_step(session: Session, dispute: Dispute, kind: str, *, on: date, **facts: Any) -> DisputeStep:
    """Write down something that happened, once for each dispute and kind."""
    step = DisputeStep(id=new_id(), dispute_id=dispute.id, kind=kind, business_on=on, at=clock.now(), **facts)
    session.add(step)
    session.flush()
    return step


def others_contested(session: Session, dispute: Dispute, sale_ids: Collection[UUID]) -> bool:
    """Whether another dispute of one of these sales holds what they paid for."""
    query = select(Dispute.id).where(
        Dispute.sale_id.in_(sale_ids), Dispute.id != dispute.id, Dispute.status.in_(CONTESTED)
    )
    return session.scalar(query.limit(1)) is not None


def undecided(session: Session) -> list[str]:
    """The ids at Stripe of all disputes that are not decided, oldest first."""
    query = select(Dispute.stripe_dispute_id).where(Dispute.status.in_(OPEN)).order_by(Dispute.opened_at, Dispute.id)
    return list(session.scalars(query))


def evidence_of(session: Session, dispute_id: UUID) -> list[DisputeEvidence]:
    """What was handed in, oldest first."""
    query = select(DisputeEvidence).where(DisputeEvidence.dispute_id == dispute_id)
    return list(session.scalars(query.order_by(DisputeEvidence.created_at, DisputeEvidence.id)))


def evidence_under_way(session: Session) -> Sequence[UUID]:
    """Evidence whose arrival nobody knows yet, oldest first."""
    query = select(DisputeEvidence.id).where(DisputeEvidence.state.in_(("created", "unknown")))
    return session.scalars(query.order_by(DisputeEvidence.created_at, DisputeEvidence.id)).all()
