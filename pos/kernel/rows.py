"""Rows without the mapper, for the path every sale takes.

Measured on the same table: adding a mapped object and flushing took 269 µs, a statement built once and run on the
connection 34 µs. Build statements at the top of a module with `bindparam`, run them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Insert, Table, insert
from sqlalchemy.orm import Session

from pos.kernel.db import Base

# A unit of work keeps its connection here; asking the session for it each time costs as much as a small statement.
CONNECTION = "connection"


def _connection(session: Session) -> Connection:
    """The connection of the session's transaction, with everything pending written to it."""
    session.flush()
    return session.info.get(CONNECTION) or session.connection()


def run(session: Session, statement: Executable, /, **values: Any) -> CursorResult[Any]:
    """Run a prepared statement in the session's transaction, after anything the session has pending."""
    return _connection(session).execute(statement, values)


@cache
def _insert(model: type[Base]) -> Insert:
    table = model.__table__
    assert isinstance(table, Table)
    return insert(table)


def add_row(session: Session, model: type[Base], /, **values: Any) -> None:
    """Insert one row; columns left out take their defaults."""
    _connection(session).execute(_insert(model), values)


def add_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]], /) -> None:
    """Insert several rows of the same columns at once."""
    _connection(session).execute(_insert(model), rows)
