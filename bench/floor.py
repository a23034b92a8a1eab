"""The floor a sale is measured against: bare Flask, the bare driver, as many rows in one durable transaction."""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

from flask import Flask, request

# What one sale of bench/sales.py writes: (table, rows). Updates of counters and lots are left out, in the floor's favour.
ROWS = (
    ("sales", 1),
    ("sale_lines", 2),
    ("credit_moves", 1),
    ("redemptions", 1),
    ("tenders", 1),
    ("receipts", 1),
    ("journal_entries", 1),
    ("postings", 5),
    ("outbox_messages", 1),
)
URL = os.environ.get("FLOOR_DATABASE", "sqlite:///floor.sqlite3")
app = Flask(__name__)
_local = threading.local()


def _driver() -> Any:
    try:
        import pysqlite3.dbapi2 as driver
    except ImportError:
        driver = sqlite3
    return driver


def connection() -> Any:
    """This thread's connection, opened as the application opens its own."""
    if not hasattr(_local, "connection"):
        if URL.startswith("sqlite:///"):
            opened = _driver().connect(URL.removeprefix("sqlite:///"), isolation_level=None, timeout=15)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                opened.execute(f"PRAGMA {pragma}")
        else:
            import psycopg

            opened = psycopg.connect(URL, autocommit=True)
        _local.connection = opened
    return _local.connection


def prepare() -> None:
    """Make the tables."""
    opened = connection()
    for table, _ in ROWS:
        opened.execute(f"CREATE TABLE IF NOT EXISTS floor_{table} (id TEXT PRIMARY KEY, b TEXT, c BIGINT, d TEXT)")


@app.post("/sale")
def sale() -> tuple[str, int]:
    """Write one sale's rows."""
    body = request.get_json()
    mark = "?" if URL.startswith("sqlite") else "%s"
    opened = connection()
    opened.execute("BEGIN IMMEDIATE" if mark == "?" else "BEGIN")
    for table, count in ROWS:
        for number in range(count):
            row = (f"{body['sale_id']}{number}", table, 100, "x" * 120)
            opened.execute(f"INSERT INTO floor_{table} VALUES ({mark}, {mark}, {mark}, {mark})", row)
    opened.execute("COMMIT")
    return "", 201
