"""Runs the statements of a sale on the driver's cursor, compiled once for each dialect (docs/decisions/0006).

A statement is written with SQLAlchemy at the top of a module with `bindparam`; its text and the processors of its values and
columns come from SQLAlchemy, and the events `before_cursor_execute` and `after_cursor_execute` see it. Only modules on the
path of a sale use this; tests/architecture/test_prepared_statements.py lists them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, SelectBase, Table, UpdateBase, bindparam, insert
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from pos.core.database import driver
from pos.core.database.base import Base
from pos.core.database.history import connection_of, recorder_of, touching, wrote


class Rows(list[Any]):
    """What a statement returned, read to its end: rows whose columns are attributes."""

    def first(self) -> Any | None:
        """The first row, if there is one."""
        return self[0] if self else None

    def scalar(self) -> Any | None:
        """The first column of the first row, if there is one."""
        return self[0][0] if self else None


class Prepared:
    """A statement compiled for a dialect: its text, how each value is bound, how each column is read."""

    def __init__(self, statement: SelectBase | UpdateBase, dialect: Dialect, given: Mapping[str, Any]) -> None:
        # Both drivers get values by position. Elsewhere PostgreSQL gets them by name, as GROUP BY with values needs.
        assert isinstance(dialect, DefaultDialect)
        by_place = dialect if dialect.positional else type(dialect)(paramstyle="format")
        compiled = statement.compile(dialect=by_place)
        assert isinstance(compiled, SQLCompiler)
        state = compiled.construct_expanded_state(dict(given))
        self.text = state.statement
        kinds = {name: bind.type for name, bind in compiled.binds.items()}
        for name, names in state.parameter_expansion.items():
            kinds |= dict.fromkeys(names, kinds[name])
        # A list that is given becomes one value for each of its elements; one that the statement holds stays as it is.
        self.lists = {name: list(names) for name, names in state.parameter_expansion.items() if name in given}
        self.order = list(state.positiontup or ())
        self.fixed = {name: state.parameters[name] for name in self.order if name not in given}
        binders = (kinds[name].dialect_impl(dialect).bind_processor(dialect) for name in self.order)
        self.binders = [(at, process) for at, process in enumerate(binders) if process]
        self.kinds = [column.type for column in statement.exported_columns]
        self.row: Any = namedtuple("Row", map(str, statement.exported_columns.keys())) if self.kinds else None
        self.readers: list[tuple[int, Callable[[Any], Any]]] | None = None
        self.touching = touching(statement)

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values as the driver takes them."""
        if self.fixed or self.lists:
            given = {**self.fixed, **given}
            for name, names in self.lists.items():
                given |= zip(names, given[name], strict=True)
        values = list(map(given.__getitem__, self.order))
        for at, process in self.binders:
            values[at] = process(values[at])
        return values

    def read(self, found: Sequence[Any], cursor: Any, dialect: Dialect) -> Rows:
        """What the driver fetched, as rows."""
        if self.readers is None:
            codes = zip(self.kinds, cursor.description, strict=True)
            readers = (kind.dialect_impl(dialect).result_processor(dialect, column[1]) for kind, column in codes)
            self.readers = [(at, process) for at, process in enumerate(readers) if process]
        if self.readers:
            found = [list(raw) for raw in found]
            for cells in found:
                for at, process in self.readers:
                    cells[at] = process(cells[at])
        return Rows(map(self.row._make, found))


# By dialect, statement and the lengths of its lists. Statements live as long as their modules, so a few dozen stay here.
_prepared: dict[tuple[Any, ...], Prepared] = {}


def prepare(connection: Connection, statement: SelectBase | UpdateBase, values: Mapping[str, Any]) -> Prepared:
    """A statement compiled for this connection and for lists of these lengths."""
    lengths = [(name, len(value)) for name, value in values.items() if type(value) is list]
    key = (connection.dialect.name, statement, *lengths)
    found = _prepared.get(key)
    if found is None:
        found = _prepared[key] = Prepared(statement, connection.dialect, values)
    return found


def flushed(session: Session) -> Connection:
    """The connection of the session's transaction, with everything pending written to it."""
    if session.in_transaction():  # without one the mapper has nothing pending
        session.flush()
    return connection_of(session)


def run(target: Session | Connection, statement: SelectBase | UpdateBase, /, **values: Any) -> Rows:
    """Run a statement in the session's transaction, after what the session has pending, or on a connection that only reads.

    A list given for `bindparam(…, expanding=True)` must not be empty. Raises DBAPIError as SQLAlchemy does.
    """
    connection = target if isinstance(target, Connection) else flushed(target)
    prepared = prepare(connection, statement, values)
    if prepared.touching is not None and isinstance(target, Session):
        prepared.touching.note(target, values)
    bound = prepared.values(values)
    if prepared.row is None:
        driver.write(connection, prepared.text, bound)
        return Rows()
    cursor = driver.ask(connection, prepared.text, bound)
    return prepared.read(cursor.fetchall(), cursor, connection.dialect)


def add_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]], /) -> None:
    """Insert several rows of the same columns in one statement; defaults of the model are not filled in."""
    connection = flushed(session)
    table = model.__table__
    assert isinstance(table, Table)
    recorder = recorder_of(table)
    key = (connection.dialect.name, table, *rows[0])
    prepared = _prepared.get(key)
    if prepared is None:
        statement = insert(table).values({name: bindparam(name) for name in rows[0]})
        prepared = _prepared[key] = Prepared(statement, connection.dialect, rows[0])
    bound: list[Any] = []
    for row in rows:
        if recorder is not None:
            wrote(session, recorder, row)
        bound += prepared.values(row)
    text = prepared.text
    if len(rows) > 1:
        text += f", {text.rpartition(' VALUES ')[2]}" * (len(rows) - 1)
    driver.write(connection, text, bound)


def add_row(session: Session, model: type[Base], /, **values: Any) -> None:
    """Insert one row; defaults of the model are not filled in."""
    add_rows(session, model, [values])
