"""Tokens by which staff set their own password and PIN, or finish a sign-in with a code: hashed, used once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid
from pos.core.hashing import sha256_hex
from pos.core.ids import new_token
from pos.core.messages.people import STAFF_LINK_USED_OR_TOO_OLD
from pos.domain.staff.models import Staff, StaffLink

LIFETIME = {"invite": timedelta(days=7), "reset": timedelta(minutes=30), "code": timedelta(minutes=5)}
MAILED = ("invite", "reset")


def make_link(session: Session, staff_id: UUID, kind: str) -> str:
    """A token of 256 bits; it ends those of its kind made before, but a stranger's "forgotten" ends no invitation."""
    token, now = new_token(), clock.now()
    end_links(session, staff_id, kind=kind)
    session.add(
        StaffLink(
            token_hash=sha256_hex(token.encode()), staff_id=staff_id, kind=kind, created_at=now,
            expires_at=now + LIFETIME[kind],
        )
    )  # fmt: skip
    session.flush()
    return token


def end_links(session: Session, staff_id: UUID, *, kind: str | None = None) -> None:
    """End the tokens of a person that were not used: all, or those of a kind."""
    ended = update(StaffLink).where(StaffLink.staff_id == staff_id, StaffLink.used_at.is_(None))
    if kind:
        ended = ended.where(StaffLink.kind == kind)
    session.execute(ended.values(used_at=clock.now()).execution_options(synchronize_session=False))


def person_of_link(session: Session, token: str, kinds: tuple[str, ...]) -> tuple[UUID, str]:
    """Whose token it is, and its kind; raises Invalid for one that is unknown, used, too old, or of somebody who left."""
    row = session.execute(
        select(StaffLink.staff_id, StaffLink.kind)
        .join(Staff, Staff.id == StaffLink.staff_id)
        .where(
            StaffLink.token_hash == sha256_hex(token.encode()),
            StaffLink.kind.in_(kinds),
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > clock.now(),
            Staff.active,
        )
    ).first()
    if row is None:
        raise Invalid(STAFF_LINK_USED_OR_TOO_OLD)
    return row.staff_id, row.kind


def use_link(session: Session, token: str, kinds: tuple[str, ...]) -> tuple[UUID, str]:
    """Consume a token; what `person_of_link` answers and raises, and to one caller only."""
    found = person_of_link(session, token, kinds)
    spent = session.scalar(
        update(StaffLink)
        .where(StaffLink.token_hash == sha256_hex(token.encode()), StaffLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(StaffLink.staff_id),
        execution_options={"synchronize_session": False},
    )
    if spent is None:
        raise Invalid(STAFF_LINK_USED_OR_TOO_OLD)
    return found
