"""The visits of a client at any location, newest first, and the sales they were part of."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, select, union_all
from sqlalchemy.orm import Session

from pos.domain.clients.habits import NEWEST, Visit
from pos.domain.clients.persons import is_of
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff


def visits_of(session: Session, client_id: UUID, *, limit: int = NEWEST) -> list[Visit]:
    """The newest treatments of a client, all their records together, but for sales that were voided: one statement.

    Those on a ticket of somebody else that name them, and not those that their own ticket has for another person.
    """
    of_them = union_all(
        select(SaleLine.sale_id, SaleLine.position)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(is_of(Sale.client_id, client_id), SaleLine.person_id.is_(None), SaleLine.kind == "variant"),
        select(SaleLine.sale_id, SaleLine.position).where(
            is_of(SaleLine.person_id, client_id), SaleLine.kind == "variant"
        ),
    ).subquery()
    query = (
        select(Sale.id, Sale.business_on, SaleLine.item_id, SaleLine.name, SaleLine.therapist_id, Staff.name)
        .join_from(of_them, Sale, Sale.id == of_them.c.sale_id)
        .join(SaleLine, and_(SaleLine.sale_id == of_them.c.sale_id, SaleLine.position == of_them.c.position))
        .outerjoin(Staff, Staff.id == SaleLine.therapist_id)
        .where(~is_voided(Sale.id))
        .order_by(Sale.completed_at.desc(), Sale.id.desc(), SaleLine.position)
        .limit(limit)
    )
    return [Visit(*row[:5], row[5] or "") for row in session.execute(query)]
