"""The one verb that refreshes a payment: webhook, landing page, desk and polling job all call it.

It fetches the object from Stripe outside any transaction; `apply_outcome` moves our rows by the answer.
"""

from __future__ import annotations

import logging
from uuid import UUID

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import FINAL
from pos.domain.payments.models import PaymentAttempt, Reader
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.integrations.stripe.types import (
    Closed,
    Outcome,
    Rejected,
    Succeeded,
    Unknown,
    UnknownReason,
)
from pos.services.payments.apply_outcome import apply_outcome
from pos.services.payments.payment_state import PaymentState, payment_state

log = logging.getLogger(__name__)


def _fetch(attempt: PaymentAttempt, reader: Reader | None) -> Outcome:
    if attempt.kind == "checkout" and attempt.session_id:
        return gateway().fetch_checkout(attempt.session_id)
    if attempt.intent_id:
        return gateway().fetch_intent(attempt.intent_id, reader_id=reader.stripe_reader_id if reader else None)
    if attempt.kind == "checkout" and attempt.expires_at is not None and clock.now() > attempt.expires_at:
        return Closed("expired")  # nobody was ever given an address to pay at, and by now there is nothing behind it
    # Never answered: whether the object exists is found out by asking again with the same key: `start_or_resume`.
    return Unknown(UnknownReason.NO_ANSWER)


def _refresh_ended(attempt_id: UUID) -> None:
    """Money taken for an attempt that has ended here and paid no sale becomes an unmatched payment, once."""
    session = reading()
    attempt = session.get_one(PaymentAttempt, attempt_id)
    if attempt.state not in FINAL or payments.tender_of(session, attempt_id) is not None:
        return
    if not is_current_mode(attempt.mode):
        return
    order_id, outcome = attempt.order_id, _fetch(attempt, None)
    if isinstance(outcome, Succeeded):
        apply_outcome(order_id, outcome, attempt_id=attempt_id)


def refresh_payment(order_id: UUID, *, paid_attempt_id: UUID | None = None) -> PaymentState:
    """Ask Stripe what became of an order's payment and act on it; returns how far it is now. Raises NotFound.

    `paid_attempt_id` is an attempt of the order that Stripe reports as paid: it is asked about even if it has ended here.
    An attempt of another mode of payments stays as it is.
    """
    if paid_attempt_id is not None:
        _refresh_ended(paid_attempt_id)
    session = reading()
    attempt = payments.attempt_of(session, order_id)
    if attempt is not None and attempt.state not in FINAL and is_current_mode(attempt.mode):
        reader = payments.reader(session, attempt.reader_id) if attempt.reader_id else None
        attempt_id, outcome = attempt.id, _fetch(attempt, reader)
        if not isinstance(outcome, Rejected):
            with optional_write("what Stripe said of a payment"):  # who only looks is told what we know
                apply_outcome(order_id, outcome, attempt_id=attempt_id)
        else:
            log.error("Stripe would not show the payment of order %s: %s", order_id, outcome.code)
    return payment_state(reading(), order_id)
