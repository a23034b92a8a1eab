"""An action at a location, for tests that call the domain without a use case."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place


def action(
    session: Session,
    location_id: UUID,
    *,
    key: str = "",
    on: date | None = None,
    at: datetime | None = None,
    reason: str = "",
) -> ActionContext:
    """What the system does at a location, on the day of the clock in UTC where no other is named."""
    now = at or clock.now()
    return ActionContext(place(session, location_id), on or now.date(), now, reason=reason, key=key)
