"""Queries that are sent in one round trip."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from pos.core.database.base import engine
from pos.core.database.pipelined_queries import PreparedQuery, run_pipelined, run_query
from pos.core.database.prepared import add_row
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage

_KEY = select(OutboxMessage.key).where(OutboxMessage.id == bindparam("one"))
_SOME = select(OutboxMessage.id).where(OutboxMessage.id.in_(bindparam("some", expanding=True)))
_COUNT = (
    update(OutboxMessage)
    .where(OutboxMessage.id == bindparam("one"))
    .values(attempts=OutboxMessage.attempts + 1)
    .returning(OutboxMessage.attempts)
)


def write(session: Session, key: str, message_id: UUID | None = None) -> UUID:
    message_id = message_id or new_id()
    at = datetime(2026, 6, 16, tzinfo=UTC)
    facts = {"topic": "x", "key": key, "payload": {}, "created_at": at, "due_at": at, "attempts": 0, "state": "pending"}
    add_row(session, OutboxMessage, id=message_id, **facts)
    return message_id


def test_pipelined_queries_get_their_own_answer_once(context: Flask) -> None:
    @unit_of_work
    def action(session: Session) -> list[object]:
        first, second = write(session, "first"), write(session, "second")
        a, b = PreparedQuery(_KEY, {"one": first}), PreparedQuery(_KEY, {"one": second})
        count, some = PreparedQuery(_COUNT, {"one": first}), PreparedQuery(_SOME, {"some": [first, second]})
        run_pipelined(session, a, b, count, some)
        told: list[object] = [
            run_query(session, b).scalar(),
            run_query(session, a).scalar(),
            run_query(session, count).scalar(),
        ]
        told.append({row.id for row in run_query(session, some)} == {first, second})
        # Asked again it is asked anew: what was counted is counted once more.
        return [*told, run_query(session, count).scalar()]

    assert action() == ["second", "first", 1, True, 2]


def test_pipelined_queries_failing_insert_is_conflict_and_rolls_back(context: Flask) -> None:
    kept = unit_of_work(lambda session: write(session, "kept"))()

    @unit_of_work
    def action(session: Session) -> None:
        write(session, "lost")
        write(session, "again", kept)
        run_pipelined(session, PreparedQuery(_KEY, {"one": kept}))

    with pytest.raises(Conflict, match="same moment"):
        action()
    with Session(engine()) as session:
        assert list(session.scalars(select(OutboxMessage.key))) == ["kept"]
