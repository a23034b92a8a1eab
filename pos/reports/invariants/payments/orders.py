"""Invariants of orders: what waits for card money waits for nothing that was paid in another way."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from pos.domain.locations.models import Location
from pos.domain.sales.models import Order, Sale, Ticket
from pos.reports.invariants.base import Check, CheckScope


def _paid_otherwise(look: CheckScope) -> Iterator[str]:
    sold = select(Sale.id).where((Sale.id == Order.id) | (Sale.ticket_id == Order.ticket_id)).correlate(Order).exists()
    rows = look.rows(
        select(Order.id, Location.slug)
        .join(Location, Location.id == Order.location_id)
        .outerjoin(Ticket, Ticket.id == Order.ticket_id)
        .where(look.in_scope(Order.location_id), Order.state == "placed", or_(Ticket.state == "completed", sold))
        .order_by(Order.placed_at, Order.id)
    )
    for order_id, slug in rows:
        yield f"Order {order_id} at {slug} waits for a card, and its ticket is completed already."


CHECKS = (
    Check("waiting", "No order waits for card money of a ticket that is completed", Order.location_id, _paid_otherwise),
)
