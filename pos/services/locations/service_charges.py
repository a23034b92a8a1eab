"""Adding and changing the service charges of a location. What was sold keeps what it was charged."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.hashing import digest
from pos.core.messages.catalogue import SERVICE_CHARGES_CHANGED_MEANWHILE
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.locations.models import Location
from pos.domain.locations.service_charge_rules import ServiceCharge
from pos.domain.staff.queries import Person


def state_token(rule: ServiceCharge | None) -> str:
    """A print of a rule, by which an edit notices that somebody was faster; empty for one that is not there."""
    return digest(rule.to_json())[:24] if rule else ""


@unit_of_work
def set_service_charge(session: Session, *, location_id: UUID, rule: ServiceCharge, seen: str, person: Person) -> None:
    """Add a charge, or change the one of the same key; it is never removed, but may be given a last day.

    `seen` is the print of the charge as the person saw it. Raises NotFound for another's location, Invalid naming the
    field, Conflict when somebody was faster.
    """
    row = session.get(Location, location_id, with_for_update=True, populate_existing=True)
    if row is None or location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    rules = [ServiceCharge.from_json(one) for one in row.service_charges]
    before = next((one for one in rules if one.key == rule.key), None)
    others = [one for one in rules if one.key != rule.key]
    after = rule.checked(others)
    kept = before.tax_category if before else None
    if after.tax_category != kept and after.tax_category not in tax_category_names(session, active=True):
        raise Invalid(CHOOSE_ONE_OF_THESE, field="tax_category")
    if after == before:
        return
    if seen != state_token(before):
        raise Conflict(SERVICE_CHARGES_CHANGED_MEANWHILE)
    row.service_charges = [
        (after if one.key == rule.key else one).to_json() for one in (rules if before else [*rules, after])
    ]
    audit.note_change(
        session, "service_charge.changed" if before else "service_charge.added",
        before=before.to_json() if before else {}, after=after.to_json(),
        actor_id=person.id, location_id=location_id, subject_id=rule.key,
    )  # fmt: skip
