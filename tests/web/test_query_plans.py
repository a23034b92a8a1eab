"""The plans of what a desk and a manager ask most: no table that grows with trade is read from end to end.

Plans are asked of a database that holds next to nothing. SQLite takes an index wherever one answers a condition, whatever a
table holds; PostgreSQL is told that each table holds a million rows, and its plan must name the condition that an index
answers. The control takes an index away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, text

from bench.sales import SECRET, Shop
from bench.statements import Pages
from pos.app import create_app
from pos.core.config import read_settings
from pos.core.database.base import engine
from pos.models import HISTORY

GROWING = {*HISTORY, "journal_entries", "postings", "day_totals", "change_log"}
# Read whole, because they stay small or because every row is asked for, and where that is.
WHOLE = {
    ("dashboard", "payment_attempts"),  # each is asked whether it paid for nothing
    ("dashboard", "orders"),
    ("dashboard", "unmatched_transactions"),
    ("dashboard", "balance_transactions"),  # a payout with a difference may be of any day
    ("dashboard", "stripe_payouts"),
    ("dashboard", "receipts"),  # ends with the first that is no test
}
# What PostgreSQL reads whole here, and SQLite does not: it knows nothing of which words a column holds.
UNKNOWN = {
    ("client", "sale_lines"),
    ("dashboard", "postings"),
    ("dashboard", "shifts"),
}
# Empty tables stay empty to the planner, so they are not judged.
_A_MILLION_ROWS = """
    WITH big AS (SELECT oid FROM pg_class WHERE relname = ANY(:names) AND relkind = 'r' AND pg_relation_size(oid) > 0)
    UPDATE pg_class SET reltuples = 1000000, relpages = greatest(1, pg_relation_size(oid) / 8192)
    WHERE oid IN (SELECT oid FROM big) OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM big))
"""
_BIG = "SELECT relname FROM pg_class WHERE relname = ANY(:names) AND reltuples = 1000000"
_numbers = count()
Asked = list[tuple[str, Any]]


@contextmanager
def asked(target: Engine) -> Iterator[Asked]:
    """The queries and changes that an engine is sent, with their values."""
    seen: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "WITH")):
            many = isinstance(values, list) and values and isinstance(values[0], tuple | dict)
            seen.append((statement, values[0] if many else tuple(values) if isinstance(values, list) else values))

    event.listen(target, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(target, "before_cursor_execute", note)


def _of_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[tuple[str, str]]:
    """Tables that are read whole, and how."""
    # Each text another one: the plan of a text that the driver has kept is that of the schema of then.
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement} -- {next(_numbers)}", values):
        step = str(row[-1])
        how, _, rest = step.partition(" ")
        if how == "SCAN" or "AUTOMATIC" in rest:  # an index made for this query of all rows
            yield re.sub(r"_\d+$", "", rest.split()[0]), step


def _of_postgresql(connection: Connection, statement: str, values: Any) -> Iterator[tuple[str, str]]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
    nodes = [one["Plan"] for one in (json.loads(plan) if isinstance(plan, str) else plan)]
    while nodes:
        node = nodes.pop()
        parts = node.get("Plans", [])
        nodes += parts
        if "Relation Name" in node:
            conditions = [node.get("Index Cond"), *(part.get("Index Cond") for part in parts)]
            conditions += [inner.get("Index Cond") for part in parts for inner in part.get("Plans", [])]
            if not any(conditions):
                yield node["Relation Name"], f"{node['Node Type']} on {node['Relation Name']}"


def read_whole(target: Engine, queries: Asked) -> set[tuple[str, str]]:
    """Tables of history that a plan reads from end to end, with the step of the plan."""
    found: set[tuple[str, str]] = set()
    with target.connect() as connection:
        is_sqlite, judged = connection.dialect.name == "sqlite", GROWING
        if not is_sqlite:
            # Without it a sale is taken to have one two-hundredth of all tenders, and reading all of them to be as cheap.
            connection.exec_driver_sql("ANALYZE tenders (sale_id)")
            connection.execute(text(_A_MILLION_ROWS), {"names": sorted(GROWING)})
            # A million rows that lie on few pages would be read at next to no cost. What has no index is read whole all the
            # same, or through an index without a condition.
            connection.exec_driver_sql("SET LOCAL cpu_tuple_cost = 1")
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            judged = set(connection.scalars(text(_BIG), {"names": sorted(GROWING)}))
        for statement, values in queries:
            steps = (_of_sqlite if is_sqlite else _of_postgresql)(connection, statement, values)
            found |= {(table, step) for table, step in steps if table in judged}
        connection.rollback()
    return found


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Flask]:
    env = {
        "DATABASE_URL": database, "SECRET_KEY": SECRET, "INSTANCE_DIR": str(tmp_path),
        "WORKER_THREAD": "off", "BASE_URL": "http://localhost",
    }  # fmt: skip
    app = create_app(read_settings(env, instance_dir=tmp_path))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        engine().dispose()


class Visitor(Pages):
    """What is asked most, each once."""

    def search(self) -> None:
        for typed in ("ana", "zzzz", "+1503", "R-0001", "massage oil"):
            assert self.register.get("/register/api/search", query_string={"q": typed}).status_code == 200

    def client(self) -> None:
        for part in ("", "/sheet"):
            answer = self.register.get(f"/register/api/clients/{self.shop.clients[0]}{part}")
            assert answer.status_code == 200, part

    def tips(self) -> None:
        assert self.office.get("/office/money/tips").status_code == 200

    def all(self) -> dict[str, Any]:
        return {**self.verbs(), "search": self.search, "client": self.client, "tips": self.tips}


def test_pages_read_no_history_from_end_to_end(desk: Flask) -> None:
    shop = Shop(1)
    with desk.app_context():
        shop.build()
        target = engine()
    visitor = Visitor(desk, shop)
    visitor.cash_sale()
    whole = set()
    for name, verb in visitor.all().items():
        with asked(target) as queries:
            verb()
        assert queries
        known = WHOLE if target.dialect.name == "sqlite" else WHOLE | UNKNOWN
        whole |= {(name, table, step) for table, step in read_whole(target, queries) if (name, table) not in known}
    assert not whole, "\n".join(map(str, sorted(whole)))
    with target.begin() as connection:
        connection.execute(text("DROP INDEX ix_sales_location_id_business_on"))
    with asked(target) as queries:
        visitor.dashboard()
    assert "sales" in {table for table, _ in read_whole(target, queries)}
