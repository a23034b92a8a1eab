"""Queries of a unit of work that do not depend on each other, asked in one round trip (docs/decisions/0007)."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import SelectBase, UpdateBase
from sqlalchemy.orm import Session

from pos.core.database import driver
from pos.core.database.prepared import Rows, flushed, prepare, run

# Where a session keeps the answers that have come and were not taken yet.
_ANSWERED = "answered"


class PreparedQuery(NamedTuple):
    """A statement that answers with rows, and its values; a list for `bindparam(…, expanding=True)` must not be empty."""

    statement: SelectBase | UpdateBase
    values: dict[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        """What is equal for equal queries."""
        return (self.statement, *((k, tuple(v) if isinstance(v, list) else v) for k, v in self.values.items()))


def run_query(session: Session, query: PreparedQuery) -> Rows:
    """The rows of a query, as `run` gives them, or as `run_pipelined` has brought them."""
    answered = session.info.get(_ANSWERED)
    if answered and (rows := answered.pop(query.key, None)) is not None:
        found: Rows = rows
        return found
    return run(session, query.statement, **query.values)


def run_pipelined(session: Session, *queries: PreparedQuery) -> None:
    """Run several queries in one round trip, where a round trip costs something; `run_query` then takes each answer, once.

    They run in this order, now: none may read what the unit of work itself changes before it looks.
    """
    connection = flushed(session)
    if not driver.can_wait(connection):
        return
    prepared = [prepare(connection, one.statement, one.values) for one in queries]
    texts = [(known.text, known.values(one.values)) for known, one in zip(prepared, queries, strict=True)]
    answered = session.info.setdefault(_ANSWERED, {})
    for one, known, cursor in zip(queries, prepared, driver.ask_together(connection, texts), strict=True):
        answered[one.key] = known.read(cursor.fetchall(), cursor, connection.dialect)
