"""Prepared statements are for the path of a sale: who may use them, and that SQLAlchemy's events see them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from pos.core.database.base import engine
from pos.core.database.pipelined_queries import PreparedQuery, run_pipelined
from pos.core.database.prepared import add_row, run
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.core.outbox import OutboxMessage

_SOURCE = Path(__file__).parents[2] / "pos"
# The modules that a sale passes through between its first statement and its commit.
_PATH_OF_A_SALE = {
    "core/audit.py",
    "core/database/change_log.py",
    "core/database/pipelined_queries.py",
    "core/outbox.py",
    "domain/catalogue/queries.py",
    "domain/credits/grants.py",
    "domain/credits/lot_writes.py",
    "domain/credits/queries.py",
    "domain/credits/redemptions.py",
    "domain/ledger/posting.py",
    "domain/payments/repository.py",
    "domain/receipts/repository.py",
    "domain/sales/repository.py",
    "domain/staff/queries.py",
    "domain/stock/moves.py",
    "domain/till/shifts.py",
    "domain/tips/repository.py",
    "services/checkout/ring_up.py",
}
_MESSAGE = {"topic": "x", "payload": {}, "attempts": 0, "state": "pending"}
_COUNT = select(OutboxMessage.id)


def _record(session: Session, key: str) -> None:
    at = datetime(2026, 6, 16, tzinfo=UTC)
    add_row(session, OutboxMessage, id=new_id(), key=key, created_at=at, due_at=at, **_MESSAGE)


def test_prepared_statements_are_used_by_the_path_of_a_sale_alone() -> None:
    users = {
        str(file.relative_to(_SOURCE))
        for file in _SOURCE.rglob("*.py")
        if "pos.core.database.prepared import" in file.read_text()
    }
    assert users == _PATH_OF_A_SALE


def test_prepared_statement_of_each_kind_reaches_the_listeners_of_both_events(context: Flask) -> None:
    seen: list[tuple[str, str]] = []

    def listener(name: str) -> object:
        def note(_connection: object, cursor: object, statement: str, *_: object) -> None:
            assert cursor is not None
            seen.append((name, statement.split()[0]))

        return note

    names = ("before_cursor_execute", "after_cursor_execute")
    listeners = {name: listener(name) for name in names}

    @unit_of_work
    def work(session: Session) -> None:
        _record(session, "one")
        run(session, _COUNT)
        run_pipelined(session, PreparedQuery(_COUNT, {}))

    for name, one in listeners.items():
        event.listen(engine(), name, one)
    try:
        work()
    finally:
        for name, one in listeners.items():
            event.remove(engine(), name, one)
    expected = ["INSERT", "SELECT"] + (["SELECT"] if engine().dialect.name == "postgresql" else [])
    for name in names:
        assert [word for event_name, word in seen if event_name == name and word != "BEGIN"] == expected


def test_prepared_statements_module_stays_within_its_bound() -> None:
    assert len((_SOURCE / "core/database/prepared.py").read_text().splitlines()) <= 150
