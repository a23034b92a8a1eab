"""Moves an attempt and its order by what Stripe answered: forward only, under row locks."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.database.unit_of_work import may_pass, unit_of_work
from pos.core.messages.payments import (
    PAYMENT_DOES_NOT_FIT,
    PAYMENT_NOT_MADE_BY_BANK,
    PAYMENT_REFUSED_BY_CARD_SERVICE,
    READER_NOT_ASKING,
)
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import (
    BANK_TAKES_DAYS,
    CANCELED,
    CREATED,
    DECLINED,
    FAILED,
    FINAL,
    MISMATCH,
    PENDING,
    SUCCEEDED,
    UNKNOWN,
)
from pos.domain.payments.minimum_charge import REFUSED_AMOUNTS
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import received
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Order
from pos.integrations.stripe.types import (
    CheckoutOpened,
    Closed,
    Declined,
    IntentCreated,
    Outcome,
    Pending,
    PendingReason,
    Rejected,
    Succeeded,
    Unknown,
    UnknownReason,
)
from pos.services.checkout.place_order import close_attempt
from pos.services.payments.complete_order import complete_order
from pos.services.payments.record_unmatched import (
    AFTER_RELEASE,
    NOT_COMPLETED,
    PAID_OTHERWISE,
    paid_otherwise,
    record_unmatched,
    write_unmatched,
)

log = logging.getLogger(__name__)


def _not_ours(attempt: PaymentAttempt, outcome: Succeeded) -> str | None:
    """Why money that succeeded is no money of this order: nobody here may give it back."""
    if outcome.livemode != (attempt.mode == "live"):
        return f"livemode {outcome.livemode} in mode {attempt.mode}"
    if outcome.metadata.get("order_id") != str(attempt.order_id):
        return "the order named in the payment is another one"
    return None


def _mismatch(attempt: PaymentAttempt, outcome: Succeeded) -> str | None:
    """How money that was taken for this order differs from what was asked for."""
    asked_tip = attempt.kind == "reader" and attempt.tip_base_minor is not None
    if outcome.tip_minor < 0 or (outcome.tip_minor and not asked_tip):
        return f"a tip of {outcome.tip_minor} that nobody asked for"
    if outcome.amount_minor != attempt.amount_minor + outcome.tip_minor:
        return f"amount {outcome.amount_minor} is not {attempt.amount_minor} and a tip of {outcome.tip_minor}"
    if outcome.currency.upper() != attempt.currency:
        return f"currency {outcome.currency} is not {attempt.currency}"
    return None


def apply_outcome(order_id: UUID, outcome: Outcome, *, attempt_id: UUID) -> None:
    """Move an order by what Stripe said of one of its attempts; late and repeated news change nothing.

    Money that cannot become this order's sale (its ticket was paid otherwise, it was given up, another amount came, it
    cannot be completed) becomes an unmatched payment, with what other cards paid of the order, and the order is released:
    nothing raises for it again and again.
    What names another order or mode is nobody's money here: the attempt stays in doubt and is noted for a manager.
    """
    try:
        _apply_outcome(order_id, outcome, attempt_id=attempt_id)
    except Exception as error:
        if not isinstance(outcome, Succeeded) or may_pass(error):
            raise
        log.exception("order %s is paid and cannot be completed", order_id)
        record_unmatched(order_id, outcome, attempt_id=attempt_id, why=NOT_COMPLETED)


def _apply_succeeded(session: Session, order: Order, attempt: PaymentAttempt, outcome: Succeeded) -> None:
    """Money was taken for a locked attempt of a locked order: a part or all of a sale, or an unmatched payment."""
    if attempt.state == SUCCEEDED and order.state != "released":
        return
    if foreign := _not_ours(attempt, outcome):
        log.error("payment of order %s does not fit: %s", order.id, foreign)
        if payments.move_attempt(attempt, UNKNOWN):
            attempt.reason_code, attempt.sentence = MISMATCH, PAYMENT_DOES_NOT_FIT
            _note(session, order, "payment.mismatch", why=foreign)
        return
    if attempt.state in FINAL or order.state == "released":
        write_unmatched(session, order, attempt, outcome, AFTER_RELEASE)
        return
    if order.state == "completed" or paid_otherwise(session, order):
        write_unmatched(session, order, attempt, outcome, PAID_OTHERWISE)
        return
    if wrong := _mismatch(attempt, outcome):
        log.error("payment of order %s does not fit: %s", order.id, wrong)
        write_unmatched(session, order, attempt, outcome, MISMATCH)
        return
    payments.move_attempt(attempt, SUCCEEDED)
    attempt.intent_id, attempt.charge_id = outcome.intent_id, outcome.charge_id
    attempt.card_brand, attempt.card_last4 = outcome.card_brand, outcome.card_last4
    attempt.tip_minor = outcome.tip_minor
    attempt.reason_code = attempt.sentence = None
    session.flush()
    so_far = received(session, order)
    if so_far.rest_minor:
        _note(session, order, "payment.part", amount_minor=attempt.amount_minor, rest_minor=so_far.rest_minor)
    else:
        complete_order(session, order)


@unit_of_work
def _apply_outcome(session: Session, order_id: UUID, outcome: Outcome, *, attempt_id: UUID) -> None:
    order = sales.lock_order(session, order_id)
    attempt = payments.locked_attempt(session, attempt_id)
    match outcome:
        case Succeeded():
            _apply_succeeded(session, order, attempt, outcome)
        case Declined(code=code, message=message):
            if payments.move_attempt(attempt, DECLINED):
                attempt.reason_code, attempt.sentence = code, message[:300]
        case Closed(reason=reason):
            if payments.move_attempt(attempt, CANCELED):
                attempt.reason_code, attempt.sentence = reason, None
                if reason == "bank_refused":
                    attempt.sentence = PAYMENT_NOT_MADE_BY_BANK
                    _notify_refused(session, order)
                close_attempt(session, order, attempt)
        case Pending(reason=PendingReason.AWAITING_CARD) if attempt.kind == "reader":
            # Nobody is asking for the card: it was declined, or the reader never heard of it or forgot.
            if attempt.state != DECLINED and payments.move_attempt(attempt, DECLINED):
                attempt.reason_code, attempt.sentence = "not_asked", READER_NOT_ASKING
        case Pending(reason=waits_for):
            if payments.move_attempt(attempt, PENDING):
                attempt.reason_code = BANK_TAKES_DAYS if waits_for is PendingReason.CHECKOUT_UNPAID else None
                attempt.sentence = None
        case Unknown(reason=UnknownReason.NOT_ASKED):
            pass  # nothing was learned: what we know stays, and the worker goes on asking
        case Unknown(reason=why):
            if attempt.state in (CREATED, PENDING) and payments.move_attempt(attempt, UNKNOWN):
                attempt.reason_code, attempt.sentence = why.value, None
        case Rejected(code=code, message=message):
            log.error("Stripe refused the payment of order %s: %s %s", order_id, code, message)
            if payments.move_attempt(attempt, FAILED):
                attempt.reason_code = code
                attempt.sentence = REFUSED_AMOUNTS.get(code, PAYMENT_REFUSED_BY_CARD_SERVICE)
                close_attempt(session, order, attempt)


def _notify_refused(session: Session, order: Order) -> None:
    """Queue a mail to the buyer; a released order forgets them, so the message carries their address until it is sent."""
    payload: dict[str, Any] = {"order_id": str(order.id)}
    if order.buyer is not None:
        payload["secret"] = {name: order.buyer[name] for name in ("email", "given_name", "locale")}
    outbox.record(session, "payment_refused", payload)


def _note(session: Session, order: Order, action: str, **detail: Any) -> None:
    audit.note(
        session,
        action,
        location_id=order.location_id,
        subject_id=order.id,
        **detail,
    )


@unit_of_work
def record_stripe_ids(session: Session, attempt_id: UUID, made: IntentCreated | CheckoutOpened) -> None:
    """Note the object Stripe made for an attempt."""
    attempt = payments.locked_attempt(session, attempt_id)
    if isinstance(made, IntentCreated):
        attempt.intent_id = made.intent_id
    else:
        attempt.session_id, attempt.session_url = made.session_id, made.url or attempt.session_url
        attempt.expires_at = made.expires_at
        payments.move_attempt(attempt, PENDING)


@unit_of_work
def release_mismatched(session: Session, order_id: UUID, attempt_id: UUID) -> None:
    """Release an order whose payment turned out to be another order's: no money is awaited for it."""
    order = sales.lock_order(session, order_id)
    attempt = payments.locked_attempt(session, attempt_id)
    if attempt.reason_code == MISMATCH and payments.move_attempt(attempt, CANCELED):
        close_attempt(session, order, attempt)
