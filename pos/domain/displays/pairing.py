"""Pairing the screen that faces the client with a desk, by a short code that is good once and for some minutes."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.errors import Invalid, NotFound
from pos.core.hashing import sha256_hex
from pos.core.ids import new_token
from pos.core.messages.till import DISPLAY_CODE_WRONG, NO_SUCH_DISPLAY
from pos.domain.displays.models import DeskDisplay
from pos.domain.locations.models import Desk

CODE_LASTS = timedelta(minutes=10)
# Wrong codes, typed at whatever screen, after which every code that waits ends: six digits are few.
MOST_TRIES = 20


def of_desk(session: Session, desk_id: UUID) -> DeskDisplay | None:
    """What is known of the display of a desk."""
    return session.get(DeskDisplay, desk_id)


def new_code(session: Session, desk_id: UUID) -> str:
    """A code of six digits that pairs a screen with a desk; the code before ends, a paired screen stays until it is used."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = session.get(DeskDisplay, desk_id, with_for_update=True)
    if row is None:
        row = DeskDisplay(desk_id=desk_id, code_tries=0, choice_percent="0", choice_number=0)
        session.add(row)
    row.code_hash, row.code_until, row.code_tries = sha256_hex(code.encode()), clock.now() + CODE_LASTS, 0
    session.flush()
    return code


def take_code(session: Session, code: str) -> tuple[UUID, str] | None:
    """Pair whoever typed a code: the desk and the token of the screen, which ends the one before; None for a wrong code.

    A wrong one is counted against every code that waits.
    """
    waiting = select(DeskDisplay).where(DeskDisplay.code_hash.is_not(None), DeskDisplay.code_until > clock.now())
    rows = list(session.scalars(waiting.order_by(DeskDisplay.desk_id).with_for_update()))
    digest = sha256_hex(code.encode())
    found = next((row for row in rows if row.code_hash == digest), None)
    if found is None:
        for row in rows:
            row.code_tries += 1
            if row.code_tries >= MOST_TRIES:
                row.code_hash = None
        session.flush()
        return None
    token = new_token()
    found.token_hash, found.paired_at, found.code_hash = sha256_hex(token.encode()), clock.now(), None
    found.choice_ticket_id = None
    session.flush()
    return found.desk_id, token


def require_code(text: str) -> str:
    """The six digits of a code as typed, with blanks or without; raises Invalid."""
    code = "".join(text.split())
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise Invalid(DISPLAY_CODE_WRONG, field="code")
    return code


def desk_of(session: Session, token: str | None) -> UUID | None:
    """The desk whose display holds a token."""
    if not token:
        return None
    query = select(DeskDisplay.desk_id).join(Desk, Desk.id == DeskDisplay.desk_id)
    return session.scalar(query.where(DeskDisplay.token_hash == sha256_hex(token.encode()), Desk.active))


def unpair(session: Session, desk_id: UUID) -> None:
    """End the pairing of a desk's display, and a code that waits; raises NotFound where there is none."""
    row = session.get(DeskDisplay, desk_id, with_for_update=True)
    if row is None or (row.token_hash is None and row.code_hash is None):
        raise NotFound(NO_SUCH_DISPLAY)
    row.token_hash = row.code_hash = row.paired_at = row.choice_ticket_id = None
    session.flush()
