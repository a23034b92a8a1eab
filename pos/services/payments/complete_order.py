"""Makes a paid order a sale, at exactly the prices that were stored when it was placed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.domain.clients.queries import name_of
from pos.domain.locations.cash_rounding import EXACT
from pos.domain.locations.queries import desk_place, place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.payments.received import received
from pos.domain.sales import repository as sales
from pos.domain.sales.cart_json import cart_from_json
from pos.domain.sales.carts import move, ticket_of
from pos.domain.sales.models import Order
from pos.domain.sales.pricing import Settlement, settle_parts
from pos.domain.sales.repository import SaleDraft
from pos.domain.till.shifts import lock_open_shift
from pos.services.buyers import make_client
from pos.services.checkout.complete_sale import Known, complete
from pos.services.checkout.price_cart import Grant


def complete_order(
    session: Session, order: Order, *, is_last_in_cash: bool = False, trial: PaymentAttempt | None = None
) -> Settlement:
    """Make a locked order a sale at its frozen prices, and who bought it in the shop a client.

    All of it was received; where the last part was in cash, that is rounded. `trial` is the attempt that is to be asked for
    next: it counts as if it had paid all that is left. Raises what `complete` raises, and Conflict for a closed drawer.
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
    so_far = received(session, order)
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
        tip_minor=order.tip_minor + so_far.tip_minor,
        tip_staff_id=order.tip_staff_id,
        content_hash=order.content_hash,
    )
    settlement = settle_parts(
        so_far.due_minor,
        card_minor=so_far.card_minor + (so_far.rest_minor if trial else 0),
        cash_tendered_minor=so_far.cash_minor,
        stored=so_far.stored,
        rounding=where.cash if is_last_in_cash else EXACT,
    )
    complete(
        session,
        where,
        agreed,
        cart,
        settlement,
        grants={UUID(item): Grant.from_json(grant) for item, grant in order.grants.items()},
        desk=desk,
        shift=shift,
        charged=[*so_far.cards, *([trial] if trial else [])],
        known=Known(name_of(session, order.client_id) if order.client_id else ""),
    )
    return settlement
