"""Changing what the public reads of a location; the audit log keeps what stood before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.locations.models import Location, PublicPage
from pos.domain.locations.public_details import PublicDetails, public_details
from pos.domain.staff.queries import Person


@unit_of_work
def set_public_details(session: Session, *, location_id: UUID, details: PublicDetails, person: Person) -> None:
    """Set opening hours, closed days and texts; raises NotFound for another's location, Invalid naming the field."""
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    session.get_one(Location, location_id, with_for_update=True)
    before, after = public_details(session, location_id), details.cleaned()
    row = session.get(PublicPage, location_id)
    if row is None:
        row = PublicPage(location_id=location_id)
        session.add(row)
    for name, value in after.to_json().items():
        setattr(row, name, value)
    audit.note_change(
        session, "location.public_details", before=before.to_json(), after=after.to_json(),
        actor_id=person.id, location_id=location_id, subject_id=location_id,
    )  # fmt: skip
    session.flush()
