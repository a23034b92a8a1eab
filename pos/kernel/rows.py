"""Rows without the mapper, for the path every sale takes.

Measured on the same table: adding a mapped object and flushing took 269 µs, a statement built once and run on the
connection 34 µs. Build statements at the top of a module with `bindparam`, run them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Executable, Insert, Table, insert
from sqlalchemy.orm import Session

from pos.kernel.db import Base


def run(session: Session, statement: Executable, /, **values: Any) -> CursorResult[Any]:
    """Run a prepared statement in the session's transaction, after anything the session has pending."""
    session.flush()
    return session.connection().execute(statement, values)


@cache
def _insert(model: type[Base]) -> Insert:
    table = model.__table__
    assert isinstance(table, Table)
    return insert(table)


def add_row(session: Session, model: type[Base], /, **values: Any) -> None:
    """Insert one row; columns left out take their defaults."""
    session.flush()
    session.connection().execute(_insert(model), values)


def add_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]], /) -> None:
    """Insert several rows of the same columns at once."""
    session.flush()
    session.connection().execute(_insert(model), rows)
