"""Card money that was taken and paid for no sale: kept as an unmatched payment that the office can give back.

The order behind it is released, so that its credits, gift cards and its ticket are free again. Nothing is in the books
until a manager decides (`services/reconciliation/unmatched_transactions.py`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.messages.payments import CASH_TO_HAND_BACK
from pos.core.messages.reconciliation import (
    CHARGED_AFTER_GIVING_UP,
    CHARGED_AND_NOT_COMPLETED,
    CHARGED_AND_PAID_OTHERWISE,
    CHARGED_OTHER_AMOUNT,
    DO_NOT_CHARGE_AGAIN,
)
from pos.core.money import plain
from pos.domain.clients.queries import name_of
from pos.domain.clients.registration import Buyer
from pos.domain.locations.queries import place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import MISMATCH, SUCCEEDED
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import amount_paid, paid_a_part
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Order, Sale, Ticket
from pos.integrations.stripe.types import Succeeded
from pos.services.checkout.place_order import release

log = logging.getLogger(__name__)
PAID_OTHERWISE = "paid_otherwise"
AFTER_RELEASE = "after_release"
NOT_COMPLETED = "not_completed"
# A part of a sale that was given up: it goes back to its card at once.
GIVEN_BACK = "given_back"
_WHY = {
    PAID_OTHERWISE: CHARGED_AND_PAID_OTHERWISE,
    AFTER_RELEASE: CHARGED_AFTER_GIVING_UP,
    MISMATCH: CHARGED_OTHER_AMOUNT,
    NOT_COMPLETED: CHARGED_AND_NOT_COMPLETED,
}


def paid_otherwise(session: Session, order: Order) -> bool:
    """Whether the ticket of an order that is still to be paid is completed already, by another sale."""
    if order.ticket_id is None:
        return False
    ticket = session.get(Ticket, order.ticket_id, populate_existing=True)
    sold = select(Sale.id).where(Sale.ticket_id == order.ticket_id, Sale.id != order.id)
    return (ticket is not None and ticket.state == "completed") or session.scalar(sold) is not None


def _payer(session: Session, order: Order) -> tuple[str, ...]:
    """Who pays an order, for the office: the client's name, or e-mail and name that a guest typed."""
    if order.client_id is not None:
        return (name_of(session, order.client_id),)
    if order.buyer is None:
        return ()
    buyer = Buyer(**order.buyer)
    return (buyer.email, buyer.name)


def write_unmatched(session: Session, order: Order, attempt: PaymentAttempt, outcome: Succeeded, why: str) -> None:
    """Keep the money of a locked attempt as an unmatched payment, once, and release its locked order.

    What other cards paid of the order becomes unmatched payments with it, and the desk is told to hand its cash back. An
    attempt that had ended stays as it is; an order whose other attempt is at work, or that is a sale, is left alone.
    """
    payer = _payer(session, order)  # a released order forgets who wanted to buy
    if payments.move_attempt(attempt, SUCCEEDED):
        attempt.intent_id, attempt.charge_id = outcome.intent_id, outcome.charge_id
        attempt.card_brand, attempt.card_last4 = outcome.card_brand, outcome.card_last4
        attempt.tip_minor = max(outcome.tip_minor, 0)
        attempt.reason_code, attempt.sentence = why, _sentence(order, why)
        if order.state == "placed":
            session.flush()
            for part in paid_a_part(session, order.id):
                set_aside(session, order, part, why)
            release(session, order, place(session, order.location_id))
    _add(
        session,
        order,
        payer,
        why,
        _Taken(
            outcome.intent_id,
            outcome.charge_id,
            outcome.amount_minor,
            outcome.currency.upper(),
            outcome.card_brand,
            outcome.card_last4,
        ),
    )


@dataclass(frozen=True)
class _Taken:
    """Money that Stripe took."""

    intent_id: str
    charge_id: str | None
    amount_minor: int
    currency: str
    card_brand: str | None
    card_last4: str | None


def _sentence(order: Order, why: str) -> str:
    said = f"{_WHY[why]} {DO_NOT_CHARGE_AGAIN}"
    if order.cash_tendered_minor and order.state == "placed":
        said += f" {CASH_TO_HAND_BACK(cash=plain(order.cash_tendered_minor, order.currency))}"
    return said[:300]


def set_aside(session: Session, order: Order, part: PaymentAttempt, why: str) -> UnmatchedTransaction:
    """What a card paid of a locked order that will be no sale becomes an unmatched payment."""
    assert part.intent_id is not None
    part.reason_code, part.sentence = why, _sentence(order, why) if why in _WHY else None
    session.flush()
    taken = _Taken(part.intent_id, part.charge_id, amount_paid(part), part.currency, part.card_brand, part.card_last4)
    return _add(session, order, _payer(session, order), why, taken)


def _add(session: Session, order: Order, payer: tuple[str, ...], why: str, taken: _Taken) -> UnmatchedTransaction:
    """The unmatched payment of an intent, written once."""
    seen = session.scalar(select(UnmatchedTransaction).where(UnmatchedTransaction.stripe_id == taken.intent_id))
    if seen is not None:
        return seen
    card = f"{taken.card_brand} •••• {taken.card_last4}" if taken.card_last4 else ""
    now = clock.now()
    unmatched = UnmatchedTransaction(
        kind="payment",
        stripe_id=taken.intent_id,
        charge_id=taken.charge_id,
        why=why,
        amount_minor=taken.amount_minor,
        currency=taken.currency,
        about=" · ".join(part for part in (card, *payer) if part)[:200],
        happened_at=now,
        found_at=now,
        location_id=order.location_id,
    )
    session.add(unmatched)
    session.flush()
    log.log(
        logging.INFO if why == GIVEN_BACK else logging.ERROR,
        "card money of order %s paid for no sale: %s",
        order.id,
        why,
    )
    audit.note(
        session,
        "payment.unmatched",
        location_id=order.location_id,
        subject_id=order.id,
        stripe_id=taken.intent_id,
        amount_minor=taken.amount_minor,
        why=why,
    )
    return unmatched


@unit_of_work
def record_unmatched(session: Session, order_id: UUID, outcome: Succeeded, *, attempt_id: UUID, why: str) -> None:
    """Keep money as an unmatched payment where completing its order failed; nothing where it is a sale by now."""
    order = sales.lock_order(session, order_id)
    attempt = payments.locked_attempt(session, attempt_id)
    if attempt.state != SUCCEEDED:
        write_unmatched(session, order, attempt, outcome, why)
