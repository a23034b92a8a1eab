"""Signing in and out: attempts are counted before they are checked, in a transaction of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotAllowed
from pos.core.i18n.sanitize import printable
from pos.core.messages.people import ADDRESS_OR_PASSWORD_WRONG, BROWSER_NOT_PAIRED, PIN_WRONG
from pos.domain.clients import registration as clients
from pos.domain.clients.queries import lock_by_email
from pos.domain.locations.queries import desk_place
from pos.domain.staff import approvals, devices, links, pin_lookup, second_factors
from pos.domain.staff import credentials as staff
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person, by_address, by_key

# Wrong passwords from one network address: a clinic's people share one.
MOST_OF_AN_ADDRESS = 20


@dataclass(frozen=True)
class Opened:
    """A sign-in: who, the cookie value that proves it, and the token of a browser that is known from now on."""

    person: Person
    cookie: str
    device: str | None = None


@unit_of_work
def count_attempts(session: Session, doors: dict[str, int]) -> None:
    """Count an attempt at each door, in a transaction of its own; raises Locked."""
    for door, most in doors.items():
        staff.count_attempt(session, door, most=most)


def take_back_attempts(session: Session, doors: dict[str, int]) -> None:
    """Uncount an attempt that was right, in the transaction of what it opened."""
    for door, most in doors.items():
        staff.take_back(session, door, most=most)


def _open(session: Session, person: Person, face: str, desk_id: UUID | None, old: str | None) -> str:
    if old:
        staff.close_session(session, old)
    audit.note(session, f"{face}.sign_in", actor_id=person.id, subject_id=desk_id)
    return staff.open_session(session, staff_id=person.id, face=face, desk_id=desk_id)


def needs_pairing() -> bool:
    """Whether PINs count at paired devices alone: everywhere but on the machine itself, where the demo runs."""
    return not settings().local


def _desk_door(desk_id: UUID, location_id: UUID, device: str | None) -> str:
    """Where PINs are counted: at the paired device. Raises NotAllowed for a browser that is not paired there."""
    found = devices.location_of(reading(), device)
    if found and found[1] == location_id:
        return f"device:{found[0]}"
    if needs_pairing():
        raise NotAllowed(BROWSER_NOT_PAIRED)
    return f"desk:{desk_id}"


@unit_of_work
def _sign_in_at_desk(
    session: Session, doors: dict[str, int], person: Person, pin: str, desk_id: UUID, old: str | None
) -> str:
    take_back_attempts(session, doors)
    pin_lookup.write_key(session, person.id, pin, secret=settings().secret_key)
    return _open(session, person, "register", desk_id, old)


def sign_in_by_pin(*, desk_id: UUID, pin: str, device: str | None = None, old_cookie: str | None = None) -> Opened:
    """Sign the person of a PIN in at a desk; `device` is the token of the browser.

    Raises NotAllowed for a browser that is not paired, Locked, and Invalid for a PIN that is wrong or may not ring up here:
    one answer for both. Five such PINs lock the device for 15 minutes; the count is in the database, and a right PIN takes
    back its own attempt only.
    """
    place = desk_place(reading(), desk_id).place
    doors = {_desk_door(desk_id, place.id, device): staff.MOST_FAILURES}
    count_attempts(doors)
    found = pin_lookup.person_of_pin(
        reading(), pin, secret=settings().secret_key, location_id=place.id, permission=Permission.RING_UP
    )
    if found is None:
        raise Invalid(PIN_WRONG, field="pin")
    person = by_key(reading(), found)
    return Opened(person, _sign_in_at_desk(doors, person, pin, desk_id, old_cookie))


@unit_of_work
def _sign_in_to_office(
    session: Session, doors: dict[str, int], person: Person, known: UUID | None, old: str | None
) -> tuple[str, str | None]:
    take_back_attempts(session, doors)
    token = None if known else devices.pair(session, staff_id=person.id, location_id=None, label="")[1]
    return _open(session, person, "office", None, old), token


@dataclass(frozen=True)
class CodeNeeded:
    """The password was right and the sign-in asks for a code: whoever brings it with this token within 5 minutes is in."""

    token: str


@unit_of_work
def _ask_for_code(session: Session, doors: dict[str, int], person: Person) -> CodeNeeded:
    take_back_attempts(session, doors)
    return CodeNeeded(links.make_link(session, person.id, "code"))


def sign_in_by_password(
    *, email: str, password: str, address: str = "", device: str | None = None, old_cookie: str | None = None
) -> Opened | CodeNeeded:
    """Sign somebody in to the office, or ask for the code of their second factor.

    `address` is the client's, `device` the token of a browser they signed in on before.

    Raises Locked, and Invalid for a wrong pair or a role without reports: one answer for both. Wrong passwords count for
    the account (5) and the client's address (20). A known device has a count of its own, so strangers do not lock it.
    """
    account = printable(email, 300).lower()
    known = devices.known_to(reading(), device, account)
    doors = {f"account:{account}": staff.MOST_FAILURES, f"client:{address[:100]}": MOST_OF_AN_ADDRESS}
    if known:
        doors = {f"known:{known}": staff.MOST_FAILURES}
    count_attempts(doors)
    found = by_address(reading(), account)
    fits = staff.verify(found[1] if found else None, password)
    if found is None or not fits or not found[0].may(Permission.OWN):
        raise Invalid(ADDRESS_OR_PASSWORD_WRONG, field="password")
    if second_factors.has_second_factor(reading(), found[0].id):
        return _ask_for_code(doors, found[0])
    value, token = _sign_in_to_office(doors, found[0], known, old_cookie)
    return Opened(found[0], value, token)


@unit_of_work
def _sign_in_with_code(
    session: Session, token: str, code: str, doors: dict[str, int], device: str | None, old: str | None
) -> Opened:
    person = by_key(session, links.use_link(session, token, ("code",))[0])
    kind = second_factors.take_code(session, person.id, code)
    take_back_attempts(session, doors)
    if kind == "recovery":
        audit.note(session, "staff.recovery_code_used", actor_id=person.id, subject_id=person.id)
    email = session.get_one(Staff, person.id).email or ""
    known = devices.known_to(session, device, email)
    paired = None if known else devices.pair(session, staff_id=person.id, location_id=None, label="")[1]
    return Opened(person, _open(session, person, "office", None, old), paired)


def sign_in_by_code(*, token: str, code: str, device: str | None = None, old_cookie: str | None = None) -> Opened:
    """Finish an office sign-in by the code of the app or a recovery code; each is good once.

    Raises Invalid for a wrong code (field `code`) and for a token that is used or older than 5 minutes (no field), Locked
    after five wrong codes of one person.
    """
    staff_id, _ = links.person_of_link(reading(), token, ("code",))
    doors = {f"factor:{staff_id}": staff.MOST_FAILURES}
    count_attempts(doors)
    return _sign_in_with_code(token, code, doors, device, old_cookie)


@unit_of_work
def _consent(session: Session, doors: dict[str, int], terms: dict[str, Any], pin: str) -> UUID:
    consent = approvals.approve(session, **terms)
    take_back_attempts(session, doors)
    pin_lookup.write_key(session, consent.approver_id, pin, secret=settings().secret_key)
    audit.note(
        session,
        "approval.give",
        actor_id=consent.approver_id,
        location_id=consent.location_id,
        subject_id=consent.subject_id,
        what=consent.action,
        amount_minor=consent.amount_minor,
        asked_by=str(consent.asked_by),
    )
    return consent.id


def give_approval(
    *,
    desk_id: UUID,
    asked_by: UUID,
    action: str,
    subject_id: UUID,
    amount_minor: int | None,
    pin: str,
    device: str | None = None,
    content_hash: str | None = None,
) -> UUID:
    """Take a second person's PIN as consent to one action at a desk; returns its key, good for two minutes and one use.

    Raises NotAllowed for a browser that is not paired, Locked, and Invalid for a PIN that is wrong, the asking person's
    own, or of somebody who may not approve here: one answer for all. Wrong PINs count for the device and for who asks.
    """
    place = desk_place(reading(), desk_id).place
    doors = dict.fromkeys((_desk_door(desk_id, place.id, device), f"person:{asked_by}"), staff.MOST_FAILURES)
    count_attempts(doors)
    found = pin_lookup.person_of_pin(
        reading(), pin, secret=settings().secret_key, location_id=place.id, permission=Permission.APPROVE, but=asked_by
    )
    if found is None:
        raise Invalid(PIN_WRONG, field="pin")
    terms = {
        "action": action, "subject_id": subject_id, "amount_minor": amount_minor,
        "location_id": place.id, "asked_by": asked_by, "approver_id": found,
        "content_hash": content_hash,
    }  # fmt: skip
    return _consent(doors, terms, pin)


@unit_of_work
def pair_device(session: Session, *, location_id: UUID, label: str, person: Person) -> str:
    """Pair a browser with the desks of a location; returns its token. Raises Invalid."""
    device_id, token = devices.pair(session, staff_id=person.id, location_id=location_id, label=label)
    audit.note(session, "device.pair", actor_id=person.id, location_id=location_id, subject_id=device_id)
    return token


@unit_of_work
def unpair_device(session: Session, *, device_id: UUID, own: frozenset[UUID], person: Person) -> None:
    """End the pairing of a desk's browser, and the sign-ins at the desks of its location; raises NotFound."""
    found = devices.unpair(session, device_id, own)
    audit.note(session, "device.unpair", actor_id=person.id, location_id=found.location_id, subject_id=device_id)


@unit_of_work
def unlock_login(session: Session, *, door: str, own: frozenset[UUID], chain_wide: bool, person: Person) -> None:
    """Forget the wrong attempts at a locked door; raises NotFound for what is not locked or not theirs."""
    found = devices.unlock(session, door, own, chain_wide=chain_wide)
    where = min(found.locations & own, default=None)
    audit.note(session, "door.unlock", actor_id=person.id, location_id=where, door=found.door)


@unit_of_work
def sign_out(session: Session, cookie: str) -> None:
    """End a desk or office sign-in."""
    staff.close_session(session, cookie)


@unit_of_work
def note_presence(session: Session, cookie: str) -> None:
    """Note that a signed-in person is still there."""
    staff.touch(session, cookie)


@unit_of_work
def request_link(session: Session, *, email: str, locale: str) -> None:
    """Mail a sign-in link if the address is a client's; the answer is the same if it is not. Raises Invalid."""
    address = clients.normal_email(email)
    # A change of the address ends its links, so none is made for an address that is going.
    client = lock_by_email(session, address)
    if client is not None:
        token = clients.make_link(session, client.id)
        outbox.record(
            session,
            "client_link",
            {
                "to": address,
                "locale": locale,
                "secret": {"link": f"{settings().base_url}/account/enter/{token}"},
            },
        )


@unit_of_work
def sign_in_by_link(session: Session, *, token: str) -> str:
    """Trade a mailed link for a sign-in, once; returns the cookie value. Raises Invalid."""
    return clients.use_link(session, token)


@unit_of_work
def client_sign_out(session: Session, cookie: str) -> None:
    """End a client's sign-in."""
    clients.close_session(session, cookie)
