"""Hiring, PINs, passwords, sign-ins and locked doors.

A PIN alone says who somebody is, so that changing the person at the desk takes nothing else. To find the person without
trying every slow hash, an HMAC of the PIN under the installation's secret is kept beside the argon2id hash: whoever steals
the database without the secret learns nothing from it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Conflict, Invalid, Locked
from pos.core.hashing import sha256_hex
from pos.core.ids import new_token
from pos.core.messages.people import (
    LOCKED_FOR_MINUTES,
    PASSWORD_TOO_SHORT,
    PIN_TAKEN,
    PIN_TOO_WEAK,
)
from pos.domain.staff.models import (
    LoginLockout,
    Staff,
    StaffLocation,
    StaffSession,
)
from pos.domain.staff.permissions import Role

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
IDLE = {"register": timedelta(minutes=30), "office": timedelta(minutes=60)}
LIFETIME = timedelta(hours=14)
SHORTEST_PASSWORD = 12

# Measured: 41 ms on two cores; the library's default takes 184 ms and 64 MiB, too much for a till.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    """Verified when nobody was found, so that an unknown address takes as long as a wrong password."""
    return _hasher.hash("nobody")


def lookup_prefix(secret: str) -> str:
    """What every PIN's key under a secret begins with: it tells keys of an older secret apart, and nothing of the secret."""
    return hmac.new(secret.encode(), b"which secret", hashlib.sha256).hexdigest()[:8]


def pin_lookup(pin: str, secret: str) -> str:
    """The key under which the person of a PIN is found."""
    mac = hmac.new(secret.encode(), b"pin:" + pin.encode(), hashlib.sha256).hexdigest()
    return lookup_prefix(secret) + mac[8:]


def verify(stored: str | None, given: str) -> bool:
    """Whether a PIN or password fits its argon2id hash; takes as long when there is none."""
    try:
        return _hasher.verify(stored or _nobody(), given) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def check_pin(pin: str) -> None:
    """Raise Invalid for a PIN that is easily guessed or seen."""
    if not re.fullmatch(r"[0-9]{6,12}", pin) or len(set(pin)) < 3:
        raise Invalid(PIN_TOO_WEAK, field="pin")


def propose_pin() -> str:
    """A random PIN of six digits that `check_pin` lets through."""
    while len(set(pin := f"{secrets.randbelow(10**6):06}")) < 3:
        pass
    return pin


def set_pin(session: Session, person: Staff, pin: str, *, secret: str) -> None:
    """Give somebody a PIN; raises Invalid for a weak one, Conflict for one that is taken, of whoever has left too."""
    check_pin(pin)
    wanted = pin_lookup(pin, secret)
    with session.no_autoflush:
        taken = session.scalar(select(Staff.id).where(Staff.pin_lookup == wanted, Staff.id.is_distinct_from(person.id)))
        older = select(Staff.pin_hash).where(
            Staff.pin_lookup.not_like(f"{lookup_prefix(secret)}%"), Staff.id.is_distinct_from(person.id)
        )
        if taken or any(verify(one, pin) for one in session.scalars(older)):
            raise Conflict(PIN_TAKEN, field="pin")
    person.pin_lookup, person.pin_hash = wanted, _hasher.hash(pin)


def check_password(password: str) -> None:
    """Raise Invalid for a password of less than 12 characters."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(PASSWORD_TOO_SHORT, field="password")


def set_password(person: Staff, password: str) -> None:
    """Give somebody a password; raises Invalid for a short one."""
    check_password(password)
    person.password_hash = _hasher.hash(password)


def end_sign_ins(session: Session, staff_id: UUID, *, face: str | None = None, but: str | None = None) -> None:
    """End somebody's sign-ins at one face or both, except that of the cookie `but`."""
    ended = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if face:
        ended = ended.where(StaffSession.face == face)
    if but:
        ended = ended.where(StaffSession.token_hash != sha256_hex(but.encode()))
    session.execute(ended)


def hire(
    session: Session,
    *,
    name: str,
    role: Role,
    locations: tuple[UUID, ...],
    secret: str,
    pin: str | None = None,
    email: str | None = None,
    password: str | None = None,
    treats: bool = False,
) -> Staff:
    """Add a person; raises Invalid for a weak PIN or password, Conflict for a PIN that is taken."""
    person = Staff(name=name, role=role.value, email=email.lower() if email else None, treats=treats, active=True)
    if pin is not None:
        set_pin(session, person, pin, secret=secret)
    if password is not None:
        set_password(person, password)
    session.add(person)
    session.flush()
    session.add_all(StaffLocation(staff_id=person.id, location_id=location_id) for location_id in locations)
    return person


def count_attempt(session: Session, door: str, *, most: int = MOST_FAILURES) -> None:
    """Count an attempt at a door before it is checked, so that guesses in parallel count too; raises Locked.

    `most` attempts lock it. The count is forgotten after LOCKED_FOR; a right attempt takes back its own with `take_back`.
    """
    now = clock.now()
    lock = session.get(LoginLockout, door, with_for_update=True, populate_existing=True)
    if lock is None:
        session.add(LoginLockout(door=door, failures=1, first_failed_at=now))
        session.flush()
        return
    if lock.locked_until and lock.locked_until > now:
        minutes = max(1, round((lock.locked_until - now).total_seconds() / 60))
        raise Locked(LOCKED_FOR_MINUTES(minutes=minutes), minutes=minutes)
    if lock.locked_until or now - lock.first_failed_at > LOCKED_FOR:
        lock.failures, lock.first_failed_at, lock.locked_until = 0, now, None
    lock.failures += 1
    if lock.failures >= most:
        lock.locked_until = now + LOCKED_FOR


def take_back(session: Session, door: str, *, most: int = MOST_FAILURES) -> None:
    """Uncount one attempt that was right; the wrong ones of others at this door stay counted."""
    lock = session.get(LoginLockout, door, with_for_update=True, populate_existing=True)
    if lock is None:
        return
    lock.failures -= 1
    if lock.failures < most:
        lock.locked_until = None
    if lock.failures <= 0:
        session.delete(lock)


def open_session(session: Session, *, staff_id: UUID, face: str, desk_id: UUID | None = None) -> str:
    """Sign a person in; returns the cookie value."""
    cookie, now = new_token(), clock.now()
    session.add(
        StaffSession(
            token_hash=sha256_hex(cookie.encode()),
            face=face,
            staff_id=staff_id,
            desk_id=desk_id,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFETIME,
        )
    )
    return cookie


def close_session(session: Session, cookie: str) -> None:
    """Sign a person out; an unknown cookie is fine."""
    session.execute(delete(StaffSession).where(StaffSession.token_hash == sha256_hex(cookie.encode())))


def touch(session: Session, cookie: str) -> None:
    """Note that a signed-in person is still there."""
    row = session.get(StaffSession, sha256_hex(cookie.encode()))
    if row is not None:
        row.seen_at = clock.now()
