"""Which unmatched transactions are of a client: those credited to them, and cards that paid for no sale of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from pos.domain.payments.models import PaymentAttempt
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.sales.models import Order


def unmatched_of(client_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """The condition on `UnmatchedTransaction`, for all records of one client."""
    paid = (
        select(PaymentAttempt.intent_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(Order.client_id.in_(client_ids), PaymentAttempt.intent_id.is_not(None))
    )
    return or_(UnmatchedTransaction.client_id.in_(client_ids), UnmatchedTransaction.stripe_id.in_(paid))
