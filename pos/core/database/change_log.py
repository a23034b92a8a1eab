"""The change log: one row for each transaction that wrote history without a journal entry, or changed it; hash-chained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, String, Table, bindparam, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pos.core import clock
from pos.core.database.base import Base, UtcDateTime
from pos.core.database.history import (
    Written,
    connection_of,
    recorder_of,
    take_written,
)
from pos.core.database.prepared import add_row, run
from pos.core.hashing import digest

GENESIS = "0" * 64
_PORTION = 200


class ChangeLog(Base):
    """What one transaction wrote into history, as digests; `hash` covers it and the hash before it. Never changed.

    An item of `recorded` is `table:digest` for a row that never changes, `table:key:digest` for one that may, and
    `table:key:` for one that was removed.
    """

    __tablename__ = "change_log"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    location_id: Mapped[UUID | None]
    recorded: Mapped[list[str]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ChangeLogHead(Base):
    """The end of the change log, in one row; moved on as the last thing of a transaction, so that writers queue briefly."""

    __tablename__ = "change_log_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    head_hash: Mapped[str] = mapped_column(String(64))


LOG_SEQ = select(ChangeLogHead.seq).scalar_subquery()
LOG_HEAD = select(ChangeLogHead.head_hash).scalar_subquery()
_NEXT = update(ChangeLogHead).values(seq=ChangeLogHead.seq + 1).returning(ChangeLogHead.seq, ChangeLogHead.head_hash)
_LINK = update(ChangeLogHead).values(head_hash=bindparam("own"))


def log_hash(seq: int, at: datetime, location_id: UUID | None, recorded: Sequence[str], previous_hash: str) -> str:
    """SHA-256 over a row of the change log, the hash before it included."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest([seq, moment, str(location_id or ""), list(recorded), previous_hash])


def _rows_now(session: Session, table: Table, keys: Sequence[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    columns = list(table.primary_key.columns)
    for first in range(0, len(keys), _PORTION):
        portion = keys[first : first + _PORTION]
        single = len(columns) == 1
        wanted = columns[0].in_([key[0] for key in portion]) if single else tuple_(*columns).in_(portion)
        for row in connection_of(session).execute(select(table).where(wanted)):
            yield dict(zip(table.columns.keys(), row, strict=True))


def _changed_items(session: Session, written: Written) -> Iterator[str]:
    for table, keys in written.changed.items():
        recorder = recorder_of(table)
        if recorder is None:
            continue
        gone = {",".join(str(part) for part in key) for key in keys}
        for row in _rows_now(session, table, list(keys)):
            gone.discard(recorder.key_of(row))
            if written.location_id is None:
                written.location_id = row.get("location_id")
            yield recorder.item(row)
        for key in sorted(gone):
            yield f"{recorder.name}:{key}:"


def close(session: Session) -> None:
    """Record in the change log what this transaction wrote and no journal entry has; the last thing before its commit."""
    written = take_written(session)
    if written is None or not (written.items or written.changed):
        return
    recorded = [*written.items, *_changed_items(session, written)]
    if not recorded:
        return
    [head] = run(session, _NEXT)
    at = clock.now()
    own = log_hash(head.seq, at, written.location_id, recorded, head.head_hash)
    add_row(
        session,
        ChangeLog,
        seq=head.seq,
        at=at,
        location_id=written.location_id,
        recorded=recorded,
        previous_hash=head.head_hash,
        hash=own,
    )
    run(session, _LINK, own=own)
