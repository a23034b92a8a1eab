"""The one use case through which money becomes a sale: webhook, landing page, desk and polling job all come here.

It fetches the object from Stripe outside any transaction and moves our state forward only, under row locks.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock, outbox
from pos.core.database.base import reading
from pos.core.database.storage_errors import optional_write
from pos.core.database.unit_of_work import may_pass, no_transaction, unit_of_work
from pos.core.errors import NotFound
from pos.core.messages.payments import (
    NO_SUCH_PAYMENT,
    PAYMENT_DOES_NOT_FIT,
    PAYMENT_NOT_MADE_BY_BANK,
    PAYMENT_REFUSED_BY_CARD_SERVICE,
    READER_NOT_ASKING,
)
from pos.domain.clients.queries import name_of
from pos.domain.locations.queries import desk_place, place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import BANK_TAKES_DAYS, FINAL
from pos.domain.payments.minimum_charge import REFUSED_AMOUNTS
from pos.domain.payments.models import PaymentAttempt, Reader
from pos.domain.receipts.models import Receipt
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_json import cart_from_json
from pos.domain.sales.carts import move, ticket_of
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.pricing import settle
from pos.domain.sales.repository import SaleDraft
from pos.domain.till.shifts import lock_open_shift
from pos.integrations.stripe.current import gateway
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
from pos.services.buyers import make_client
from pos.services.checkout.complete_sale import Known, complete
from pos.services.checkout.place_order import close_attempt
from pos.services.checkout.price_cart import Grant
from pos.services.checkout.stored_value_tenders import parts_of
from pos.services.payments.record_unmatched import (
    AFTER_RELEASE,
    MISMATCH,
    NOT_COMPLETED,
    PAID_OTHERWISE,
    paid_otherwise,
    record_unmatched,
    write_unmatched,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Paid:
    """The sale an order became."""

    sale_id: UUID
    receipt_label: str
    receipt_token: str


@dataclass(frozen=True)
class PaymentState:
    """How far the card money of an order is. `sentence` is for people; `url` is the hosted page, while it is open.

    `tip_minor` was added on the reader, beyond `amount_minor`; `turning`: the desk has turned to another way, which begins
    as soon as this one is known to have ended without money.
    """

    order_id: UUID
    state: str
    amount_minor: int
    currency: str
    cash_minor: int
    stored_minor: int
    reason_code: str | None
    sentence: str | None
    url: str | None
    card: str | None
    paid: Paid | None
    kind: str = "reader"
    tip_minor: int = 0
    tip_asked: bool = False
    turning: bool = False
    reader: str | None = None
    short_code: str | None = None
    expires_at: datetime | None = None


def payment_state(session: Session, order_id: UUID) -> PaymentState:
    """How far an order is, as far as we know; raises NotFound."""
    order = session.get(Order, order_id)
    attempt = payments.attempt_of(session, order_id)
    receipt = session.scalar(select(Receipt).where(Receipt.sale_id == order_id))
    if order is None or attempt is None:
        return _paid_at_once(session, order_id, receipt)
    return PaymentState(
        order_id=order_id,
        state=attempt.state,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        cash_minor=order.cash_tendered_minor,
        stored_minor=sum(part.amount_minor for part in parts_of(order)),
        reason_code=attempt.reason_code,
        sentence=attempt.sentence,
        url=attempt.session_url if order.state == "placed" else None,
        card=f"{attempt.card_brand} •••• {attempt.card_last4}" if attempt.card_last4 else None,
        paid=Paid(order_id, receipt.label, receipt.token) if receipt else None,
        kind=attempt.kind,
        tip_minor=attempt.tip_minor,
        tip_asked=attempt.kind == "reader" and attempt.tip_base_minor is not None,
        turning=attempt.next_kind is not None,
        reader=payments.reader(session, attempt.reader_id).label if attempt.reader_id else None,
        short_code=attempt.short_code,
        expires_at=attempt.expires_at,
    )


def _paid_at_once(session: Session, order_id: UUID, receipt: Receipt | None) -> PaymentState:
    """A purchase that gift cards, account credit or a code left nothing of to pay: nobody was sent to Stripe."""
    sale = session.get(Sale, order_id)
    if sale is None or receipt is None or sale.channel != "shop":
        raise NotFound(NO_SUCH_PAYMENT)
    return PaymentState(
        order_id=order_id,
        state="succeeded",
        amount_minor=0,
        currency=sale.currency,
        cash_minor=0,
        stored_minor=sale.total_minor,
        reason_code=None,
        sentence=None,
        url=None,
        card=None,
        paid=Paid(order_id, receipt.label, receipt.token),
        kind="checkout",
    )


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


def complete_order(session: Session, order: Order, attempt: PaymentAttempt) -> None:
    """Make a locked order a sale at its frozen prices, and who bought it in the shop a client.

    Raises what `complete` raises, and Conflict for a closed drawer.
    """
    where = place(session, order.location_id)
    desk = desk_place(session, order.desk_id) if order.desk_id else None
    shift = lock_open_shift(session, desk.id)[1] if desk else None
    now = clock.now()
    sales.move_order(order, "completed")
    make_client(session, order, country=where.country)
    if order.ticket_id is not None:
        move(ticket_of(session, order.ticket_id, order.location_id, lock=True), "completed")
    cart = cart_from_json(order.cart)
    agreed = SaleDraft(
        sale_id=order.id,
        location_id=order.location_id,
        desk_id=order.desk_id,
        staff_id=order.staff_id,
        client_id=order.client_id,
        ticket_id=order.ticket_id,
        channel=order.channel,
        business_on=where.business_date(now),
        completed_at=now,
        tip_minor=order.tip_minor + attempt.tip_minor,
        tip_staff_id=order.tip_staff_id,
        content_hash=order.content_hash,
    )
    complete(
        session,
        where,
        agreed,
        cart,
        settle(
            order.total_minor + agreed.tip_minor,
            cash_tendered_minor=order.cash_tendered_minor,
            card=True,
            stored=parts_of(order),
        ),
        grants={UUID(item): Grant.from_json(grant) for item, grant in order.grants.items()},
        desk=desk,
        shift=shift,
        attempt=attempt,
        known=Known(name_of(session, order.client_id) if order.client_id else ""),
    )


def apply_outcome(order_id: UUID, outcome: Outcome, *, attempt_id: UUID) -> None:
    """Move an order by what Stripe said of one of its attempts; late and repeated news change nothing.

    Money that cannot become this order's sale (its ticket was paid otherwise, it was given up, another amount came, it
    cannot be completed) becomes an unmatched payment and the order is released: nothing raises for it again and again.
    What names another order or mode is nobody's money here: the attempt stays in doubt and is noted for a manager.
    """
    try:
        _apply_outcome(order_id, outcome, attempt_id=attempt_id)
    except Exception as error:
        if not isinstance(outcome, Succeeded) or may_pass(error):
            raise
        log.exception("order %s is paid and cannot be completed", order_id)
        record_unmatched(order_id, outcome, attempt_id=attempt_id, why=NOT_COMPLETED)


def _take_in(session: Session, order: Order, attempt: PaymentAttempt, outcome: Succeeded) -> None:
    """Money was taken for a locked attempt of a locked order: a sale, or an unmatched payment."""
    if attempt.state == "succeeded" and order.state != "released":
        return
    if foreign := _not_ours(attempt, outcome):
        log.error("payment of order %s does not fit: %s", order.id, foreign)
        if payments.move_attempt(attempt, "unknown"):
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
    payments.move_attempt(attempt, "succeeded")
    attempt.intent_id, attempt.charge_id = outcome.intent_id, outcome.charge_id
    attempt.card_brand, attempt.card_last4 = outcome.card_brand, outcome.card_last4
    attempt.tip_minor = outcome.tip_minor
    attempt.reason_code = attempt.sentence = None
    complete_order(session, order, attempt)


@unit_of_work
def _apply_outcome(session: Session, order_id: UUID, outcome: Outcome, *, attempt_id: UUID) -> None:
    order = sales.lock_order(session, order_id)
    attempt = payments.locked_attempt(session, attempt_id)
    match outcome:
        case Succeeded():
            _take_in(session, order, attempt, outcome)
        case Declined(code=code, message=message):
            if payments.move_attempt(attempt, "declined"):
                attempt.reason_code, attempt.sentence = code, message[:300]
        case Closed(reason=reason):
            if payments.move_attempt(attempt, "canceled"):
                attempt.reason_code, attempt.sentence = reason, None
                if reason == "bank_refused":
                    attempt.sentence = PAYMENT_NOT_MADE_BY_BANK
                    _notify_refused(session, order)
                close_attempt(session, order, attempt)
        case Pending(reason=PendingReason.AWAITING_CARD) if attempt.kind == "reader":
            # Nobody is asking for the card: it was declined, or the reader never heard of it or forgot.
            if attempt.state != "declined" and payments.move_attempt(attempt, "declined"):
                attempt.reason_code, attempt.sentence = "not_asked", READER_NOT_ASKING
        case Pending(reason=waits_for):
            if payments.move_attempt(attempt, "pending"):
                attempt.reason_code = BANK_TAKES_DAYS if waits_for is PendingReason.CHECKOUT_UNPAID else None
                attempt.sentence = None
        case Unknown(reason=UnknownReason.NOT_ASKED):
            pass  # nothing was learned: what we know stays, and the worker goes on asking
        case Unknown(reason=why):
            if attempt.state in ("created", "pending") and payments.move_attempt(attempt, "unknown"):
                attempt.reason_code, attempt.sentence = why.value, None
        case Rejected(code=code, message=message):
            log.error("Stripe refused the payment of order %s: %s %s", order_id, code, message)
            if payments.move_attempt(attempt, "failed"):
                attempt.reason_code = code
                attempt.sentence = REFUSED_AMOUNTS.get(code, PAYMENT_REFUSED_BY_CARD_SERVICE)
                close_attempt(session, order, attempt)


def _notify_refused(session: Session, order: Order) -> None:
    """Have whoever bought told; a released order forgets them, so the message carries their address until it is sent."""
    payload: dict[str, Any] = {"order_id": str(order.id)}
    if order.buyer is not None:
        payload["secret"] = {name: order.buyer[name] for name in ("email", "given_name", "locale")}
    outbox.record(session, "payment_refused", payload)


def _note(session: Session, order: Order, action: str, **detail: object) -> None:
    audit.note(
        session,
        action,
        actor_kind="system",
        actor_id=None,
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
        payments.move_attempt(attempt, "pending")


def _fetch(attempt: PaymentAttempt, reader: Reader | None) -> Outcome:
    kind, session_id, intent_id, expires_at = attempt.kind, attempt.session_id, attempt.intent_id, attempt.expires_at
    reader_id = reader.stripe_reader_id if reader else None
    with no_transaction():
        if kind == "checkout" and session_id:
            return gateway().fetch_checkout(session_id)
        if intent_id:
            return gateway().fetch_intent(intent_id, reader_id=reader_id)
    if kind == "checkout" and expires_at is not None and clock.now() > expires_at:
        return Closed("expired")  # nobody was ever given an address to pay at, and by now there is nothing behind it
    # Never answered: whether the object exists is found out by asking again with the same key, which `opening` does.
    return Unknown(UnknownReason.NO_ANSWER)


@unit_of_work
def let_go_of_foreign(session: Session, order_id: UUID, attempt_id: UUID) -> None:
    """Give up an order whose payment turned out to be another one's: no money of it is here to wait for."""
    order = sales.lock_order(session, order_id)
    attempt = payments.locked_attempt(session, attempt_id)
    if attempt.reason_code == MISMATCH and payments.move_attempt(attempt, "canceled"):
        close_attempt(session, order, attempt)


def settle_ended(attempt: PaymentAttempt) -> None:
    """Money taken for an attempt that has ended here and paid no sale becomes an unmatched payment, once."""
    session = reading()
    order_id, attempt_id = attempt.order_id, attempt.id
    if attempt.state not in FINAL or payments.tender_of(session, attempt_id) is not None:
        return
    outcome = _fetch(attempt, None)
    if isinstance(outcome, Succeeded):
        apply_outcome(order_id, outcome, attempt_id=attempt_id)


def settle_payment(order_id: UUID) -> PaymentState:
    """Ask Stripe what became of an order's payment and act on it; returns how far it is now. Raises NotFound."""
    session = reading()
    attempt = payments.attempt_of(session, order_id)
    if attempt is not None and attempt.state not in FINAL:
        reader = payments.reader(session, attempt.reader_id) if attempt.reader_id else None
        attempt_id, outcome = attempt.id, _fetch(attempt, reader)
        if not isinstance(outcome, Rejected):
            with optional_write("what Stripe said of a payment"):  # who only looks is told what we know
                apply_outcome(order_id, outcome, attempt_id=attempt_id)
        else:
            log.error("Stripe would not show the payment of order %s: %s", order_id, outcome.code)
    return payment_state(reading(), order_id)
