"""One transaction per step: all of it or nothing, once more after a lost race."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos.core import audit, clock, outbox
from pos.core.audit import AuditEvent
from pos.core.database import unit_of_work
from pos.core.database.base import engine
from pos.core.database.unit_of_work import idempotent
from pos.core.database.unit_of_work import unit_of_work as one_transaction
from pos.core.errors import Conflict, Invalid
from pos.core.messages.general import AMOUNT_TOO_LARGE, CHANGED_AT_THE_SAME_MOMENT
from pos.core.outbox import OutboxMessage


def note(session: Session, action: str) -> None:
    audit.note(session, action, actor_kind="system", actor_id=None)


def noted() -> list[str]:
    with Session(engine()) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.at, AuditEvent.action)))


def test_unit_of_work_success_commits_and_notifies_worker(context: Flask) -> None:
    unit_of_work.committed.clear()

    @one_transaction
    def step(session: Session, word: str) -> str:
        note(session, word)
        outbox.record(session, word, {})
        return word.upper()

    assert step("done") == "DONE"
    assert noted() == ["done"]
    assert unit_of_work.committed.is_set()


def test_unit_of_work_error_rolls_back_and_is_raised(context: Flask) -> None:
    unit_of_work.committed.clear()

    @one_transaction
    def step(session: Session) -> None:
        note(session, "half")
        session.flush()
        outbox.record(session, "half", {})
        session.flush()
        raise Invalid(AMOUNT_TOO_LARGE, field="x")

    with pytest.raises(Invalid):
        step()
    assert noted() == []
    with Session(engine()) as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    assert not unit_of_work.committed.is_set()


def test_unit_of_work_unique_key_race_lost_is_retried_once(context: Flask) -> None:
    tries: list[int] = []

    @one_transaction
    def step(session: Session) -> str:
        seen = session.scalar(select(OutboxMessage).where(OutboxMessage.key == "taken"))
        tries.append(1)
        if seen and len(tries) > 1:
            return f"replay of {seen.topic}"
        note(session, "loser")
        session.flush()
        # The winner's row is there, but this desk looked a moment too early.
        outbox.record(session, "loser", {}, key="taken")
        return "first"

    @one_transaction
    def winner(session: Session) -> None:
        outbox.record(session, "winner", {}, key="taken")

    winner()
    assert step() == "replay of winner"
    assert len(tries) == 2
    assert noted() == []


def test_unit_of_work_second_race_lost_is_conflict_and_saves_nothing(context: Flask) -> None:
    tries: list[int] = []

    @one_transaction
    def step(session: Session) -> None:
        tries.append(1)
        note(session, "loser")
        outbox.record(session, "a", {}, key="twice")
        outbox.record(session, "b", {}, key="twice")

    with pytest.raises(Conflict, match="Nothing was saved"):
        step()
    assert len(tries) == 2
    assert noted() == []


def test_unit_of_work_check_constraint_failure_is_not_retried(context: Flask) -> None:
    tries: list[int] = []

    @one_transaction
    def step(session: Session) -> None:
        tries.append(1)
        session.add(OutboxMessage(topic="x", payload={}, created_at=clock.now(), due_at=clock.now(), state="nonsense"))

    with pytest.raises(IntegrityError):
        step()
    assert len(tries) == 1


def test_unit_of_work_locked_row_loses_no_concurrent_update(context: Flask) -> None:
    """Two steps count the same row up by reading and writing: with the lock taken first, neither count is lost."""

    @one_transaction
    def make(session: Session) -> None:
        outbox.record(session, "count", {}, key="count")

    @one_transaction
    def count_up(session: Session) -> None:
        row = session.scalars(select(OutboxMessage).with_for_update()).one()
        row.attempts += 1

    make()
    barrier = threading.Barrier(4)

    def desk() -> None:
        with context.app_context():
            barrier.wait()
            for _ in range(5):
                count_up()

    threads = [threading.Thread(target=desk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine()) as session:
        assert session.scalars(select(OutboxMessage.attempts)).one() == 20


def test_database_settings_are_durable_and_enforce_foreign_keys(context: Flask) -> None:
    """SQLite is told to flush each commit (`synchronous` FULL). PostgreSQL does so unless its server is told otherwise."""
    with engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "foreign_keys")}
            assert pragmas == {"synchronous": 2, "foreign_keys": 1}
            # An SQLite that can lose the reset of a write-ahead log is used without one.
            assert connection.dialect.dbapi is not None
            safe = connection.dialect.dbapi.sqlite_version_info >= (3, 51, 3)
            assert connection.scalar(text("PRAGMA journal_mode")) == ("wal" if safe else "delete")
        else:
            assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"
            connection.rollback()
            # As installed, it read all tenders ever made to add up those of a few days.
            assert connection.scalar(text("SHOW random_page_cost")) == "1.1"


def test_a_refused_command_answers_with_what_its_twin_has_left(context: Flask) -> None:
    left: dict[str, str] = {}

    def find(_session: Session, command: str) -> str | None:
        return left.get(command)

    @idempotent(find)
    @one_transaction
    def conduct(session: Session, command: str) -> str:
        note(session, command)
        left["sent twice"] = "the answer of the other"
        raise Conflict(CHANGED_AT_THE_SAME_MOMENT)

    assert conduct("sent twice") == "the answer of the other"
    with pytest.raises(Conflict):
        conduct("sent once")
    assert noted() == []
