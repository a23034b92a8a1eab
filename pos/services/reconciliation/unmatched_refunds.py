"""An unmatched payment on its way back to its card: sent under a stored key, found after a doubt, and owed again on failure.

Settled as the card's parts of refunds of sales are (`services/refunds/at_stripe.py`). Each decision to give a payment
back is a refund of its own: one that failed is never looked for or asked about again.
"""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.ids import new_id
from pos.core.messages.reconciliation import (
    UNMATCHED_REFUND_DOES_NOT_FIT,
    UNMATCHED_REFUND_NOT_TAKEN,
    UNMATCHED_REFUND_REFUSED,
)
from pos.core.messages.refunds import NO_SUCH_REFUND
from pos.domain.ledger.entries import Draft
from pos.domain.payments import repository as payments
from pos.domain.payouts.models import UnmatchedRefund, UnmatchedTransaction
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import OPEN_PARTS
from pos.domain.refunds.rules import next_key
from pos.domain.staff.approvals import Actor
from pos.integrations.stripe.current import is_current_mode
from pos.integrations.stripe.types import (
    CardRefund,
    RefundRequest,
    Rejected,
    Unknown,
)
from pos.services.reconciliation.stripe_fees import post_at
from pos.services.refunds.at_stripe import NO_ANSWER, STATES, WHY_FAILED, SentRefund, settle

log = logging.getLogger(__name__)


def post_unmatched(
    session: Session,
    unmatched: UnmatchedTransaction,
    draft: Draft,
    debited: str,
    credited: str,
    *,
    actor_id: UUID | None = None,
) -> None:
    """Post the whole amount of an unmatched payment from one account to another, at its location, today."""
    assert unmatched.location_id is not None
    draft.debit(debited, unmatched.amount_minor)
    draft.credit(credited, unmatched.amount_minor)
    post_at(session, unmatched.location_id, draft, unmatched.stripe_id, actor_id=actor_id)


def add_refund(session: Session, unmatched: UnmatchedTransaction, actor: Actor) -> None:
    """Write down that a locked payment is to be given back, with the key Stripe is asked under."""
    count = session.scalar(select(func.count()).where(UnmatchedRefund.unmatched_id == unmatched.id)) or 0
    refund_id, now = new_id(), clock.now()
    session.add(
        UnmatchedRefund(
            id=refund_id,
            unmatched_id=unmatched.id,
            number=count + 1,
            state="created",
            key=f"unmatched-{refund_id}",
            staff_id=actor.id,
            created_at=now,
            changed_at=now,
        )
    )


def open_refunds(session: Session, unmatched_id: UUID | None = None) -> list[UUID]:
    """The refunds of one or of all unmatched payments whose outcome is still to come, oldest first."""
    query = select(UnmatchedRefund.id).where(UnmatchedRefund.state.in_(OPEN_PARTS))
    if unmatched_id is not None:
        query = query.where(UnmatchedRefund.unmatched_id == unmatched_id)
    return list(session.scalars(query.order_by(UnmatchedRefund.created_at, UnmatchedRefund.id)))


def modes_of(session: Session, unmatched: UnmatchedTransaction) -> list[str]:
    """The mode a payment was taken in, where it is known here; one found at Stripe was of the mode of that day."""
    attempt = payments.attempt_by_object(session, unmatched.stripe_id)
    return [attempt.mode] if attempt else []


def _sent(session: Session, refund_id: UUID) -> SentRefund | None:
    """A refund as Stripe is asked for it; None where its payment was taken in another mode."""
    row = session.get(UnmatchedRefund, refund_id)
    if row is None:
        return None
    unmatched, now = session.get_one(UnmatchedTransaction, row.unmatched_id), clock.now()
    if not all(map(is_current_mode, modes_of(session, unmatched))):
        return None
    return SentRefund(
        request=RefundRequest(unmatched.stripe_id, unmatched.amount_minor, unmatched.currency, reference=str(row.id)),
        key=row.key,
        state=row.state,
        stripe_refund_id=row.stripe_refund_id,
        reason_code=row.reason_code,
        age=now - row.created_at,
        still=now - row.changed_at,
    )


def settle_unmatched(refund_id: UUID) -> None:
    """Find out what became of a refund, asking for it where that was not done yet; moves it forward only."""
    sent = _sent(reading(), refund_id)
    if sent is not None:
        settle(sent, renew=partial(_with_new_key, refund_id), apply=partial(_apply, refund_id))


def _lock(session: Session, refund_id: UUID) -> tuple[UnmatchedRefund, UnmatchedTransaction]:
    row = session.get(UnmatchedRefund, refund_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(NO_SUCH_REFUND)
    return row, session.get_one(UnmatchedTransaction, row.unmatched_id, with_for_update=True, populate_existing=True)


@unit_of_work
def _renew_key(session: Session, refund_id: UUID) -> None:
    row, _ = _lock(session, refund_id)
    if row.state == "unknown" and row.stripe_refund_id is None:
        row.key = next_key(row.key)


def _with_new_key(refund_id: UUID) -> SentRefund | None:
    _renew_key(refund_id)
    return _sent(reading(), refund_id)


@unit_of_work
def _apply(
    session: Session, refund_id: UUID, answer: CardRefund | Unknown | Rejected, *, is_answer: bool = False
) -> None:
    """Move a refund by what Stripe said, and its payment with it; late and repeated news change nothing."""
    row, unmatched = _lock(session, refund_id)
    match answer:
        case CardRefund():
            _take_news(session, row, unmatched, answer)
        case Unknown(reason=why):
            if row.state in ("created", "unknown"):
                refunds.move_part(row, "unknown")
                row.reason_code = why.value
        case Rejected(code=code) if is_answer and code not in NO_ANSWER:
            log.error("Stripe refused to give %s back: %s %s", unmatched.stripe_id, code, answer.message)
            _fail(session, row, unmatched, code, UNMATCHED_REFUND_REFUSED)
        case Rejected(code=code):
            log.error("Stripe would not do or show the refund of %s: %s %s", unmatched.stripe_id, code, answer.message)
            refunds.move_part(row, "unknown")
            row.reason_code = code[:60]


def _take_news(session: Session, row: UnmatchedRefund, unmatched: UnmatchedTransaction, answer: CardRefund) -> None:
    asked_for = unmatched.amount_minor, unmatched.currency, str(row.id)
    if (answer.amount_minor, answer.currency, answer.reference) != asked_for:
        log.error("refund %s at Stripe does not fit the unmatched payment %s", answer.refund_id, unmatched.id)
        row.reason_code = "mismatch"
        unmatched.sentence = UNMATCHED_REFUND_DOES_NOT_FIT
        return
    row.stripe_refund_id = answer.refund_id
    state, was_doubtful = STATES[answer.status], row.state in ("created", "unknown")
    if state == "failed":
        _fail(session, row, unmatched, answer.why or answer.status, UNMATCHED_REFUND_NOT_TAKEN)
    elif refunds.move_part(row, state):
        row.reason_code = unmatched.sentence = None
        if was_doubtful:
            unmatched.state = "refunded"
            post_unmatched(
                session,
                unmatched,
                Draft("unmatched_refunded", row.id, unmatched.currency),
                debited="refunds_payable",
                credited="stripe_clearing",
            )


def _fail(session: Session, row: UnmatchedRefund, unmatched: UnmatchedTransaction, code: str, otherwise: str) -> None:
    """The money did not reach the card: it is at Stripe, owed again in the books, and somebody decides once more."""
    had_left = row.state in ("waiting", "paid_back")
    if not refunds.move_part(row, "failed"):
        return
    row.reason_code = code[:60]
    unmatched.state, unmatched.sentence = "failed", WHY_FAILED.get(code, otherwise)
    if had_left:
        draft = Draft("unmatched_refund_failed", row.id, unmatched.currency)
        post_unmatched(session, unmatched, draft, debited="stripe_clearing", credited="refunds_payable")
    audit.note(
        session,
        "unmatched.refund_failed",
        location_id=unmatched.location_id,
        subject_id=unmatched.id,
        stripe_id=unmatched.stripe_id,
        amount_minor=unmatched.amount_minor,
        why=code,
    )


def news_of_unmatched(stripe_refund_id: str) -> bool:
    """A webhook named a refund: look at it, also where it was thought to be over; False if it is of no unmatched payment."""
    found = reading().scalar(select(UnmatchedRefund.id).where(UnmatchedRefund.stripe_refund_id == stripe_refund_id))
    if found is None:
        return False
    settle_unmatched(found)
    return True
