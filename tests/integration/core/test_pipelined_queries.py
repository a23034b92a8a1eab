"""Questions that travel together, and a commit that frees its rows before the disk has answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.orm import Session

from pos.core import outbox
from pos.core.database.base import engine
from pos.core.database.prepared import (
    PreparedQuery,
    add_row,
    ask,
    release_lock_early,
    run_pipelined,
)
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
    add_row(session, OutboxMessage, id=message_id, topic="x", key=key, payload={}, created_at=at, due_at=at)
    return message_id


def test_each_question_finds_its_own_answer_and_only_once(context: Flask) -> None:
    @unit_of_work
    def deed(session: Session) -> list[object]:
        first, second = write(session, "first"), write(session, "second")
        a, b = PreparedQuery(_KEY, {"one": first}), PreparedQuery(_KEY, {"one": second})
        count, some = PreparedQuery(_COUNT, {"one": first}), PreparedQuery(_SOME, {"some": [first, second]})
        run_pipelined(session, a, b, count, some)
        told: list[object] = [ask(session, b).scalar(), ask(session, a).scalar(), ask(session, count).scalar()]
        told.append(set(ask(session, some).scalars()) == {first, second})
        # Asked again it is asked anew: what was counted is counted once more.
        return [*told, ask(session, count).scalar()]

    assert deed() == ["second", "first", 1, True, 2]


def test_a_refusal_among_questions_is_an_ordinary_refusal(context: Flask) -> None:
    kept = unit_of_work(lambda session: write(session, "kept"))()

    @unit_of_work
    def deed(session: Session) -> None:
        write(session, "lost")
        write(session, "again", kept)
        run_pipelined(session, PreparedQuery(_KEY, {"one": kept}))

    with pytest.raises(Conflict, match="same moment"):
        deed()
    with Session(engine()) as session:
        assert list(session.scalars(select(OutboxMessage.key))) == ["kept"]


_PROMISE = "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = on'; END $$"
_WRITTEN = text("SELECT CAST(pg_logical_emit_message(true, 'test', '') AS text)")
_NOT_ON_DISK = text("SELECT CAST(:written AS pg_lsn) > pg_current_wal_flush_lsn()")


@unit_of_work
def early_deed(session: Session) -> None:
    release_lock_early(session)
    outbox.record(session, "early", {})


@unit_of_work
def early_deed_in_the_log(session: Session) -> str:
    release_lock_early(session)
    return str(session.scalar(_WRITTEN))


def forgetful_deed() -> str:
    """The control: a commit that lets go early and then waits for nothing."""
    with engine().begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit TO off"))
        return str(connection.scalar(_WRITTEN))


def not_on_disk(deed: Callable[[], str]) -> bool:
    written = deed()
    with engine().connect() as connection:
        return bool(connection.scalar(_NOT_ON_DISK, {"written": written}))


def test_an_early_commit_is_a_commit(context: Flask) -> None:
    early_deed()
    with Session(engine()) as session:
        assert list(session.scalars(select(OutboxMessage.topic))) == ["early"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_early_commit_is_on_the_disk_when_its_caller_is_told(context: Flask) -> None:
    with engine().begin() as connection:
        connection.execute(text(_PROMISE))  # the test server itself promises nothing of the disk
    engine().dispose()
    assert not any(not_on_disk(early_deed_in_the_log) for _ in range(20))
    assert any(not_on_disk(forgetful_deed) for _ in range(20))
    with engine().connect() as connection:  # nothing of it is left to the next transaction
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
