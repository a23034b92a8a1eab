"""Runs writes on temporary copies of their tables: they wait for nobody, nobody waits for them, and nothing is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, Table, select
from sqlalchemy.orm import Session

from pos.core.database.base import Base, engine

_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})


@contextmanager
def temporary_copies(copied: Mapping[type[Base], ColumnElement[bool]]) -> Iterator[Session]:
    """A session that sees one moment of the database and writes only to temporary tables, which end with it.

    `copied` names every table that may be written, in the order they are copied, and the rows that are copied. A temporary
    table hides the table of its name, so the same statements write to it. Writing to another table raises DBAPIError.
    """
    with engine().connect() as connection:
        # Closed afterwards and not pooled: nobody else meets the temporary tables, or plans made for them.
        connection.detach()
        connection.begin()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for model, rows in copied.items():
            _copy(connection, model, rows)
        _refuse_other_writes(connection)
        with Session(connection, expire_on_commit=False) as session:
            yield session


def _copy(connection: Connection, model: type[Base], rows: ColumnElement[bool]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    # Such a statement takes no parameters; the values here are keys of ours.
    query = select(table).where(rows).compile(connection, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {table.name} AS {query}")


def _refuse_other_writes(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Temporary tables may still be written.
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        return

    def authorize(action: int, _table: str | None, _column: str | None, database: str | None, _by: str | None) -> int:
        return sqlite3.SQLITE_DENY if action in _WRITES and database == "main" else sqlite3.SQLITE_OK

    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.set_authorizer(authorize)
