"""The one-time address of set-up: printed when a server starts on an empty database, ended by use."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import NotFound
from pos.core.hashing import sha256_hex
from pos.core.ids import new_token
from pos.core.messages.installation import SETUP_LINK_OVER
from pos.domain.operations.models import SetupLink
from pos.domain.staff.credentials import open_session
from pos.services.setup.answers import Answers
from pos.services.setup.open_clinic import has_location, write_clinic


@unit_of_work
def make_setup_link(session: Session, *, started_by: str) -> str | None:
    """Make the address's token for a start of the server and end older ones; None once a clinic is there.

    Of several processes of one start (`started_by`) only the first gets a token.
    """
    if has_location(session) or session.scalar(select(SetupLink.token_hash).where(SetupLink.started_by == started_by)):
        return None
    session.execute(delete(SetupLink))
    token = new_token()
    session.add(SetupLink(token_hash=sha256_hex(token.encode()), started_by=started_by, made_at=clock.now()))
    session.flush()
    return token


def require_setup_link(token: str) -> None:
    """Raise NotFound for any address but the newest one that was not used."""
    link = reading().get(SetupLink, sha256_hex(token.encode()))
    if link is None or link.used_at is not None:
        raise NotFound(SETUP_LINK_OVER)


@unit_of_work
def use_setup_link(session: Session, *, token: str, answers: Answers) -> tuple[UUID, str]:
    """Open the clinic and end the address; returns the owner's key and the cookie of an office sign-in.

    Raises NotFound for an address that is over, and what `write_clinic` raises.
    """
    claimed = session.scalar(
        update(SetupLink)
        .where(SetupLink.token_hash == sha256_hex(token.encode()), SetupLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(SetupLink.token_hash)
    )
    if claimed is None:
        raise NotFound(SETUP_LINK_OVER)
    owner_id = write_clinic(session, answers)
    audit.note(session, "office.sign_in", actor_id=owner_id)
    return owner_id, open_session(session, staff_id=owner_id, face="office")
