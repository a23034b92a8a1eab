"""Invariants of orders: what waits for card money waits for nothing that was paid in another way."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.locations.models import Location
from pos.domain.payments.attempt_states import SUCCEEDED
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Order, Sale, Ticket
from pos.reports.invariants.base import Check, CheckScope


def _paid_otherwise(look: CheckScope) -> Iterator[Message]:
    sold = select(Sale.id).where((Sale.id == Order.id) | (Sale.ticket_id == Order.ticket_id)).correlate(Order).exists()
    rows = look.rows(
        select(Order.id, Location.slug)
        .join(Location, Location.id == Order.location_id)
        .outerjoin(Ticket, Ticket.id == Order.ticket_id)
        .where(look.in_scope(Order.location_id), Order.state == "placed", or_(Ticket.state == "completed", sold))
        .order_by(Order.placed_at, Order.id)
    )
    for order_id, slug in rows:
        yield messages.ORDER_PAID_OTHERWISE(order=order_id, place=slug)


def _received_more(look: CheckScope) -> Iterator[Message]:
    """Parts of open orders: together they are less than what is due, for the last one completes the sale."""
    paid = (
        select(func.coalesce(func.sum(PaymentAttempt.amount_minor), 0))
        .where(
            PaymentAttempt.order_id == Order.id,
            PaymentAttempt.state == SUCCEEDED,
            PaymentAttempt.reason_code.is_(None),
        )
        .correlate(Order)
        .scalar_subquery()
    )
    rows = look.rows(
        select(
            Order.id, Location.slug, Order.total_minor + Order.tip_minor, Order.cash_tendered_minor + paid, Order.stored
        )
        .join(Location, Location.id == Order.location_id)
        .where(look.in_scope(Order.location_id), Order.state == "placed")
        .order_by(Order.placed_at, Order.id)
    )
    for order_id, slug, due, received, stored in rows:
        received += sum(part["amount_minor"] for part in stored)
        if received >= due:
            yield messages.ORDER_RECEIVED_MORE(order=order_id, place=slug, due=due, received=received)


CHECKS = (
    Check(
        "received", "What was received for an open order is less than what is due", Order.location_id, _received_more
    ),
    Check("waiting", "No order waits for card money of a ticket that is completed", Order.location_id, _paid_otherwise),
)
