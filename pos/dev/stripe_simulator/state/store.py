"""The simulator's memory: one SQLite file with objects, idempotency keys, webhook deliveries and armed faults."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    status INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, type TEXT NOT NULL, place REAL NOT NULL,
    state TEXT NOT NULL, flavour TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL,
    last_answer TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, method TEXT NOT NULL, pattern TEXT NOT NULL,
    times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """Rows behind one connection and one lock; `state` is a file, or None to remember nothing after the process."""

    def __init__(self, state: Path | None) -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(str(state) if state else ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(_SCHEMA)
        # A key in progress when the process died changed nothing: its effects and its answer are one transaction.
        self._db.execute("DELETE FROM idempotency WHERE status IS NULL")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time; nested uses join the outer one."""
        with self.lock:
            self._depth += 1
            if self._depth == 1:
                self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def run(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Rows of one statement; writing statements belong inside `transaction`."""
        with self.lock:
            return self._db.execute(sql, values).fetchall()

    def insert(self, sql: str, *values: Any) -> int:
        """Run one INSERT and give the new row's number."""
        with self.lock:
            return int(self._db.execute(sql, values).lastrowid or 0)

    def put(self, body: Json) -> Json:
        """Insert or replace an object by its id; gives it back."""
        text = json.dumps(body, separators=(",", ":"))
        self.run(
            "INSERT INTO object (id, seq, kind, created, body) VALUES "
            "(?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM object), ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            body["id"], body["object"], body.get("created", 0), text,
        )  # fmt: skip
        return body

    def get(self, identifier: str, kind: str | None = None) -> Json | None:
        """An object by id (and kind), a fresh copy each time."""
        rows = self.run("SELECT kind, body FROM object WHERE id = ?", identifier)
        if not rows or (kind and rows[0]["kind"] != kind):
            return None
        found: Json = json.loads(rows[0]["body"])
        return found

    def all(self, kind: str) -> list[Json]:
        """Every object of a kind, newest first."""
        return [
            json.loads(row["body"])
            for row in self.run("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC", kind)
        ]

    def where(self, kind: str, field: str, value: str) -> list[Json]:
        """Objects of a kind whose top-level field has a value, newest first."""
        rows = self.run(
            "SELECT body FROM object WHERE kind = ? AND json_extract(body, '$.' || ?) = ? ORDER BY seq DESC",
            kind, field, value,
        )  # fmt: skip
        return [json.loads(row["body"]) for row in rows]

    def remember(self, name: str, value: str) -> str:
        """The setting stored under `name`, storing `value` the first time."""
        self.run("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, value)
        return str(self.run("SELECT value FROM setting WHERE name = ?", name)[0]["value"])
