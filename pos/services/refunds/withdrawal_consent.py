"""Withdrawing from an online purchase: the client's express request to begin early, which decides what comes back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.messages.refunds import NO_SUCH_ONLINE_PURCHASE, WITHDRAWAL_PERIOD_OVER
from pos.domain.credits.rules.refund_policies import may_withdraw
from pos.domain.locations.queries import place
from pos.domain.refunds import repository as refunds
from pos.domain.sales.models import Order, Sale


@unit_of_work
def record_express_request(session: Session, sale_id: UUID, *, staff_id: UUID | None) -> None:
    """Record that a client asks for sessions before the time to withdraw is over; doing it twice changes nothing.

    Raises NotFound for what was not bought online, Conflict where the law gives no time to withdraw, or it is over.
    """
    order, sale = session.get(Order, sale_id), session.get(Sale, sale_id)
    if order is None or sale is None or sale.channel != "shop":
        raise NotFound(NO_SUCH_ONLINE_PURCHASE)
    where = place(session, sale.location_id)
    if not may_withdraw(online=True, country=where.country, bought_on=sale.business_on, today=where.today()):
        raise Conflict(WITHDRAWAL_PERIOD_OVER)
    refunds.request_immediate_start(session, sale_id, at=clock.now(), staff_id=staff_id)
    audit.note(
        session,
        "withdrawal.begin_early",
        actor_kind="staff" if staff_id else "client",
        actor_id=staff_id or sale.client_id,
        location_id=sale.location_id,
        subject_id=sale_id,
    )
