"""Reading what was taken without the server."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.offline_sales.models import OfflineSale


def problems_of(session: Session, ticket_ids: Collection[UUID]) -> dict[UUID, str]:
    """Why sales taken without the server wait as these tickets, by their key."""
    if not ticket_ids:
        return {}
    rows = session.execute(
        select(OfflineSale.id, OfflineSale.problem).where(
            OfflineSale.id.in_(ticket_ids), OfflineSale.problem.is_not(None)
        )
    )
    return {row.id: row.problem for row in rows}
