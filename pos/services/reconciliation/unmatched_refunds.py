"""An unmatched payment on its way back to its card: sent under a stored key, found after a doubt, and owed again on failure.

As the card's parts of refunds of sales (`refund_money.py`), by the same states and waits. Each decision to give a payment
back is a refund of its own: one that failed is never looked for or asked about again.
"""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.ids import new_id
from pos.domain.ledger.entries import Draft
from pos.domain.payouts.models import UnmatchedRefund, UnmatchedTransaction
from pos.domain.refunds.models import OPEN_PARTS
from pos.domain.refunds.rules import may_move
from pos.domain.staff.approvals import Actor
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.types import (
    CardRefund,
    RefundRequest,
    Rejected,
    Unknown,
    UnknownReason,
)
from pos.services.reconciliation.stripe_fees import post_at
from pos.services.refunds.card_refunds import (
    KEY_LIVES,
    NEW_KEY_AFTER,
    STATES,
    WHY_FAILED,
)

log = logging.getLogger(__name__)
# Answers that say something about our key at Stripe, and nothing about the refund.
_NO_ANSWER = ("authentication_failed", "permission_denied")
_DECIDE = "Decide once more: credit it to a client, give it back again, or explain it."


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


def settle_unmatched(refund_id: UUID) -> None:
    """Find out what became of a refund, asking for it where that was not done yet; moves it forward only."""
    session = reading()
    row = session.get(UnmatchedRefund, refund_id)
    if row is None or row.state == "failed":
        session.rollback()
        return
    unmatched = session.get_one(UnmatchedTransaction, row.unmatched_id)
    now = clock.now()
    known, state, key, reason_code = row.stripe_refund_id, row.state, row.key, row.reason_code
    is_old, may_renew = now - row.created_at > KEY_LIVES, now - row.changed_at >= NEW_KEY_AFTER
    request = RefundRequest(unmatched.stripe_id, unmatched.amount_minor, unmatched.currency, reference=str(row.id))
    session.rollback()
    if known is not None or state == "unknown" or is_old:
        found = gateway().fetch_refund(known) if known else gateway().find_refund(request.intent_id, request.reference)
        if found is not None:
            _apply(refund_id, found)
            return
        # A key that answers 500 always will: another one is taken, once it is sure that no refund came of this one.
        if reason_code == UnknownReason.SERVER_ERROR.value:
            if not may_renew:
                return
            key = _renew_key(refund_id)
    if state in OPEN_PARTS and known is None:
        _apply(refund_id, gateway().create_refund(request, key=key), asked=True)


def _lock(session: Session, refund_id: UUID) -> tuple[UnmatchedRefund, UnmatchedTransaction]:
    row = session.get(UnmatchedRefund, refund_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such refund.")
    return row, session.get_one(UnmatchedTransaction, row.unmatched_id, with_for_update=True, populate_existing=True)


@unit_of_work
def _renew_key(session: Session, refund_id: UUID) -> str:
    row, _ = _lock(session, refund_id)
    if row.state == "unknown" and row.stripe_refund_id is None:
        base, _, number = row.key.partition("+")
        row.key = f"{base}+{int(number or 1) + 1}"
    return row.key


def _move(row: UnmatchedRefund, state: str) -> bool:
    if not may_move(row.state, state):
        return False
    row.state, row.changed_at = state, clock.now()
    return True


@unit_of_work
def _apply(session: Session, refund_id: UUID, answer: CardRefund | Unknown | Rejected, *, asked: bool = False) -> None:
    """Move a refund by what Stripe said, and its payment with it; late and repeated news change nothing."""
    row, unmatched = _lock(session, refund_id)
    match answer:
        case CardRefund():
            _take_news(session, row, unmatched, answer)
        case Unknown(reason=why):
            if row.state in ("created", "unknown"):
                _move(row, "unknown")
                row.reason_code = why.value
        case Rejected(code=code) if asked and code not in _NO_ANSWER:
            log.error("Stripe refused to give %s back: %s %s", unmatched.stripe_id, code, answer.message)
            _fail(session, row, unmatched, code, "Stripe refused to give this back.")
        case Rejected(code=code):
            log.error("Stripe would not do or show the refund of %s: %s %s", unmatched.stripe_id, code, answer.message)
            _move(row, "unknown")
            row.reason_code = code[:60]


def _take_news(session: Session, row: UnmatchedRefund, unmatched: UnmatchedTransaction, answer: CardRefund) -> None:
    if (answer.amount_minor, answer.currency, answer.reference) != (
        unmatched.amount_minor,
        unmatched.currency,
        str(row.id),
    ):
        log.error("refund %s at Stripe does not fit the unmatched payment %s", answer.refund_id, unmatched.id)
        row.reason_code, unmatched.sentence = (
            "mismatch",
            "The refund at Stripe does not fit this payment. Compare them.",
        )
        return
    row.stripe_refund_id = answer.refund_id
    state, was_doubtful = STATES[answer.status], row.state in ("created", "unknown")
    if state == "failed":
        _fail(session, row, unmatched, answer.why or answer.status, "The bank did not take this refund.")
    elif _move(row, state):
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
    if not _move(row, "failed"):
        return
    row.reason_code = code[:60]
    unmatched.state, unmatched.sentence = "failed", f"{WHY_FAILED.get(code, otherwise)} {_DECIDE}"
    if had_left:
        draft = Draft("unmatched_refund_failed", row.id, unmatched.currency)
        post_unmatched(session, unmatched, draft, debited="stripe_clearing", credited="refunds_payable")
    audit.note(
        session,
        "unmatched.refund_failed",
        actor_kind="system",
        actor_id=None,
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
