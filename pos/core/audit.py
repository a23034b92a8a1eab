"""Who did what, when, to which thing: rows that are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from pos.core import clock
from pos.core.database.base import Base, UtcDateTime
from pos.core.database.prepared import add_row
from pos.core.ids import new_id
from pos.core.plain_json import to_plain


class AuditEvent(Base):
    """One action of one person (or of the system, where `actor_id` is empty)."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_subject", "subject_id"), Index("ix_audit_events_at", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def note(
    session: Session,
    action: str,
    *,
    actor_id: UUID | None = None,
    actor_kind: str | None = None,
    location_id: UUID | None = None,
    subject_id: UUID | None = None,
    **detail: Any,
) -> None:
    """Write one action in the caller's transaction; `detail` holds small JSON facts, no secrets and no health data.

    The actor is a member of staff, or the system where there is no `actor_id`; `actor_kind` says so of anybody else.
    """
    add_row(
        session,
        AuditEvent,
        id=new_id(),
        at=clock.now(),
        actor_kind=actor_kind or ("staff" if actor_id else "system"),
        actor_id=actor_id,
        location_id=location_id,
        action=action,
        subject_id=subject_id,
        detail=detail,
    )


def note_change(
    session: Session,
    action: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor_id: UUID | None = None,
    location_id: UUID | None = None,
    subject_id: UUID | None = None,
) -> bool:
    """Write which fields of a thing changed, each as it was and as it is; returns whether any did.

    `before` is empty for a thing that is new, `after` for one that is gone. Values are keys, days, decimals, numbers, texts
    and lists of them; no secrets and no health data.
    """
    was, now = to_plain(dict(before)), to_plain(dict(after))
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    if not names:
        return False
    note(
        session, action, actor_id=actor_id, location_id=location_id, subject_id=subject_id,
        before={name: was[name] for name in names if name in was},
        after={name: now[name] for name in names if name in now},
    )  # fmt: skip
    return True
