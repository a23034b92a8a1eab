"""Buffers write statements without RETURNING and sends them in the next psycopg pipeline.

Half of what a sale writes returns nothing. On PostgreSQL each such statement would cost a round trip in which the location's
other desks wait for the head of the ledger; in a pipeline they travel with the next query, and the last ones with the
commit. Order and errors stay: a refusal comes with that query, or with the commit, and undoes the transaction as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

PENDING = "tenderpoint_pending"
# A query as it is sent: the driver's cursor, the text, its values.
PipelinedQuery = tuple[Any, str, Any]


def can_wait(connection: Connection) -> bool:
    """Whether statements may be put off on this connection."""
    return connection.dialect.driver == "psycopg"


def later(connection: Connection, text: str, values: Any) -> None:
    """Put a statement without an answer off until the next one of this connection."""
    connection.info.setdefault(PENDING, []).append((text, values))


def forget(connection: Connection) -> None:
    """Drop what was put off: its transaction is undone."""
    connection.info.pop(PENDING, None)


def wrapped(connection: Connection, text: str, values: Any, error: Exception) -> DBAPIError:
    """A driver's error as SQLAlchemy would raise it; a connection that is gone is given up."""
    base = connection.dialect.loaded_dbapi.Error
    raw = connection.connection.dbapi_connection
    gone = connection.dialect.is_disconnect(error, raw, None)  # type: ignore[arg-type]  # typed as DBAPI 2.0's Error
    if gone:
        connection.invalidate(error)
    found = DBAPIError.instance(text, values, error, base, dialect=connection.dialect, connection_invalidated=gone)
    assert isinstance(found, DBAPIError)
    return found


def _pipelined(connection: Connection, queries: Sequence[PipelinedQuery], *, finish: bool = False) -> None:
    """Send what was put off, then queries, then perhaps the commit, in one go; raises the driver's error."""
    pending = connection.info.pop(PENDING, None)
    driver: Any = connection.connection.dbapi_connection
    with driver.pipeline():
        if pending:
            aside = driver.cursor()
            for text, values in pending:
                aside.execute(text, values)
        for cursor, text, values in queries:
            cursor.execute(text, values)
        if finish:
            driver.commit()


def _send(connection: Connection, *, finish: bool) -> None:
    pending = connection.info.get(PENDING)
    if not pending:
        return
    try:
        _pipelined(connection, (), finish=finish)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(connection, "; ".join(text for text, _ in pending), None, error) from error


def send(connection: Connection) -> None:
    """Send what was put off; raises DBAPIError."""
    _send(connection, finish=False)


def finish(connection: Connection) -> None:
    """Send what was put off together with the commit; raises DBAPIError. The commit that follows finds nothing to do."""
    _send(connection, finish=True)


def query(connection: Connection, cursor: Any, text: str, values: Any) -> list[Any]:
    """Send what was put off together with a query, and return its rows; raises the driver's error."""
    if connection.info.get(PENDING):
        _pipelined(connection, [(cursor, text, values)])
    else:
        cursor.execute(text, values)
    found: list[Any] = cursor.fetchall()
    return found


def run_pipelined(connection: Connection, queries: Sequence[PipelinedQuery]) -> None:
    """Send what was put off together with several queries, each on a cursor of its own that then holds its answer; raises
    the driver's error."""
    _pipelined(connection, queries)
