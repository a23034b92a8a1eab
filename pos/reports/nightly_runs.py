"""What the last night did at each location."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.locations.queries import Place
from pos.domain.operations.models import NightRun


@dataclass(frozen=True)
class NightDone:
    """A nightly job of a location that was done, and its outcome in words."""

    place: Place
    job: str
    done_at: datetime
    outcome: str


def last_nights(session: Session, places: tuple[Place, ...]) -> list[NightDone]:
    """The last run of each nightly job, by location."""
    known = {place.id: place for place in places}
    rows = session.scalars(
        select(NightRun)
        .where(NightRun.location_id.in_(known), NightRun.done_at.is_not(None))
        .order_by(NightRun.location_id, NightRun.done_at, NightRun.job)
    )
    return [NightDone(known[row.location_id], row.job, row.done_at, row.outcome) for row in rows if row.done_at]
