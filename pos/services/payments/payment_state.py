"""How far the card money of an order is, as our rows say; Stripe is not asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.i18n.message import remade
from pos.core.messages.payments import NO_SUCH_PAYMENT, PARTS_GIVEN_BACK, READER_BUSY_WITH, SALE_AT_DESK
from pos.domain.locations.queries import place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import FINAL, SUCCEEDED
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import Received, amount_paid, received
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Order, Sale
from pos.services.payments.record_unmatched import GIVEN_BACK


@dataclass(frozen=True)
class Paid:
    """The sale an order became."""

    sale_id: UUID
    receipt_label: str
    receipt_token: str


# No card is asked for now, and a part of the order was received: its rest is to be taken, or its parts given back.
PARTLY_PAID = "partly_paid"


@dataclass(frozen=True)
class PaidPart:
    """What paid a part of an order: a card by its brand and last four digits, or cash. Minor units."""

    kind: str
    amount_minor: int
    card: str = ""


@dataclass(frozen=True)
class PaymentState:
    """How far the card money of an order is. `sentence` is for people; `url` is the hosted page, while it is open.

    `state` is that of the card asked for, or `partly_paid`. `parts` were received, `rest_minor` of
    `due_minor` is still to be paid, `rest_cash_minor` where that is in cash.
    `tip_minor` was added on readers, beyond `amount_minor`; `turning`: the desk has turned to another way, which begins
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
    due_minor: int = 0
    rest_minor: int = 0
    rest_cash_minor: int = 0
    parts: tuple[PaidPart, ...] = ()
    change_minor: int = 0
    rounding_minor: int = 0
    may_tip_on_reader: bool = False


def card_name(attempt: PaymentAttempt) -> str:
    """The card of an attempt by its brand and last four digits, as Stripe writes the brand; empty where none is known."""
    return f"{attempt.card_brand} •••• {attempt.card_last4}" if attempt.card_last4 else ""


def cards_of(session: Session, sale_id: UUID) -> dict[int, str]:
    """The cards that paid a sale, by the positions of their tenders."""
    names = {one.id: card_name(one) for one in payments.attempts_of(session, sale_id)}
    tenders = payments.tenders_of(session, sale_id)
    return {one.position: names[one.attempt_id] for one in tenders if one.attempt_id in names}


def payment_state(session: Session, order_id: UUID) -> PaymentState:
    """How far an order is, as far as we know; raises NotFound."""
    order = session.get(Order, order_id)
    attempt = payments.attempt_of(session, order_id)
    receipt = session.scalar(select(Receipt).where(Receipt.sale_id == order_id))
    if order is None or (attempt is None and order.desk_id is None):
        return _paid_at_once(session, order_id, receipt)
    so_far = received(session, order)
    where = place(session, order.location_id)
    partly = order.state == "placed" and so_far.is_begun
    state = PaymentState(
        order_id=order_id,
        # All of it may have been paid in cash and from stored value after a card was given up.
        state=SUCCEEDED if receipt else PARTLY_PAID if partly else "canceled",
        amount_minor=0,
        currency=order.currency,
        cash_minor=order.cash_tendered_minor,
        stored_minor=so_far.stored_minor,
        reason_code=None,
        sentence=None,
        url=None,
        card=None,
        paid=Paid(order_id, receipt.label, receipt.token) if receipt else None,
        tip_minor=so_far.tip_minor,
        due_minor=so_far.due_minor,
        rest_minor=so_far.rest_minor,
        rest_cash_minor=where.cash.rounded(so_far.rest_minor) if so_far.rest_minor > 0 else 0,
        parts=_parts(so_far),
        may_tip_on_reader=where.reader_tips and not order.tip_minor and not so_far.tip_minor,
    )
    if receipt:
        state = _completed(session, state)
    if attempt is None:
        return state
    if order.state == "released" and attempt.reason_code == GIVEN_BACK:
        # The card was charged and is paid back: for whoever looks from another screen the payment was given up.
        return replace(state, sentence=str(PARTS_GIVEN_BACK), card=card_name(attempt) or None, kind=attempt.kind)
    is_over = state.paid is not None or (partly and attempt.state in FINAL)
    return replace(
        state,
        state=state.state if is_over else attempt.state,
        amount_minor=attempt.amount_minor,
        reason_code=attempt.reason_code,
        sentence=attempt.sentence and remade(attempt.sentence, READER_BUSY_WITH, SALE_AT_DESK),
        url=attempt.session_url if order.state == "placed" else None,
        card=card_name(attempt) or None,
        kind=attempt.kind,
        tip_minor=so_far.tip_minor or attempt.tip_minor,
        tip_asked=attempt.kind == "reader" and attempt.tip_base_minor is not None,
        turning=attempt.next_kind is not None,
        reader=payments.reader(session, attempt.reader_id).label if attempt.reader_id else None,
        short_code=attempt.short_code,
        expires_at=attempt.expires_at,
    )


def _parts(so_far: Received) -> tuple[PaidPart, ...]:
    cards = (PaidPart("card", amount_paid(one), card_name(one)) for one in so_far.cards)
    cash = (PaidPart("cash", so_far.cash_minor),) if so_far.cash_minor else ()
    return (*cards, *cash)


def _completed(session: Session, state: PaymentState) -> PaymentState:
    """What a sale was paid with, as its tenders say."""
    tenders = payments.tenders_of(session, state.order_id)
    cards = {one.id: card_name(one) for one in payments.attempts_of(session, state.order_id)}
    return replace(
        state,
        parts=tuple(
            PaidPart(one.kind, one.moved_minor, cards[one.attempt_id] if one.attempt_id else "") for one in tenders
        ),
        cash_minor=sum(one.amount_minor for one in tenders if one.kind == "cash"),
        rest_minor=0,
        rest_cash_minor=0,
        change_minor=sum(one.change_minor for one in tenders),
        rounding_minor=sum(one.rounding_minor for one in tenders),
    )


def _paid_at_once(session: Session, order_id: UUID, receipt: Receipt | None) -> PaymentState:
    """A purchase that gift cards, account credit or a code left nothing of to pay: nobody was sent to Stripe."""
    sale = session.get(Sale, order_id)
    if sale is None or receipt is None or sale.channel != "shop":
        raise NotFound(NO_SUCH_PAYMENT)
    return PaymentState(
        order_id=order_id,
        state=SUCCEEDED,
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
