"""Reads of what is kept about operations."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.operations.models import BalanceImport

NEWEST = 100


def imports_of(session: Session, location_id: UUID) -> list[BalanceImport]:
    """The newest imports of opening balances at a location."""
    query = select(BalanceImport).where(BalanceImport.location_id == location_id)
    return list(session.scalars(query.order_by(BalanceImport.at.desc(), BalanceImport.id).limit(NEWEST)))
