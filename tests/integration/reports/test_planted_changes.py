"""Every column of history that bears money, time, owner or terms, changed by SQL past the triggers: `pos verify` finds it.

What is planted, and why something need not be found, stands in `planted.py`. A world is built for each database; each change
is planted in a transaction, looked for, and rolled back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from sqlalchemy import JSON, Column, Connection, Date, Integer, Table, Uuid, and_, insert, select, text, update
from sqlalchemy.orm import Session

from pos.core.database.base import UtcDateTime, engine
from pos.core.hashing import sha256_hex
from pos.core.ids import new_id
from pos.domain.ledger.entries import GENESIS, entry_hash
from pos.domain.ledger.models import JournalEntry
from pos.domain.receipts import repository as receipts
from pos.models import HISTORY, metadata
from pos.reports.invariants.base import CheckScope
from pos.reports.invariants.books import documents, history, ledger
from pos.reports.verify import CHECKS
from tests.integration.reports.planted import (
    CHAINED,
    COUNTED,
    FREE,
    NOT_HISTORY,
)
from tests.support.books import book_floats, failing, tamper
from tests.support.clinic import Clinic, line
from tests.support.history import make_all_history

RECORDED = {
    name: [column.key for column in metadata.tables[name].columns if column.key not in kept.without]
    for name, kept in HISTORY.items()
}
_FAR = 1_000_003


# ---- the table is complete


def test_recorded_check_every_table_and_column_is_classified() -> None:
    assert set(HISTORY) | set(CHAINED) | set(NOT_HISTORY) == set(metadata.tables)
    assert not set(NOT_HISTORY) & (set(HISTORY) | set(CHAINED))
    for name, (reason, columns) in NOT_HISTORY.items():
        assert reason
        assert columns.split() == metadata.tables[name].columns.keys(), name
    for name, kept in HISTORY.items():
        assert set(COUNTED.get(name, {})) | set(FREE.get(name, {})) == kept.without, name


# ---- planting


def _other(column: Column[Any], value: Any) -> Any:
    """Another value that the column can hold."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + _FAR
    if isinstance(value, list):
        return [*value, "planted"]
    if isinstance(value, dict):
        return {**value, "planted": 1}
    if isinstance(value, Decimal):
        return value + 1
    if isinstance(value, datetime | date):
        return value + timedelta(days=366)
    if isinstance(value, bytes):
        return value + b"%"
    if isinstance(value, str) and value:
        return value[:-1] + ("1" if value[-1] == "0" else "0")
    of_kind: tuple[tuple[type, Any], ...] = (
        (UtcDateTime, datetime(2027, 1, 1, tzinfo=UTC)),
        (Date, date(2027, 1, 1)),
        (Integer, _FAR),
        (JSON, {"planted": 1}),
        (Uuid, new_id()),
    )
    return next((other for kind, other in of_kind if isinstance(column.type, kind)), "x")


class Bench:
    """A connection on which anything can be planted, and everything planted is rolled back."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.before = self.found()

    def found(self, *keys: str) -> dict[str, set[str]]:
        """The sentences of some checks, or of all."""
        with Session(self.connection, join_transaction_mode="create_savepoint") as session:
            look = CheckScope(session, None, {})
            return {check.key: set(check.breaks(look)) for check in CHECKS if not keys or check.key in keys}

    def news(self, *keys: str) -> dict[str, set[str]]:
        """What the checks say that they did not say before anything was planted."""
        found = {key: sentences - self.before[key] for key, sentences in self.found(*keys).items()}
        return {key: sentences for key, sentences in found.items() if sentences}

    @contextmanager
    def planted(self, statement: Any) -> Iterator[None]:
        """A statement's effect, for as long as this lasts."""
        point = self.connection.begin_nested()
        try:
            assert self.connection.execute(statement).rowcount in (1, -1)  # an INSERT does not tell on PostgreSQL
            yield
        finally:
            point.rollback()

    def first(self, table: Table) -> dict[str, Any]:
        """A row of a table, and never none."""
        row = self.connection.execute(select(table).order_by(*table.primary_key.columns).limit(1)).first()
        assert row is not None, f"the world has no row in {table.name}"
        return dict(zip(table.columns.keys(), row, strict=True))


def _this(table: Table, row: dict[str, Any]) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


def _changed(table: Table, row: dict[str, Any], name: str) -> Any:
    return update(table).where(_this(table, row)).values({name: _other(table.columns[name], row[name])})


@contextmanager
def _unguarded() -> Iterator[Connection]:
    """A connection in a transaction without triggers, foreign keys and CHECKs, which is rolled back at the end."""
    with engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            checks = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
            for table, name in connection.execute(text(checks)).all():
                connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        try:
            yield connection
        finally:
            connection.rollback()
            connection.invalidate()


@pytest.fixture
def bench(clinic: Clinic) -> Iterator[Bench]:
    """The world in which everything has happened once, to plant in."""
    make_all_history(clinic)
    with clinic.app.app_context(), _unguarded() as connection:
        yield Bench(connection)


# ---- what is planted is found


def test_recorded_check_every_planted_change_is_found(bench: Bench) -> None:
    assert bench.before["recorded"] == bench.before["change_log"] == bench.before["chain"] == set()
    planted: dict[str, dict[str, Any]] = {}
    for name, columns in RECORDED.items():
        table = metadata.tables[name]
        row = bench.first(table)
        # What is unique has to differ; nothing is named so that need not.
        copy = {key: _other(table.columns[key], value) for key, value in row.items() if value is not None}
        planted[name] = {
            **{column: _changed(table, row, column) for column in columns},
            "a row that was removed": table.delete().where(_this(table, row)),
            "a row that was added": insert(table).values(copy),
        }
    missed: list[str] = []
    # Each round plants one thing in every table at once: what is said of one table does not hide what is said of another.
    for number in range(max(map(len, planted.values()))):
        names = {name: [*found][number] for name, found in planted.items() if number < len(found)}
        with ExitStack() as stack:
            for name, what in names.items():
                stack.enter_context(bench.planted(planted[name][what]))
            said = " ".join(bench.news("recorded").get("recorded", set()))
        missed += [f"{name}: {what}" for name, what in names.items() if not re.search(rf"\b{name}\b", said)]
    assert missed == [], "\n".join(missed)


def test_verify_planted_change_of_counter_or_chain_is_found(bench: Bench) -> None:
    missed: list[str] = []
    for name, counted in COUNTED.items():
        table = metadata.tables[name]
        for column, check in counted.items():
            with bench.planted(_changed(table, bench.first(table), column)):
                if check not in bench.news(check):
                    missed.append(f"{name}.{column}: {check} does not find it, {sorted(bench.news())} do")
    for name in CHAINED:
        table = metadata.tables[name]
        for column in [one.key for one in table.columns]:
            if column in FREE.get(name, {}):
                continue
            with bench.planted(_changed(table, bench.first(table), column)):
                # Those that find most of it first: all of them take ten times as long.
                if not (bench.news("chain", "change_log") or bench.news()):
                    missed.append(f"{name}.{column}")
    assert missed == [], "\n".join(missed)


def test_recorded_check_change_of_exempt_column_is_not_found(bench: Bench) -> None:
    """The negative control: a reason that is no longer true is taken out of the table."""
    for name, free in FREE.items():
        table = metadata.tables[name]
        for column in free:
            if (name, column) in {("lot_shares", "used"), ("change_log_head", "id"), ("postings", "position")}:
                continue
            with bench.planted(_changed(table, bench.first(table), column)):
                assert bench.news("recorded", "change_log") == {}, f"{name}.{column}"


def test_recorded_check_audit_rows_deleted_is_found(bench: Bench) -> None:
    count = bench.connection.scalar(text("SELECT count(*) FROM audit_events"))
    bench.connection.execute(text("DELETE FROM audit_events"))
    assert len(bench.news("recorded")["recorded"]) == count


def test_change_log_check_truncated_log_is_found_by_later_entries(bench: Bench) -> None:
    last = bench.connection.scalar(text("SELECT max(log_seq) FROM journal_entries"))
    head = bench.connection.scalar(text("SELECT hash FROM change_log WHERE seq = :seq"), {"seq": last - 1})
    bench.connection.execute(text("DELETE FROM change_log WHERE seq >= :seq"), {"seq": last})
    bench.connection.execute(
        text("UPDATE change_log_head SET seq = :seq, head_hash = :head"), {"seq": last - 1, "head": head}
    )
    assert any("not in the change log" in sentence for sentence in bench.news("change_log")["change_log"])


def test_recorded_check_names_rows_of_requested_locations_only(bench: Bench, clinic: Clinic) -> None:
    lines, sales = metadata.tables["sale_lines"], metadata.tables["sales"]
    row = bench.first(lines)
    where = bench.connection.scalar(select(sales.c.location_id).where(sales.c.id == row["sale_id"]))
    recorded = next(check for check in history.CHECKS if check.key == "recorded")
    with (
        bench.planted(_changed(lines, row, "quantity")),
        Session(bench.connection, join_transaction_mode="create_savepoint") as session,
    ):
        for site in (clinic.usd, clinic.eur):
            told = list(recorded.breaks(CheckScope(session, frozenset({site.location_id}), {})))
            assert bool(told) == (where == site.location_id)


def _half(*names: str) -> str:
    return ", ".join(f"{name} = {name} / 2" for name in names)


HALVED = (
    f"UPDATE sales SET {_half('list_minor', 'net_minor', 'tax_minor', 'total_minor')} WHERE id = :sale",
    f"UPDATE sale_lines SET {_half('unit_minor', 'list_minor', 'net_minor', 'tax_minor')} WHERE sale_id = :sale",
    "UPDATE tenders SET amount_minor = amount_minor / 2, tendered_minor = tendered_minor / 2 WHERE sale_id = :sale",
    "UPDATE postings SET amount_minor = amount_minor / 2"
    " WHERE entry_id = (SELECT id FROM journal_entries WHERE subject_id = :sale)",
)


def _bound(world: Clinic, key: UUID) -> Any:
    """A key as the database's driver takes it in a text of ours."""
    with world.app.app_context():
        return key.hex if engine().dialect.name == "sqlite" else key


def _rehash(world: Clinic) -> None:
    """Compute the chains of all locations anew, with what each entry recorded of its sale, as somebody could."""
    recorders = [metadata.tables[name].info["history"] for name in ("sales", "sale_lines", "tenders", "receipts")]
    with world.read() as session:
        by_sale: dict[Any, list[str]] = {}
        for recorder in recorders:
            for row in session.execute(select(recorder.table)):
                values = dict(row._mapping)
                sale_id = values["id"] if recorder.name == "sales" else values["sale_id"]
                by_sale.setdefault(sale_id, []).append(recorder.item(values))
        chains: list[tuple[JournalEntry, tuple[str, ...] | None, str, str]] = []
        ends: dict[Any, str] = {}
        for _, facts, _ in ledger._entries(CheckScope(session, None, {})):
            entry = session.scalars(
                select(JournalEntry).where(JournalEntry.location_id == facts.location_id, JournalEntry.seq == facts.seq)
            ).one()
            recorded = tuple(by_sale[facts.subject_id]) if facts.event == "sale" else facts.recorded
            previous = ends.get(facts.location_id, GENESIS)
            own = entry_hash(replace(facts, recorded=recorded, previous_hash=previous))
            ends[facts.location_id] = own
            chains.append((entry, recorded, previous, own))
    for entry, recorded, previous, own in chains:
        tamper(
            world,
            "UPDATE journal_entries SET recorded = :recorded, previous_hash = :previous, hash = :own"
            " WHERE reference = :label AND seq = :seq AND event = :event AND location_id = :place",
            recorded=json.dumps(list(recorded or ())),
            previous=previous,
            own=own,
            label=entry.reference,
            seq=entry.seq,
            event=entry.event,
            place=_bound(world, entry.location_id),
        )
    for location_id, head in ends.items():
        where = _bound(world, location_id)
        tamper(world, "UPDATE ledger_chains SET head_hash = :head WHERE location_id = :place", head=head, place=where)


def _sold_and_halved(world: Clinic, *, rehashed: bool) -> dict[str, str]:
    book_floats(world)
    sold = world.sell(line("trigger_60"))
    assert failing(world) == {}
    tamper(world, *HALVED, sale=_bound(world, sold.sale_id))
    if rehashed:
        _rehash(world)
    return failing(world)


def test_verify_sale_halved_everywhere_is_found(clinic: Clinic) -> None:
    found = _sold_and_halved(clinic, rehashed=False)
    assert {"chain", "recorded", "printed"} <= found.keys()


def test_verify_sale_halved_and_rehashed_is_found_by_receipt(clinic: Clinic) -> None:
    found = _sold_and_halved(clinic, rehashed=True)
    assert found == {"printed": "Receipt RIV-000001 says another total than its sale."}


def test_receipt_file_changed_is_found(clinic: Clinic) -> None:
    book_floats(clinic)
    sold = clinic.sell(line("trigger_60"))
    clinic.write(lambda s: receipts.keep_file(s, receipts.of_sale(s, sold.sale_id).id, "80mm", b"%PDF"))
    assert failing(clinic) == {}
    tamper(clinic, "UPDATE receipt_files SET content = :other", other=b"%PDG")
    found = failing(clinic)
    assert found["files"] == "The stored PDF of RIV-000001 (80mm) was changed: its hash does not fit."
    assert "receipt_files" in found["recorded"]
    tamper(clinic, "UPDATE receipt_files SET sha256 = :other", other=sha256_hex(b"%PDG"))
    assert failing(clinic).keys() == {"recorded"}


@pytest.mark.parametrize(
    ("text_", "minor", "currency", "fits"),
    [
        ("$1,234.50", 1234_50, "USD", True),
        ("1.234,50", 1234_50, "EUR", True),
        ("−12.00", -12_00, "USD", True),
        ("$1,234.50", 617_25, "USD", False),
        ("1,234", 1234_00, "USD", False),
        ("RSD 1.234", 1234_00, "RSD", True),
        ("RSD 1.234", 1235_00, "RSD", False),
        ("¥1,234", 1234, "JPY", True),
        ("١٢٫٥٠", 12_50, "EGP", True),
        ("", 0, "USD", False),
    ],
)
def test_receipt_printed_amount_is_compared_by_digits(text_: str, minor: int, currency: str, fits: bool) -> None:
    assert documents.says(text_, minor, currency) == fits
