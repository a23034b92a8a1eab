"""After an old backup was restored: what Stripe knows since a day and this database does not.

What is known in an older state is moved on as the polling job would. What is not known at all becomes an *unmatched
transaction* in a queue: a manager decides what each was. Asked again, nothing is queued twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, PosError
from pos.core.messages.reconciliation import STRIPE_LIST_MISSING
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import SUCCEEDED
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payouts.models import UNDECIDED, UnmatchedRefund, UnmatchedTransaction
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import RefundPart
from pos.domain.sales.models import Order
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.disputes_payouts.types import CardDispute, FoundPayment
from pos.integrations.stripe.types import CardRefund
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.reconciliation.disputes import apply_dispute
from pos.services.reconciliation.unmatched_refunds import settle_unmatched
from pos.services.refunds.card_refunds import settle_part

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
# Refunds that took money out of the balance, or are about to.
_GONE = ("pending", "requires_action", "succeeded")


@dataclass
class Reconciled:
    """What a look at Stripe came to: objects seen, known ones that moved on, unmatched transactions found now and
    still open."""

    seen: int = 0
    moved_on: int = 0
    found: int = 0
    open: int = 0


@unit_of_work
def _queue(session: Session, unmatched: UnmatchedTransaction) -> bool:
    """Put an unmatched transaction into the queue once; False where it was there, whatever was decided about it."""
    if (
        session.scalar(select(UnmatchedTransaction.id).where(UnmatchedTransaction.stripe_id == unmatched.stripe_id))
        is not None
    ):
        return False
    session.add(unmatched)
    session.flush()
    return True


def _payment(session: Session, fetched: FoundPayment) -> tuple[bool, UnmatchedTransaction | None]:
    """Whether a known payment moved on, or the unmatched transaction that an unknown one is."""
    attempt = payments.attempt_by_object(session, fetched.intent_id) or (
        _by_order(session, fetched.order_id) if fetched.order_id else None
    )
    if attempt is not None:
        before, paid_attempt_id = attempt.state, attempt.id if fetched.status == "succeeded" else None
        after = refresh_payment(attempt.order_id, paid_attempt_id=paid_attempt_id).state
        return before != SUCCEEDED and after != before, None
    if fetched.status != "succeeded":
        return False, None  # nothing was taken
    return False, UnmatchedTransaction(
        kind="payment",
        stripe_id=fetched.intent_id,
        charge_id=fetched.charge_id,
        why="unknown",
        amount_minor=fetched.amount_minor,
        currency=fetched.currency,
        about=" · ".join(part for part in (fetched.card, fetched.email or "") if part)[:200],
        happened_at=fetched.created_at,
        found_at=clock.now(),
    )


def _by_order(session: Session, order_id: str) -> PaymentAttempt | None:
    """The attempt of the order a payment names: one whose object was not known here yet."""
    query = select(PaymentAttempt).where(PaymentAttempt.intent_id.is_(None))
    return next((found for found in session.scalars(query) if str(found.order_id) == order_id), None)


def _refund(session: Session, fetched: CardRefund) -> tuple[bool, UnmatchedTransaction | None]:
    part = refunds.part_by_object(session, fetched.refund_id) or _by_reference(session, fetched.reference)
    if part is not None:
        before, part_id = part.state, part.id
        settle_part(part_id)
        after = reading().get(RefundPart, part_id)
        return after is not None and after.state != before, None
    if ours := _of_an_unmatched_payment(session, fetched):
        before, refund_id = ours.state, ours.id
        settle_unmatched(refund_id)
        return reading().get_one(UnmatchedRefund, refund_id).state != before, None
    if fetched.status not in _GONE:
        return False, None
    return False, UnmatchedTransaction(
        kind="refund",
        stripe_id=fetched.refund_id,
        charge_id=None,
        why="unknown",
        amount_minor=fetched.amount_minor,
        currency=fetched.currency,
        about=f"of {fetched.intent_id}" if fetched.intent_id else "",
        happened_at=clock.now(),
        found_at=clock.now(),
        location_id=_taken_at(session, fetched.intent_id) if fetched.intent_id else None,
    )


def _taken_at(session: Session, intent_id: str) -> UUID | None:
    """The location that took a payment, where it is known here."""
    known = select(Order.location_id).join(PaymentAttempt, PaymentAttempt.order_id == Order.id)
    unmatched = select(UnmatchedTransaction.location_id).where(UnmatchedTransaction.stripe_id == intent_id)
    return session.scalar(known.where(PaymentAttempt.intent_id == intent_id)) or session.scalar(unmatched)


def _by_reference(session: Session, reference: str | None) -> RefundPart | None:
    query = select(RefundPart).where(RefundPart.kind == "card", RefundPart.stripe_refund_id.is_(None))
    return next((part for part in session.scalars(query) if str(part.id) == reference), None) if reference else None


def _of_an_unmatched_payment(session: Session, fetched: CardRefund) -> UnmatchedRefund | None:
    """The refund of an unmatched payment that it is, by our own decision."""
    query = select(UnmatchedRefund).join(UnmatchedTransaction, UnmatchedTransaction.id == UnmatchedRefund.unmatched_id)
    ours = session.scalars(query.where(UnmatchedTransaction.stripe_id == fetched.intent_id)).all()
    return next(
        (one for one in ours if fetched.refund_id == one.stripe_refund_id or fetched.reference == str(one.id)), None
    )


def _dispute(fetched: CardDispute) -> tuple[bool, UnmatchedTransaction | None]:
    if apply_dispute(fetched):
        return False, None
    return False, UnmatchedTransaction(
        kind="dispute",
        stripe_id=fetched.dispute_id,
        charge_id=fetched.charge_id,
        why="unknown",
        amount_minor=fetched.amount_minor,
        currency=fetched.currency,
        about=fetched.reason[:200],
        happened_at=fetched.created_at,
        found_at=clock.now(),
    )


def _all(found: object, what: str) -> Sequence[object]:
    if not isinstance(found, tuple):
        raise Conflict(STRIPE_LIST_MISSING(what=what), why="no_answer")
    return found


def reconcile(since: datetime, progress: Progress | None = None) -> Reconciled:
    """Look at everything Stripe has since an instant; raises Conflict where it does not answer, NotConfigured."""
    fetched = [
        *_all(gateway().list_payments(since), "payments"),
        *_all(gateway().list_refunds(since), "refunds"),
        *_all(gateway().disputes.list_disputes(since), "disputes"),
    ]
    done = Reconciled(seen=len(fetched))
    live = settings().payments.mode == "live"
    for number, one in enumerate(fetched):
        if progress:
            progress(number, len(fetched))
        try:
            match one:
                case FoundPayment():
                    moved, unmatched = _payment(reading(), one) if one.livemode == live else (False, None)
                case CardRefund():
                    moved, unmatched = _refund(reading(), one)
                case CardDispute():
                    moved, unmatched = _dispute(one)
                case _:
                    continue
        except PosError as error:
            log.warning("%s stays as it was: %s", one, error.sentence)
            continue
        reading().rollback()
        done.moved_on += moved
        done.found += unmatched is not None and _queue(unmatched)
    if progress:
        progress(len(fetched), len(fetched))
    done.open = len(
        reading().scalars(select(UnmatchedTransaction.id).where(UnmatchedTransaction.state.in_(UNDECIDED))).all()
    )
    return done
