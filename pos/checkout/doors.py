"""Signing in and out: attempts are counted before they are checked, in a transaction of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.clients import service as clients
from pos.clients.queries import by_email
from pos.kernel import audit, outbox
from pos.kernel.db import reading
from pos.kernel.errors import Invalid, NotAllowed
from pos.kernel.running import settings
from pos.kernel.texts import printable
from pos.kernel.unit_of_work import unit_of_work
from pos.locations.queries import desk_place
from pos.staff import approvals
from pos.staff import service as staff
from pos.staff.queries import Person, by_address, by_pin_lookup
from pos.staff.rules import Permission


@dataclass(frozen=True)
class Opened:
    """A sign-in: who, and the cookie value that proves it."""

    person: Person
    cookie: str


@unit_of_work
def _knock(session: Session, door: str) -> None:
    staff.knock(session, door)


@unit_of_work
def _enter(session: Session, door: str, person: Person, face: str, desk_id: UUID | None, old: str | None) -> str:
    staff.opened(session, door)
    if old:
        staff.close_session(session, old)
    audit.note(session, f"{face}.sign_in", actor_kind="staff", actor_id=person.id, subject_id=desk_id)
    return staff.open_session(session, staff_id=person.id, face=face, desk_id=desk_id)


def sign_in_by_pin(*, desk_id: UUID, pin: str, old_cookie: str | None = None) -> Opened:
    """Sign the person of a PIN in at a desk; raises Locked, Invalid for a wrong PIN, NotAllowed for another location.

    Five wrong PINs at a desk lock it for 15 minutes; the count is in the database.
    """
    place = desk_place(reading(), desk_id).place
    door = f"desk:{desk_id}"
    _knock(door)
    found = by_pin_lookup(reading(), staff.pin_lookup(pin, settings().secret_key))
    fits = staff.verify(found[1] if found else None, pin)
    if found is None or not fits:
        raise Invalid("That PIN is not right.", field="pin")
    person = found[0]
    if place.id not in person.locations or not person.may(Permission.RING_UP):
        raise NotAllowed("You cannot ring up sales at this desk. Ask a manager.")
    return Opened(person, _enter(door, person, "register", desk_id, old_cookie))


def sign_in_by_password(*, email: str, password: str, old_cookie: str | None = None) -> Opened:
    """Sign somebody in to the office; raises Locked, Invalid for a wrong pair, NotAllowed for a role without reports."""
    address = printable(email, 300).lower()
    door = f"office:{address}"
    _knock(door)
    found = by_address(reading(), address)
    fits = staff.verify(found[1] if found else None, password)
    if found is None or not fits:
        raise Invalid("The address or the password is not right.", field="password")
    person = found[0]
    if not person.may(Permission.SEE_REPORTS):
        raise NotAllowed("The office is for managers, owners and bookkeepers.")
    return Opened(person, _enter(door, person, "office", None, old_cookie))


@unit_of_work
def _consent(session: Session, door: str, asked: dict[str, Any], pin: str) -> UUID:
    consent = approvals.approve(session, pin=pin, secret=settings().secret_key, **asked)
    staff.opened(session, door)
    audit.note(
        session,
        "approval.give",
        actor_kind="staff",
        actor_id=consent.approver_id,
        location_id=consent.location_id,
        subject_id=consent.subject_id,
        what=consent.action,
        amount_minor=consent.amount_minor,
        asked_by=str(consent.asked_by),
    )
    return consent.id


def give_approval(
    *, desk_id: UUID, asked_by: UUID, action: str, subject_id: UUID, amount_minor: int | None, pin: str
) -> UUID:
    """Take a second person's PIN as consent to one deed at a desk; returns its key, good for two minutes and one use.

    Raises Locked after five wrong PINs, Invalid, NotAllowed.
    """
    place = desk_place(reading(), desk_id).place
    door = f"approval:{desk_id}"
    _knock(door)
    asked = {
        "action": action, "subject_id": subject_id, "amount_minor": amount_minor,
        "location_id": place.id, "asked_by": asked_by,
    }  # fmt: skip
    return _consent(door, asked, pin)


@unit_of_work
def sign_out(session: Session, cookie: str) -> None:
    """End a desk or office sign-in."""
    staff.close_session(session, cookie)


@unit_of_work
def note_presence(session: Session, cookie: str) -> None:
    """Note that a signed-in person is still there."""
    staff.touch(session, cookie)


@unit_of_work
def ask_for_link(session: Session, *, email: str, locale: str) -> None:
    """Mail a sign-in link if the address is a client's; the answer is the same if it is not. Raises Invalid."""
    address = clients.normal_email(email)
    client = by_email(session, address)
    if client is not None:
        token = clients.make_link(session, client.id)
        outbox.record(
            session,
            "client_link",
            {"to": address, "link": f"{settings().base_url}/account/enter/{token}", "locale": locale},
        )


@unit_of_work
def enter_by_link(session: Session, *, token: str) -> str:
    """Trade a mailed link for a sign-in, once; returns the cookie value. Raises Invalid."""
    return clients.use_link(session, token)


@unit_of_work
def client_sign_out(session: Session, cookie: str) -> None:
    """End a client's sign-in."""
    clients.close_session(session, cookie)
