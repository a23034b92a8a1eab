"""What a desk is doing now, for the screen that faces the client: the ticket in work, the sale just completed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, Ticket


@dataclass(frozen=True)
class TicketInWork:
    """A ticket with something on it; `version` moves with every change."""

    id: UUID
    version: int
    state: str


@dataclass(frozen=True)
class JustSold:
    """A sale just completed, minor units; `token` is that of its receipt's page."""

    sale_id: UUID
    receipt: str
    token: str
    total_minor: int
    change_minor: int


def ticket_in_work(session: Session, desk_id: UUID) -> TicketInWork | None:
    """The ticket a desk is working on, where there is anything on it."""
    query = (
        select(Ticket)
        .where(Ticket.desk_id == desk_id, Ticket.state.in_(("open", "paying")))
        .order_by(Ticket.changed_at.desc())
        .limit(1)
    )
    row = session.scalar(query)
    return TicketInWork(row.id, row.version, row.state) if row is not None and row.content["lines"] else None


def just_sold(session: Session, desk: DeskPlace, within: timedelta) -> JustSold | None:
    """The last sale of a desk, where it is not longer ago and was not voided; no test sale."""
    change = select(func.coalesce(func.sum(Tender.change_minor), 0)).where(Tender.sale_id == Sale.id).scalar_subquery()
    query = (
        select(
            Sale.id, Receipt.label, Receipt.token, (Sale.total_minor + Sale.tip_minor).label("total"),
            change.label("change"),
        )
        .join(Receipt, Receipt.sale_id == Sale.id)
        .where(
            Sale.location_id == desk.place.id, Sale.desk_id == desk.id, Sale.completed_at >= clock.now() - within,
            Sale.business_on >= desk.place.today() - timedelta(days=1), Receipt.series != TEST_SERIES,
            ~is_voided(Sale.id),
        )
        .order_by(Sale.completed_at.desc(), Sale.id.desc())
        .limit(1)
    )  # fmt: skip
    row = session.execute(query).first()
    return JustSold(row.id, row.label, row.token, row.total, int(row.change)) if row else None
