"""The outbox: what must follow a commit, written in that commit and carried out by a worker until it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, Update, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pos.core import clock
from pos.core.database.base import Base, UtcDateTime
from pos.core.database.prepared import add_row
from pos.core.database.unit_of_work import HAS_MESSAGES
from pos.core.ids import new_id
from pos.core.paging.portions import portions

# Longer than carrying out one message can take: a mail asks its server for at most a dozen answers of 20 s each.
CLAIM_SECONDS = 300
MOST_ATTEMPTS = 12


class OutboxMessage(Base):
    """One thing to do after a commit. `key` makes recording it twice harmless."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'dead')", name="state"),
        Index("ix_outbox_messages_due", "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    topic: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="pending")
    last_error: Mapped[str | None] = mapped_column(Text)


def record(
    session: Session, topic: str, payload: dict[str, Any], *, key: str | None = None, due_at: datetime | None = None
) -> None:
    """Write a message in the caller's transaction; the worker does it after the commit, at least once.

    What stands under `secret` in the payload is struck out as soon as the message is done, or given up.
    """
    now = clock.now()
    session.info[HAS_MESSAGES] = True
    add_row(
        session,
        OutboxMessage,
        id=new_id(),
        topic=topic,
        payload=payload,
        key=key,
        created_at=now,
        due_at=due_at or now,
        attempts=0,
        state="pending",
    )


def recorded(session: Session, keys: Sequence[str]) -> dict[str, datetime]:
    """Which of these messages were ever recorded, and when."""
    found: dict[str, datetime] = {}
    for some in portions(keys, 500):
        rows = session.execute(select(OutboxMessage.key, OutboxMessage.created_at).where(OutboxMessage.key.in_(some)))
        found |= {key: at for key, at in rows if key}
    return found


def claim(session: Session) -> OutboxMessage | None:
    """Take the message that is due longest; a worker that dies gives it back after CLAIM_SECONDS.

    One at a time: of several claimed together, the last ones would be claimed again while the first are carried out.
    """
    now = clock.now()
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == "pending", OutboxMessage.due_at <= now)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id == due)
        .values(attempts=OutboxMessage.attempts + 1, due_at=now + timedelta(seconds=CLAIM_SECONDS))
    )
    return session.scalar(taken.returning(OutboxMessage), execution_options={"synchronize_session": False})


def again(session: Session, message_id: UUID) -> bool:
    """Try a dead message anew from the beginning; False when it is not dead (any more)."""
    return _revived(session, message_id, state="pending", attempts=0, due_at=clock.now())


def put_aside(session: Session, message_id: UUID, why: str) -> bool:
    """Let a dead message rest for good; False when it is not dead (any more)."""
    return _revived(session, message_id, state="done", last_error=f"Put aside: {why}")


def _revived(session: Session, message_id: UUID, **values: Any) -> bool:
    dead = update(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.state == "dead")
    if values["state"] == "pending":
        session.info[HAS_MESSAGES] = True
    return session.scalar(dead.values(**values).returning(OutboxMessage.id)) is not None


def finish(session: Session, message_id: UUID, attempts: int) -> None:
    """Mark a message as carried out; `attempts` is that of the claim: after a later claim it is no longer ours to mark."""
    _end(session, _claimed(message_id, attempts).values(state="done", last_error=None))


def fail(session: Session, message_id: UUID, attempts: int, error: str) -> None:
    """Put a message back with growing patience; after MOST_ATTEMPTS it is dead and shown in the office."""
    wait = timedelta(seconds=min(2**attempts, 3600))
    is_dead = attempts >= MOST_ATTEMPTS
    put_back = _claimed(message_id, attempts).values(
        state="dead" if is_dead else "pending", due_at=clock.now() + wait, last_error=error[:2000]
    )
    if is_dead:
        _end(session, put_back)
    else:
        session.execute(put_back)


def _end(session: Session, ending: Update) -> None:
    """Carry out the last change of a message, and strike out what only its carrying out needed."""
    row = session.execute(ending.returning(OutboxMessage.id, OutboxMessage.payload)).first()
    if row is not None and "secret" in row.payload:
        rest = {name: value for name, value in row.payload.items() if name != "secret"}
        session.execute(update(OutboxMessage).where(OutboxMessage.id == row.id).values(payload=rest))


def _claimed(message_id: UUID, attempts: int) -> Update:
    return update(OutboxMessage).where(
        OutboxMessage.id == message_id, OutboxMessage.attempts == attempts, OutboxMessage.state == "pending"
    )
