"""The invariant of sales taken without the server: none is lost, none is two sales."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from pos.core.i18n.message import Message
from pos.core.messages.kept import payment_checks as messages
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.sales.models import Sale, Ticket
from pos.reports.invariants.base import Check, CheckScope


def _astray(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(OfflineSale.id, OfflineSale.problem, Sale.id, Ticket.id)
        .outerjoin(Sale, Sale.id == OfflineSale.id)
        .outerjoin(Ticket, Ticket.id == OfflineSale.id)
        .where(look.in_scope(OfflineSale.location_id))
        .order_by(OfflineSale.id)
    )
    for key, problem, sale, ticket in rows:
        if problem is None and sale is None:
            yield messages.OFFLINE_SALE_MISSING(sale=key)
        elif problem is not None and sale is not None:
            yield messages.OFFLINE_SALE_TWICE(sale=key)
        elif problem is not None and ticket is None:
            yield messages.OFFLINE_TICKET_MISSING(sale=key)


CHECKS = (
    Check(
        "offline_sales",
        "Every sale taken without the server is one sale, or one ticket that waits",
        OfflineSale.location_id,
        _astray,
    ),
)
