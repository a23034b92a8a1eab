"""How far the card money of an order is, as our rows say; Stripe is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.payments import NO_SUCH_PAYMENT
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import SUCCEEDED
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Order, Sale
from pos.services.checkout.stored_value_tenders import parts_of


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
