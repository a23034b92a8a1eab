"""Links mailed to people who work here: an invitation, a new password; and what is done under them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid
from pos.core.i18n.sanitize import printable
from pos.core.messages.people import STAFF_EMAIL_MISSING
from pos.domain.staff import credentials
from pos.domain.staff.links import MAILED, make_link, person_of_link, use_link
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Permission, Role, may
from pos.domain.staff.queries import Person, by_key
from pos.services.auth import MOST_OF_AN_ADDRESS, count_attempts, take_back_attempts
from pos.services.staff.access import staff_to_change
from pos.services.staff.sign_in_means import doors_of_choice, give_password, give_pin


def _mail(session: Session, row: Staff, kind: str, locale: str) -> None:
    token = make_link(session, row.id, kind)
    outbox.record(
        session,
        "staff_link",
        {
            "to": row.email,
            "name": row.name,
            "kind": kind,
            "locale": locale,
            "secret": {"link": f"{settings().base_url}/office/set-sign-in/{token}"},
        },
    )


@unit_of_work
def invite(session: Session, *, staff_id: UUID, locale: str, person: Person) -> None:
    """Mail somebody a link, good for 7 days and once, under which they choose their own password and PIN.

    Raises NotFound, NotAllowed, Conflict for somebody who was deactivated, Invalid without an address.
    """
    row = staff_to_change(session, staff_id, person, active=True)
    if not row.email:
        raise Invalid(STAFF_EMAIL_MISSING, field="email")
    _mail(session, row, "invite", locale)
    audit.note(session, "staff.invited", actor_id=person.id, subject_id=staff_id)


@unit_of_work
def _mail_reset(session: Session, account: str, locale: str) -> None:
    row = session.scalar(select(Staff).where(Staff.email == account, Staff.active))
    if row is not None and may(Role(row.role), Permission.OWN):
        _mail(session, row, "reset", locale)
        audit.note(session, "staff.reset_asked", subject_id=row.id)


def request_reset(*, email: str, address: str, locale: str) -> None:
    """Mail a link for a new password, good for 30 minutes, if the address signs in to the office.

    The answer is the same if it does not. Raises Locked after five for an account, twenty from a network address.
    """
    account = printable(email, 300).strip().lower()
    count_attempts({f"reset:{account}": credentials.MOST_FAILURES, f"reset:{address[:100]}": MOST_OF_AN_ADDRESS})
    _mail_reset(account, locale)


def person_invited(token: str) -> tuple[Person, str]:
    """Whose link it is, and whether it is an `invite` or a `reset`; raises Invalid. Looking does not use it."""
    staff_id, kind = person_of_link(reading(), token, MAILED)
    return by_key(reading(), staff_id), kind


@unit_of_work
def _choose(session: Session, token: str, password: str | None, pin: str | None, doors: dict[str, int]) -> None:
    staff_id, kind = use_link(session, token, MAILED)
    row = session.get_one(Staff, staff_id, with_for_update=True, populate_existing=True)
    if pin is not None:
        give_pin(session, row, pin)
        audit.note(session, "staff.pin_set", actor_id=staff_id, subject_id=staff_id)
    if password is not None:
        give_password(session, row, password)
        audit.note(session, "staff.password_set", actor_id=staff_id, subject_id=staff_id, by=kind)
    take_back_attempts(session, doors)


def choose_sign_in(*, token: str, password: str, pin: str) -> Person:
    """Set the password, and under an invitation the PIN, of whoever got a link; it is used up, and office sign-ins end.

    A PIN may be left empty where there is a password. Raises Invalid, Conflict for a taken PIN, and Locked after five.
    """
    found, kind = person_invited(token)
    wants_password = found.may(Permission.OWN)
    wants_pin = kind == "invite" and found.may(Permission.RING_UP) and (bool(pin) or not wants_password)
    if wants_password:
        credentials.check_password(password)
    if wants_pin:
        credentials.check_pin(pin)
    doors = doors_of_choice(found.id) if wants_pin else {}
    count_attempts(doors)
    _choose(token, password if wants_password else None, pin if wants_pin else None, doors)
    return found
