"""Runs text on the driver's cursor; on PostgreSQL, statements that return nothing are sent with the next query.

Half of what a sale writes returns nothing. On PostgreSQL each such statement would cost a round trip in which the location's
other desks wait for the head of the ledger; in a psycopg pipeline they go with the next query, the last ones with the
commit. Order and errors stay: a refusal comes with that query, or with the commit, and undoes the transaction as ever.
The engine's listeners to `before_cursor_execute` and `after_cursor_execute` are called, without an execution context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

# Under this key a connection keeps the statements that were put off.
PENDING = "tenderpoint_pending"
# A text and its values, as the driver takes them.
Statement = tuple[str, Sequence[Any]]


def can_wait(connection: Connection) -> bool:
    """Whether statements may be put off on this connection."""
    return connection.dialect.driver == "psycopg"


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


def _pipelined(connection: Connection, queries: Sequence[tuple[Any, Statement]], *, finish: bool = False) -> None:
    """Send what was put off, then queries, then perhaps the commit, in one pipeline; raises the driver's error."""
    pending = connection.info.pop(PENDING, None)
    driver: Any = connection.connection.dbapi_connection
    with driver.pipeline():
        if pending:
            aside = driver.cursor()
            for text, values in pending:
                aside.execute(text, values)
        for cursor, (text, values) in queries:
            cursor.execute(text, values)
        if finish:
            driver.commit()


def send(connection: Connection, *, finish: bool = False) -> None:
    """Send what was put off, where anything was, perhaps together with the commit; raises DBAPIError."""
    pending = connection.info.get(PENDING)
    if pending:
        try:
            _pipelined(connection, (), finish=finish)
        except connection.dialect.loaded_dbapi.Error as error:
            raise wrapped(connection, "; ".join(text for text, _ in pending), None, error) from error


def finish(connection: Connection) -> None:
    """Send what was put off together with the commit; raises DBAPIError. The commit that follows finds nothing to do."""
    send(connection, finish=True)


def _tell(listeners: Iterable[Callable[..., Any]], connection: Connection, cursor: Any, text: str, values: Any) -> None:
    for listener in listeners:
        listener(connection, cursor, text, values, None, False)


def write(connection: Connection, text: str, values: Sequence[Any]) -> None:
    """Run a statement that returns nothing, or put it off until the next one of this connection; raises DBAPIError.

    To the listeners of events one that is put off ends at once; the one that it is sent with takes its time.
    """
    if not can_wait(connection):
        _ask_now(connection, text, values)
        return
    events = connection.engine.dispatch
    cursor = connection.connection.cursor()
    _tell(events.before_cursor_execute, connection, cursor, text, values)
    connection.info.setdefault(PENDING, []).append((text, values))
    _tell(events.after_cursor_execute, connection, cursor, text, values)


def ask(connection: Connection, text: str, values: Sequence[Any]) -> Any:
    """Run a query, together with what was put off; returns its cursor. Raises DBAPIError."""
    if can_wait(connection) and connection.info.get(PENDING):
        return ask_together(connection, [(text, values)])[0]
    return _ask_now(connection, text, values)


def _ask_now(connection: Connection, text: str, values: Sequence[Any]) -> Any:
    events = connection.engine.dispatch
    cursor = connection.connection.cursor()
    _tell(events.before_cursor_execute, connection, cursor, text, values)
    try:
        cursor.execute(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(connection, text, values, error) from error
    _tell(events.after_cursor_execute, connection, cursor, text, values)
    return cursor


def ask_together(connection: Connection, queries: Sequence[Statement]) -> list[Any]:
    """Run queries, together with what was put off, in one round trip; the cursor of each. Raises DBAPIError."""
    events = connection.engine.dispatch
    cursors = [(connection.connection.cursor(), query) for query in queries]
    for cursor, (text, values) in cursors:
        _tell(events.before_cursor_execute, connection, cursor, text, values)
    try:
        _pipelined(connection, cursors)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(connection, "; ".join(text for text, _ in queries), queries[0][1], error) from error
    for cursor, (text, values) in cursors:
        _tell(events.after_cursor_execute, connection, cursor, text, values)
    return [cursor for cursor, _ in cursors]
