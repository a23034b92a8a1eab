"""How the database reads what is asked of a session: that a table which grows is not read whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ClauseElement, event
from sqlalchemy.orm import ORMExecuteState, Session


@contextmanager
def plans(session: Session) -> Iterator[list[str]]:
    """The steps of the plans of the queries that are asked meanwhile, of SQLite or of PostgreSQL."""
    connection, explain = session.connection(), "EXPLAIN QUERY PLAN"
    if session.get_bind().dialect.name == "postgresql":
        # It reads a small table whole, whatever indexes it has, unless it is told not to where it can avoid it.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN"
    steps: list[str] = []

    def note(asked: ORMExecuteState) -> None:
        assert isinstance(asked.statement, ClauseElement)
        query = asked.statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        text = str(query).replace("%", "%%")
        steps.extend(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}"))

    event.listen(session, "do_orm_execute", note)
    try:
        yield steps
    finally:
        event.remove(session, "do_orm_execute", note)


def reads_whole(steps: list[str], *tables: str) -> list[str]:
    """The steps that read one of the tables from end to end."""
    whole = [f"{how} {table}" for table in tables for how in ("SCAN", "Seq Scan on")]
    return [step for step in steps if any(words in step for words in whole)]
