"""Paired devices: the browser of a desk, known by its location, and one somebody signed in to the office with before.

A device holds a long-lived token; only its hash is kept. PINs count at the devices of a location alone, and at the office a
known device has a count of its own, so that whoever guesses elsewhere shuts nobody out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid, NotFound
from pos.core.hashing import sha256_hex
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, new_token
from pos.core.messages.people import DEVICE_NAME_MISSING_OR_LONG, NO_SUCH_DEVICE, NOT_LOCKED_ANY_MORE
from pos.domain.locations.models import Desk, Location
from pos.domain.staff.models import (
    LoginLockout,
    PairedDevice,
    Staff,
    StaffLocation,
    StaffSession,
)

LIFETIME = timedelta(days=365)
MOST_LABEL = 60


def pair(session: Session, *, staff_id: UUID, location_id: UUID | None, label: str) -> tuple[UUID, str]:
    """Pair a browser with a location's desks, or (no location) with somebody's account; returns its key and its token.

    Raises Invalid for a name that is missing or too long.
    """
    label = " ".join(printable(label, MOST_LABEL + 1).split())
    if location_id is not None and not 1 <= len(label) <= MOST_LABEL:
        raise Invalid(DEVICE_NAME_MISSING_OR_LONG(most=MOST_LABEL), field="label")
    device_id, token = new_id(), new_token()
    session.add(
        PairedDevice(
            id=device_id,
            token_hash=sha256_hex(token.encode()),
            location_id=location_id,
            staff_id=staff_id,
            label=label,
            paired_at=clock.now(),
        )
    )
    session.flush()
    return device_id, token


def _live(session: Session, token: str | None) -> PairedDevice | None:
    if not token:
        return None
    return session.scalar(
        select(PairedDevice).where(
            PairedDevice.token_hash == sha256_hex(token.encode()),
            PairedDevice.ended_at.is_(None),
            PairedDevice.paired_at > clock.now() - LIFETIME,
        )
    )


def location_of(session: Session, token: str | None) -> tuple[UUID, UUID] | None:
    """The key and the location of the desk device with a token, if it is paired."""
    found = _live(session, token)
    return (found.id, found.location_id) if found and found.location_id else None


def known_to(session: Session, token: str | None, email: str) -> UUID | None:
    """The key of the device with a token if the account of an address was signed in to on it before."""
    found = _live(session, token)
    if found is None or found.location_id is not None:
        return None
    return found.id if session.scalar(select(Staff.email).where(Staff.id == found.staff_id)) == email else None


@dataclass(frozen=True)
class Device:
    """A paired desk device and what stands against it. `locked_until` is None while it takes PINs."""

    device_id: UUID
    location_id: UUID
    label: str
    paired_by: str
    paired_at: datetime
    failures: int
    locked_until: datetime | None


def paired(session: Session, locations: Collection[UUID]) -> list[Device]:
    """The devices paired with the desks of some locations, the newest first."""
    now = clock.now()
    rows = session.execute(
        select(PairedDevice, Staff.name)
        .join(Staff, Staff.id == PairedDevice.staff_id)
        .where(
            PairedDevice.location_id.in_(locations),
            PairedDevice.ended_at.is_(None),
            PairedDevice.paired_at > now - LIFETIME,
        )
        .order_by(PairedDevice.paired_at.desc(), PairedDevice.id)
    ).all()
    found = []
    for device, name in rows:
        assert device.location_id is not None
        lock = session.get(LoginLockout, f"device:{device.id}")
        shut = lock.locked_until if lock and lock.locked_until and lock.locked_until > now else None
        facts = (device.id, device.location_id, device.label, name, device.paired_at)
        found.append(Device(*facts, lock.failures if lock else 0, shut))
    return found


@dataclass(frozen=True)
class Lockout:
    """A door that is locked: of a device, a desk, a person's approvals, an account, or of codes of gift cards.

    `locations` are those whose managers may unlock it: a person's are all they work at. Without any it is of the chain.
    """

    door: str
    kind: str
    name: str
    locations: frozenset[UUID]
    locked_until: datetime


def _named(session: Session, door: str) -> tuple[str, str, frozenset[UUID]] | None:
    """The kind of a door, whose it is, and its locations; None for a door of something that is no more."""
    kind, _, key = door.partition(":")
    if kind == "gift-card" and key.startswith("shop:"):
        return "gift-card-shop", key.removeprefix("shop:"), frozenset()
    if kind in ("account", "client", "reset"):
        return kind, key, frozenset()
    try:
        subject = UUID(key)
    except ValueError:
        return None
    match kind:
        case "device" | "known":
            device = session.get(PairedDevice, subject)
            if device is None:
                return None
            if kind == "known" or device.location_id is None:
                return kind, session.get_one(Staff, device.staff_id).name, frozenset()
            return kind, device.label, frozenset({device.location_id})
        case "desk" | "gift-card":
            desk = session.get(Desk, subject)
            return (kind, desk.name, frozenset({desk.location_id})) if desk else None
        case "factor" | "new-pin":
            person = session.get(Staff, subject)
            return (kind, person.name, frozenset()) if person else None
        case "person":
            person = session.get(Staff, subject)
            at = session.scalars(select(StaffLocation.location_id).where(StaffLocation.staff_id == subject))
            return (kind, person.name, frozenset(at)) if person else None
    return None


def active_lockouts(session: Session, locations: Collection[UUID], *, chain_wide: bool) -> list[Lockout]:
    """The doors that are locked now at some locations; with `chain_wide` also those of office accounts and addresses."""
    rows = session.scalars(
        select(LoginLockout).where(LoginLockout.locked_until > clock.now()).order_by(LoginLockout.door)
    )
    own, found = frozenset(locations), []
    for row in rows:
        named = _named(session, row.door)
        if named is not None and row.locked_until is not None and (named[2] & own if named[2] else chain_wide):
            found.append(Lockout(row.door, *named, row.locked_until))
    return found


def unlock(session: Session, door: str, locations: Collection[UUID], *, chain_wide: bool) -> Lockout:
    """Forget the wrong attempts at a door; raises NotFound for one that is not locked or not theirs."""
    found = next((one for one in active_lockouts(session, locations, chain_wide=chain_wide) if one.door == door), None)
    if found is None:
        raise NotFound(NOT_LOCKED_ANY_MORE)
    session.execute(delete(LoginLockout).where(LoginLockout.door == door))
    return found


def unpair(session: Session, device_id: UUID, locations: Collection[UUID]) -> PairedDevice:
    """End a pairing, and every sign-in at the desks of its location; raises NotFound."""
    found = session.get(PairedDevice, device_id)
    if found is None or found.location_id not in locations or found.ended_at is not None:
        raise NotFound(NO_SUCH_DEVICE)
    found.ended_at = clock.now()
    desks = select(Desk.id).join(Location, Location.id == Desk.location_id).where(Location.id == found.location_id)
    session.execute(delete(StaffSession).where(StaffSession.desk_id.in_(desks)))
    session.execute(delete(LoginLockout).where(LoginLockout.door == f"device:{device_id}"))
    session.flush()
    return found
