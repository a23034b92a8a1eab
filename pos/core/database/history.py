"""What history holds, as digests that are recorded in the transaction that wrote it, so that a change by hand is found.

`pos/models.py` says which tables are history. Every row of theirs that a unit of work writes is reduced to a digest of its
columns. A row that never changes is recorded with the journal entry of its transaction, at no cost but a wider row. Rows
that may change, and what is written without an entry, are recorded in the change log, one row for each transaction,
hash-chained (change_log.py). `pos verify` reduces the rows again and compares (docs/decisions/0009).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    Column,
    Connection,
    Delete,
    MetaData,
    Table,
    Update,
    event,
    inspect,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators

from pos.core.hashing import canonical

if TYPE_CHECKING:
    from sqlalchemy.orm import ORMExecuteState, UOWTransaction

# Where a table keeps what is recorded of it, and a session what its transaction has written so far.
_KEPT = "history"
_WRITTEN = "history"
# Where a unit of work keeps its connection; asking the session for it each time costs as much as a small statement.
CONNECTION = "connection"


# ---- a row as a digest


def _of_bytes(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _of_decimal(value: Decimal) -> Any:
    return f"{value.normalize():f}" if value else 0


_PLAIN: dict[type, Callable[[Any], Any]] = {
    UUID: lambda value: value.hex,
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    date: date.isoformat,
    Decimal: _of_decimal,
    bytes: _of_bytes,
    memoryview: _of_bytes,
}


def row_digest(table: str, columns: Sequence[tuple[str, bool]], values: Iterable[Any]) -> str:
    """The digest of a row: 128 bits in hex over the table's name and the columns, by name, that hold something.

    `columns` are names, and whether the column may be NULL. Left out are NULL, and zero, false and empty where the column
    cannot be NULL: so a column that a later version adds changes no digest written before. Kept digests depend on this
    function: it stays as it is.
    """
    parts: list[Any] = [table]
    for (name, nullable), value in zip(columns, values, strict=True):
        if value is None:
            continue
        plain = _PLAIN.get(type(value))
        if plain is not None:
            value = plain(value)
        if not nullable and not value:
            continue
        parts.append(name)
        parts.append(value)
    return hashlib.sha256(canonical(parts)).hexdigest()[:32]


@dataclass(frozen=True)
class Kept:
    """What is recorded of a table: all columns but `without`. `changes`: its rows may change; each change is recorded.

    A table or column that got another name keeps in its digests the one it had: `known_as`, and `renamed` from new to old.
    """

    changes: bool = False
    without: frozenset[str] = frozenset()
    known_as: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)


class Recorder:
    """Reduces rows of one table to digests."""

    def __init__(self, table: Table, kept: Kept) -> None:
        self.table, self.name, self.changes = table, str(kept.known_as or table.name), kept.changes
        if unknown := kept.without - set(table.columns.keys()):
            raise LookupError(f"{table.name} has no column {', '.join(sorted(unknown))}")
        known = {column: kept.renamed.get(column.name, column.name) for column in table.columns}
        chosen = sorted((column for column in known if column.name not in kept.without), key=known.__getitem__)
        self.columns = tuple(chosen)
        # SQLAlchemy's names are texts of a kind of their own; plain ones are looked up and written faster.
        self.facts = tuple((str(known[column]), bool(column.nullable)) for column in chosen)
        self.names = tuple(str(column.name) for column in chosen)
        self.keys = tuple(str(column.name) for column in table.primary_key.columns)

    def digest_of(self, values: Mapping[str, Any]) -> str:
        """The digest of a row given by column name; a column that is not there is NULL or at its default."""
        return row_digest(self.name, self.facts, map(values.get, self.names))

    def key_of(self, values: Mapping[str, Any]) -> str:
        """The key of a row as text."""
        return ",".join(str(values[name]) for name in self.keys)

    def item(self, values: Mapping[str, Any]) -> str:
        """A row as it is recorded."""
        middle = f"{self.key_of(values)}:" if self.changes else ""
        return f"{self.name}:{middle}{self.digest_of(values)}"


def declare(metadata: MetaData, history: Mapping[str, Kept]) -> None:
    """Say which tables are history: from here on what is written into them is recorded."""
    for name, kept in history.items():
        table = metadata.tables[name]
        table.info[_KEPT] = Recorder(table, kept)


def recorder_of(table: Table) -> Recorder | None:
    """How rows of a table are recorded; None where it is no history."""
    found: Recorder | None = table.info.get(_KEPT)
    return found


# ---- what a unit of work has written


@dataclass
class Written:
    """What a transaction has written: digests of rows that never change, keys of rows that may.

    `days` are the business dates of new rows with their locations, None where a row does not name it.
    """

    items: list[str] = field(default_factory=list)
    changed: dict[Table, dict[tuple[Any, ...], None]] = field(default_factory=dict)
    location_id: UUID | None = None
    days: set[tuple[UUID | None, date]] = field(default_factory=set)


def _written(session: Session) -> Written:
    found: Written | None = session.info.get(_WRITTEN)
    if found is None:
        found = session.info[_WRITTEN] = Written()
    return found


def wrote(session: Session, recorder: Recorder, values: Mapping[str, Any]) -> None:
    """Note that a row was inserted."""
    written = _written(session)
    if written.location_id is None:
        written.location_id = values.get("location_id")
    if (on := values.get("business_on")) is not None:
        written.days.add((values.get("location_id"), on))
    if recorder.changes:
        key = tuple(values[name] for name in recorder.keys)
        written.changed.setdefault(recorder.table, {})[key] = None
    else:
        written.items.append(recorder.item(values))


def note_day(session: Session, location_id: UUID, on: date) -> None:
    """Note that something was written into a business day that no row of history names."""
    _written(session).days.add((location_id, on))


def written_days(session: Session) -> set[tuple[UUID | None, date]]:
    """The business dates this transaction has written into, with their locations; None for any location."""
    written: Written | None = session.info.get(_WRITTEN)
    return set() if written is None else written.days


class Touching:
    """An UPDATE or DELETE that touches recorded columns of rows that may change."""

    def __init__(self, recorder: Recorder, where: Sequence[Any]) -> None:
        self.recorder, self.where = recorder, where
        # Most name their row by its key; of others the keys are asked for before they run.
        self._named = dict(filter(None, map(_named_key, where)))
        self._whole = self._named.keys() >= set(recorder.keys)

    def note(self, session: Session, given: Mapping[str, Any]) -> None:
        """Note the rows that the statement is about to change, by the values it is given."""
        changed = _written(session).changed.setdefault(self.recorder.table, {})
        if self._whole:
            binds = (self._named[name] for name in self.recorder.keys)
            changed[tuple(given.get(bind.key, bind.value) for bind in binds)] = None
            return
        wanted = select(*self.recorder.table.primary_key.columns).where(*self.where)
        for row in connection_of(session).execute(wanted, dict(given)):
            changed[tuple(row)] = None


def _named_key(part: Any) -> tuple[str, BindParameter[Any]] | None:
    """`key = :value`, as the key's name and the value."""
    if not isinstance(part, BinaryExpression) or part.operator is not operators.eq:
        return None
    left, right = part.left, part.right
    return (left.name, right) if isinstance(left, Column) and isinstance(right, BindParameter) else None


def touching(statement: Any) -> Touching | None:
    """What a statement touches of history; None where that is nothing. A row that never changes is not changed by any."""
    if not isinstance(statement, Update | Delete) or not isinstance(statement.table, Table):
        return None
    recorder = recorder_of(statement.table)
    if recorder is None or not recorder.changes:
        return None
    if isinstance(statement, Update):
        # There is no public way to ask an UPDATE what it sets.
        names = {getattr(column, "name", column) for column in statement._values or ()}
        if names and names.isdisjoint(recorder.names):
            return None
    return Touching(recorder, statement._where_criteria)


def connection_of(session: Session) -> Connection:
    """The connection of a unit of work, or the session's."""
    found: Connection | None = session.info.get(CONNECTION)
    return session.connection() if found is None else found


def take_items(session: Session) -> list[str]:
    """The rows written so far that never change, for the journal entry that records them; each is taken once."""
    written: Written | None = session.info.get(_WRITTEN)
    if written is None:
        return []
    items, written.items = written.items, []
    return items


def take_written(session: Session) -> Written | None:
    """What this transaction has written and no journal entry has recorded; taken once."""
    found: Written | None = session.info.pop(_WRITTEN, None)
    return found


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    if CONNECTION not in session.info:  # not a unit of work
        return
    for row in session.new:
        _note_mapped(session, row, new=True)
    for row in session.dirty:
        _note_mapped(session, row, new=False)
    for row in session.deleted:
        if recorder := recorder_of(row.__table__):
            _written(session).changed.setdefault(recorder.table, {})[inspect(row).identity] = None


def _note_mapped(session: Session, row: Any, *, new: bool) -> None:
    recorder = recorder_of(row.__table__)
    if recorder is None:
        return
    state = inspect(row)
    by_column = {column.name: state.mapper.get_property_by_column(column).key for column in recorder.table.columns}
    if new:
        values = {name: state.dict.get(key) for name, key in by_column.items()}
        wrote(session, recorder, values)
    elif any(state.attrs[by_column[name]].history.has_changes() for name in recorder.names):
        _written(session).changed.setdefault(recorder.table, {})[state.identity] = None


def _before_execute(state: ORMExecuteState) -> None:
    """A statement handed to the session: an UPDATE or DELETE of several rows says here which they are."""
    if (state.is_update or state.is_delete) and CONNECTION in state.session.info:
        found = touching(state.statement)
        if found is not None:
            state.session.flush()
            found.note(state.session, state.parameters if isinstance(state.parameters, dict) else {})


event.listen(Session, "after_flush", _after_flush)
event.listen(Session, "do_orm_execute", _before_execute)
