"""Whose PIN it is, among those who may do a thing at a location.

A PIN's key (`pin_lookup`) begins with a print of the secret it was made under. Keys of an older secret are not found by it,
so those people's hashes are tried one by one and the key is written anew: another SECRET_KEY signs people out and locks
nobody out.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.staff.credentials import lookup_prefix, pin_lookup, verify
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Permission, Role, may


def person_of_pin(
    session: Session, pin: str, *, secret: str, location_id: UUID, permission: Permission, but: UUID | None = None
) -> UUID | None:
    """The person of a PIN who works at a location and may do a thing; None for any other PIN.

    Whoever may not is not looked for: the answer to their PIN, and the time it takes, is that of a wrong one.
    """
    works = select(StaffLocation.staff_id).where(StaffLocation.location_id == location_id)
    rows = session.execute(
        select(Staff.id, Staff.role, Staff.pin_lookup, Staff.pin_hash).where(
            Staff.active, Staff.pin_hash.is_not(None), Staff.id.in_(works)
        )
    ).all()
    able = [row for row in rows if may(Role(row.role), permission) and row.id != but]
    wanted, current = pin_lookup(pin, secret), lookup_prefix(secret)
    found = next((row for row in able if row.pin_lookup == wanted), None)
    fits = verify(found.pin_hash if found else None, pin)
    if found is not None and fits:
        return UUID(str(found.id))
    older = [row.id for row in able if not (row.pin_lookup or "").startswith(current) and verify(row.pin_hash, pin)]
    return older[0] if older else None


def write_key(session: Session, staff_id: UUID, pin: str, *, secret: str) -> None:
    """Write the key of a PIN that was right under the secret of now, if it has one of an older secret."""
    person, wanted = session.get_one(Staff, staff_id), pin_lookup(pin, secret)
    if person.pin_lookup != wanted and session.scalar(select(Staff.id).where(Staff.pin_lookup == wanted)) is None:
        person.pin_lookup = wanted
        session.flush()
