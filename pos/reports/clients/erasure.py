"""Whether a client can be erased: what is still owed to them or under way, and where it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.outbox import OutboxMessage
from pos.domain.clients.persons import is_of
from pos.domain.credits.statement import lots_held
from pos.domain.disputes.models import Dispute
from pos.domain.disputes.rules import OPEN
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Order, Sale, Ticket
from pos.domain.stored_value.models import GiftCard
from pos.domain.stored_value.queries import accounts_of, certificate_key

Kind = Literal["credits", "account_credit", "ticket", "order", "refund", "dispute", "payment", "certificate"]


@dataclass(frozen=True)
class Obstacle:
    """Something that must be settled first: what, its key where it has a page, and what it is called there."""

    kind: Kind
    key: UUID | None = None
    name: str = ""
    count: int = 0
    minor: int = 0
    currency: str = ""


def obstacles(session: Session, client_id: UUID) -> list[Obstacle]:
    """What keeps a client from being erased; nothing where all is settled."""
    found = [
        Obstacle("credits", lot.package_id, lot.name, lot.remaining + lot.held)
        for lot in lots_held(session, client_id)
        if lot.remaining + lot.held
    ]
    found += [
        Obstacle("account_credit", minor=account.balance_minor + account.held_minor, currency=account.currency)
        for account in accounts_of(session, client_id)
        if account.balance_minor + account.held_minor
    ]
    tickets = session.scalar(
        select(func.count()).where(is_of(Ticket.client_id, client_id), Ticket.state.in_(("open", "parked", "paying")))
    )
    if tickets:
        found.append(Obstacle("ticket", count=tickets))
    orders = select(Order.total_minor + Order.tip_minor, Order.currency).where(
        is_of(Order.client_id, client_id), Order.state == "placed"
    )
    found += [Obstacle("order", minor=minor, currency=currency) for minor, currency in session.execute(orders)]
    refunds = (
        select(Refund.id, Receipt.label)
        .join(Sale, Sale.id == Refund.sale_id)
        .join(Receipt, Receipt.sale_id == Sale.id)
        .where(
            is_of(Sale.client_id, client_id),
            Refund.id.in_(select(RefundPart.refund_id).where(RefundPart.state != "paid_back")),
        )
        .order_by(Refund.created_at, Refund.id)
    )
    found += [Obstacle("refund", key, label) for key, label in session.execute(refunds)]
    disputes = (
        select(Dispute.id)
        .join(PaymentAttempt, PaymentAttempt.id == Dispute.attempt_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(is_of(Order.client_id, client_id), Dispute.status.in_(OPEN))
        .order_by(Dispute.id)
    )
    found += [Obstacle("dispute", key) for key in session.scalars(disputes)]
    payments = select(func.count()).where(
        is_of(UnmatchedTransaction.client_id, client_id),
        UnmatchedTransaction.state.in_(("open", "refunding", "failed")),
    )
    if unmatched := session.scalar(payments):
        found.append(Obstacle("payment", count=unmatched))
    cards = session.execute(
        select(GiftCard.id, GiftCard.last4).where(is_of(GiftCard.buyer_id, client_id), GiftCard.to_email.is_not(None))
    ).all()
    waiting = set(
        session.scalars(
            select(OutboxMessage.key).where(
                OutboxMessage.state == "pending",
                OutboxMessage.key.in_([certificate_key(card.id) for card in cards]),
            )
        )
    )
    found += [Obstacle("certificate", card.id, card.last4) for card in cards if certificate_key(card.id) in waiting]
    return found
