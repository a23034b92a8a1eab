"""The list of closed days and months."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.books import NO_SUCH_CLOSING
from pos.domain.ledger.models import Closing
from pos.reports.period import Scope


def closings_list(session: Session, scope: Scope) -> list[Closing]:
    """The closings whose period begins in a scope, newest first, months before their days."""
    return list(
        session.scalars(
            select(Closing)
            .where(Closing.location_id.in_(scope.location_ids), Closing.period_on.between(scope.from_on, scope.to_on))
            .order_by(Closing.period_on.desc(), Closing.kind.desc(), Closing.location_id)
        )
    )


def closing_of(session: Session, closing_id: UUID, location_ids: frozenset[UUID]) -> Closing:
    """A closing of one of some locations; raises NotFound."""
    row = session.get(Closing, closing_id)
    if row is None or row.location_id not in location_ids:
        raise NotFound(NO_SUCH_CLOSING)
    return row
