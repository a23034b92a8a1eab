"""The invariant of sales taken without the server: none is lost, none is two sales."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from pos.domain.offline_sales.models import OfflineSale
from pos.domain.sales.models import Sale, Ticket
from pos.reports.invariants.base import Check, CheckScope


def _astray(look: CheckScope) -> Iterator[str]:
    rows = look.rows(
        select(OfflineSale.id, OfflineSale.problem, Sale.id, Ticket.id)
        .outerjoin(Sale, Sale.id == OfflineSale.id)
        .outerjoin(Ticket, Ticket.id == OfflineSale.id)
        .where(look.in_scope(OfflineSale.location_id))
        .order_by(OfflineSale.id)
    )
    for key, problem, sale, ticket in rows:
        if problem is None and sale is None:
            yield f"{key} was completed, and there is no such sale."
        elif problem is not None and (ticket is None or sale is not None):
            yield f"{key} waits for a person, and there is no such ticket, or a sale as well."


CHECKS = (
    Check(
        "offline_sales",
        "Every sale taken without the server is one sale, or one ticket that waits",
        OfflineSale.location_id,
        _astray,
    ),
)
