"""Setting from what on an event is listed for review; the audit log keeps what stood before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.locations.models import Location, ReviewLimit
from pos.domain.locations.review_limits import ReviewLimits, review_limits
from pos.domain.staff.queries import Person


@unit_of_work
def set_review_limits(session: Session, *, location_id: UUID, limits: ReviewLimits, person: Person) -> None:
    """Set the limits of a location; raises NotFound for another's location, Invalid naming the field."""
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    session.get_one(Location, location_id, with_for_update=True)
    before, after = review_limits(session, location_id).to_json(), limits.checked().to_json()
    row = session.get(ReviewLimit, location_id)
    if row is None:
        session.add(ReviewLimit(location_id=location_id, **after))
    else:
        for name, value in after.items():
            setattr(row, name, value)
    audit.note_change(
        session, "location.review_limits", before=before, after=after, actor_id=person.id, location_id=location_id,
        subject_id=location_id,
    )  # fmt: skip
    session.flush()
