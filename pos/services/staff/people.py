"""People who work here: added, changed, deactivated at once, taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NotAllowed
from pos.core.i18n.sanitize import printable
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.core.messages.people import (
    LICENCE_NUMBER_TOO_LONG,
    LOCATION_NOT_YOURS,
    NOT_YOUR_OWN_ROLE,
    NOT_YOURSELF,
    NPI_WRONG,
    ONLY_OWNER_CHANGES_OWNER,
    STAFF_EMAIL_TAKEN,
    STAFF_LOCATIONS_MISSING,
    STAFF_NAME_MISSING_OR_LONG,
)
from pos.domain.clients.registration import normal_email
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import tier_names
from pos.domain.staff.credentials import end_sign_ins
from pos.domain.staff.links import end_links
from pos.domain.staff.models import Approval, PairedDevice, Staff, StaffLocation, StaffSession
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person, by_key
from pos.services.staff.access import Reach, keep_an_owner, reach_of, staff_to_change


@dataclass(frozen=True)
class StaffTerms:
    """What the clinic keeps of somebody who works here, beside how they sign in."""

    name: str
    role: Role
    locations: frozenset[UUID]
    email: str | None = None
    treats: bool = False
    tier: int = 0
    licence_number: str | None = None
    npi: str | None = None

    def checked(self) -> StaffTerms:
        """The same in one spelling; raises Invalid naming the field."""
        name = printable(self.name, 200)
        if not 0 < len(name) <= 80:
            raise Invalid(STAFF_NAME_MISSING_OR_LONG, field="name")
        email = normal_email(self.email) if self.email and self.email.strip() else None
        licence = printable(self.licence_number or "", 200) or None
        if licence and len(licence) > 40:
            raise Invalid(LICENCE_NUMBER_TOO_LONG, field="licence_number")
        npi = re.sub(r"\s", "", self.npi or "") or None
        if npi and not is_npi(npi):
            raise Invalid(NPI_WRONG, field="npi")
        return StaffTerms(name, self.role, self.locations, email, self.treats, self.tier, licence, npi)


def is_npi(text: str) -> bool:
    """Whether ten digits pass the check digit of a National Provider Identifier: Luhn's, after the prefix 80840."""
    if not re.fullmatch(r"[12][0-9]{9}", text):
        return False
    digits = [int(digit) for digit in reversed(f"80840{text}")]
    doubled = [2 * digit - 9 if digit > 4 else 2 * digit for digit in digits[1::2]]
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def terms_of(session: Session, staff_id: UUID) -> StaffTerms:
    """What is kept of somebody."""
    row, person = session.get_one(Staff, staff_id), by_key(session, staff_id)
    return StaffTerms(
        row.name, person.role, person.locations, row.email, row.treats, row.tier, row.licence_number, row.npi
    )


def _fields(terms: StaffTerms) -> dict[str, Any]:
    return {
        "name": terms.name, "role": terms.role.value, "email": terms.email, "treats": terms.treats, "tier": terms.tier,
        "licence_number": terms.licence_number, "npi": terms.npi,
        "locations": sorted(str(one) for one in terms.locations),
    }  # fmt: skip


def _actor(person: Person | None) -> UUID | None:
    return person.id if person else None


def _check_place(session: Session, reach: Reach, terms: StaffTerms, staff_id: UUID) -> None:
    """Refuse a role, locations, a tier or an address that somebody cannot have, or `reach` cannot give."""
    if terms.role is Role.OWNER and reach.person.role is not Role.OWNER:
        raise NotAllowed(ONLY_OWNER_CHANGES_OWNER, field="role")
    if not terms.locations:
        raise Invalid(STAFF_LOCATIONS_MISSING, field="locations")
    known = frozenset(session.scalars(select(Location.id)))
    if not terms.locations <= (known if reach.everywhere else known & reach.person.locations):
        raise Invalid(LOCATION_NOT_YOURS, field="locations")
    if terms.tier not in tier_names(session):
        raise Invalid(CHOOSE_ONE_OF_THESE, field="tier")
    if terms.email:
        taken = select(Staff.id).where(Staff.email == terms.email, Staff.id != staff_id)
        if session.scalar(taken) is not None:
            raise Conflict(STAFF_EMAIL_TAKEN, field="email")


def _write(session: Session, row: Staff, terms: StaffTerms) -> None:
    row.name, row.role, row.email = terms.name, terms.role.value, terms.email
    row.treats, row.tier = terms.treats, terms.tier
    row.licence_number, row.npi = terms.licence_number, terms.npi
    session.flush()
    kept = frozenset(session.scalars(select(StaffLocation.location_id).where(StaffLocation.staff_id == row.id)))
    if left := kept - terms.locations:
        session.execute(
            delete(StaffLocation).where(StaffLocation.staff_id == row.id, StaffLocation.location_id.in_(left))
        )
        desks = select(Desk.id).where(Desk.location_id.in_(left))
        session.execute(delete(StaffSession).where(StaffSession.staff_id == row.id, StaffSession.desk_id.in_(desks)))
    session.add_all(StaffLocation(staff_id=row.id, location_id=one) for one in sorted(terms.locations - kept))
    session.flush()


@unit_of_work
def add_person(session: Session, *, staff_id: UUID, terms: StaffTerms, person: Person | None) -> UUID:
    """Add somebody, without a way to sign in yet; the same key twice adds once. `person` is None on the server itself.

    Raises Invalid naming the field, NotAllowed, and Conflict for an address that somebody has.
    """
    terms, reach = terms.checked(), reach_of(session, person)
    if session.get(Staff, staff_id) is not None:
        return staff_id
    _check_place(session, reach, terms, staff_id)
    row = Staff(id=staff_id, name=terms.name, role=terms.role.value, active=True)
    session.add(row)
    session.flush()
    _write(session, row, terms)
    audit.note_change(
        session, "staff.added", before={}, after=_fields(terms), actor_id=_actor(person),
        subject_id=staff_id, location_id=min(terms.locations),
    )  # fmt: skip
    return staff_id


@unit_of_work
def change_person(session: Session, *, staff_id: UUID, terms: StaffTerms, person: Person | None) -> None:
    """Change what is kept of somebody; sign-ins at desks of a location they leave end.

    `person` is None on the server itself. Raises NotFound, Invalid naming the field, NotAllowed, and Conflict for a taken
    address or the last owner.
    """
    terms = terms.checked()
    row = staff_to_change(session, staff_id, person)
    before = terms_of(session, staff_id)
    if staff_id == _actor(person) and (terms.role is not before.role or before.locations - terms.locations):
        raise NotAllowed(NOT_YOUR_OWN_ROLE, field="role" if terms.role is not before.role else "locations")
    _check_place(session, reach_of(session, person), terms, staff_id)
    if before.role is Role.OWNER and terms.role is not Role.OWNER:
        keep_an_owner(session, staff_id, person)
    _write(session, row, terms)
    if terms.email != before.email:
        end_links(session, staff_id)
    audit.note_change(
        session, "staff.changed", before=_fields(before), after=_fields(terms), actor_id=_actor(person),
        subject_id=staff_id, location_id=min(terms.locations),
    )  # fmt: skip


@unit_of_work
def deactivate(session: Session, *, staff_id: UUID, person: Person | None) -> None:
    """Lock somebody out at once: sign-ins at desks and in the office, known browsers, links and consents end with this.

    Raises NotFound, NotAllowed, and Conflict for the last owner.
    """
    row = staff_to_change(session, staff_id, person)
    if staff_id == _actor(person):
        raise NotAllowed(NOT_YOURSELF)
    if not row.active:
        return
    keep_an_owner(session, staff_id, person)
    row.active = False
    session.flush()
    _end_everything(session, staff_id, clock.now())
    _note_active(session, row, person)


@unit_of_work
def take_back(session: Session, *, staff_id: UUID, person: Person | None) -> None:
    """Let somebody work here again, with the PIN and password they had; raises NotFound, NotAllowed."""
    row = staff_to_change(session, staff_id, person)
    if not row.active:
        row.active = True
        session.flush()
        _note_active(session, row, person)


def _note_active(session: Session, row: Staff, person: Person | None) -> None:
    audit.note_change(
        session, "staff.changed", before={"active": not row.active}, after={"active": row.active},
        actor_id=_actor(person), subject_id=row.id, location_id=min(by_key(session, row.id).locations, default=None),
    )  # fmt: skip


def _end_everything(session: Session, staff_id: UUID, now: datetime) -> None:
    end_sign_ins(session, staff_id)
    end_links(session, staff_id)
    session.execute(
        update(PairedDevice)
        .where(PairedDevice.staff_id == staff_id, PairedDevice.location_id.is_(None), PairedDevice.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(
        update(Approval).where(Approval.approver_id == staff_id, Approval.used_at.is_(None)).values(used_at=now)
    )
