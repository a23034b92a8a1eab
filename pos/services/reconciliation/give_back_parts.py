"""Giving up an order of which a part was received: its cards are paid back in full, and its cash is handed back.

What a card paid becomes an unmatched payment that is decided about at once: it goes back to its card, under a key that was
written before Stripe is called, by the same way as what the office gives back. What is in doubt or fails stays there for
the polling job and a manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.base import reading
from pos.core.database.unit_of_work import run_within, unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.messages.payments import CARD_STILL_ASKED, NO_SUCH_PAYMENT, PARTS_GIVEN_BACK, REST_HAS_CHANGED
from pos.domain.locations.queries import place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import amount_paid, is_asking, received
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Order
from pos.domain.staff.approvals import Actor
from pos.services.checkout.place_order import release
from pos.services.payments import terminal_payment
from pos.services.payments.payment_state import PaymentState, card_name, payment_state
from pos.services.payments.record_unmatched import GIVEN_BACK, set_aside
from pos.services.reconciliation.unmatched_transactions import Decision, carry_out, send_back
from pos.services.refunds.at_stripe import require_current_mode


@dataclass(frozen=True)
class BackToCard:
    """What goes back to a card. `state` is that of the unmatched payment: `refunded` is on its way."""

    card: str
    amount_minor: int
    state: str


@dataclass(frozen=True)
class GivenBack:
    """What became of an order that was given up; `state.paid` where its last card was faster."""

    state: PaymentState
    cards: tuple[BackToCard, ...]
    cash_minor: int


def give_back_parts(order_id: UUID, desk_id: UUID, actor: Actor, *, expected_rest_minor: int) -> GivenBack:
    """Give an order of this desk up: stop the card that is asked for, pay its cards back, free its ticket. Twice is once.

    Raises Conflict while the bank is being asked or a payment is in doubt, where another rest was on the screen, and for
    cards of another mode of payments.
    """
    if reading().get_one(Order, order_id).desk_id != desk_id:
        raise NotFound(NO_SUCH_PAYMENT)  # its cash lies in the drawer of its desk
    if terminal_payment.cancel(order_id).paid is None:
        _give_up(order_id, actor, expected_rest_minor)
        for unmatched_id in [unmatched.id for _, unmatched in _rows(reading(), order_id)]:
            send_back(unmatched_id)
    return _given_back(reading(), order_id)


@unit_of_work
def _give_up(session: Session, order_id: UUID, actor: Actor, expected_rest_minor: int) -> None:
    order = sales.lock_order(session, order_id)
    if order.state != "placed":
        return
    if is_asking(session, order_id):
        raise Conflict(CARD_STILL_ASKED, why="card_asked")
    so_far = received(session, order)
    if so_far.rest_minor != expected_rest_minor:
        raise Conflict(REST_HAS_CHANGED, why="rest_changed", rest_minor=so_far.rest_minor)
    if so_far.cards:
        require_current_mode([one.mode for one in so_far.cards])
    for part in so_far.cards:
        unmatched = set_aside(session, order, part, GIVEN_BACK)
        back = Decision(unmatched.id, "refund", str(PARTS_GIVEN_BACK), actor, order.location_id)
        run_within(session, carry_out, back)
    session.flush()
    release(session, order, place(session, order.location_id))
    audit.note(
        session,
        "payment.parts_given_back",
        actor_id=actor.id,
        location_id=order.location_id,
        subject_id=order.id,
        cards_minor=so_far.card_minor,
        cash_minor=so_far.cash_minor,
    )


def _rows(session: Session, order_id: UUID) -> list[tuple[PaymentAttempt, UnmatchedTransaction]]:
    query = (
        select(PaymentAttempt, UnmatchedTransaction)
        .join(UnmatchedTransaction, UnmatchedTransaction.stripe_id == PaymentAttempt.intent_id)
        .where(PaymentAttempt.order_id == order_id, UnmatchedTransaction.why == GIVEN_BACK)
        .order_by(PaymentAttempt.number)
    )
    return [(attempt, unmatched) for attempt, unmatched in session.execute(query)]


def _given_back(session: Session, order_id: UUID) -> GivenBack:
    order = session.get_one(Order, order_id)
    cards = tuple(
        BackToCard(card_name(attempt), amount_paid(attempt), unmatched.state)
        for attempt, unmatched in _rows(session, order_id)
    )
    cash = order.cash_tendered_minor if order.state == "released" else 0
    return GivenBack(payment_state(session, order_id), cards, cash)
