"""Recording the rows that are in a database already, when its history begins to be recorded or gets another column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import sqlalchemy as sa

from pos.kernel.db import UtcDateTime
from pos.kernel.history import log_hash, row_digest

_PORTION = 500
_HEAD = sa.table("change_log_head", sa.column("seq", sa.BigInteger()), sa.column("head_hash", sa.String()))
_LOG = sa.table(
    "change_log",
    sa.column("seq", sa.BigInteger()),
    sa.column("at", UtcDateTime()),
    sa.column("location_id", sa.Uuid()),
    sa.column("recorded", sa.JSON()),
    sa.column("previous_hash", sa.String()),
    sa.column("hash", sa.String()),
)


def _as_the_models_read_it(column: sa.Column[Any]) -> Any:
    """The type a model gives a column, as far as the database tells: SQLite has keys as text."""
    if isinstance(column.type, sa.CHAR) and column.type.length == 32:
        return sa.Uuid()
    if isinstance(column.type, sa.DateTime):
        return UtcDateTime()
    return column.type


def _items(bind: sa.Connection, name: str, without: frozenset[str], changes: bool) -> Iterator[str]:
    table = sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    for column in table.columns:
        column.type = _as_the_models_read_it(column)
    keys = [column.name for column in table.primary_key.columns]
    chosen = sorted((column for column in table.columns if column.name not in without), key=lambda c: c.name)
    facts = [(column.name, bool(column.nullable)) for column in chosen]
    for row in bind.execute(sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=1000)):
        values = dict(row._mapping)
        for column_name, value in values.items():
            if column_name.endswith("percent") and isinstance(value, str):
                values[column_name] = Decimal(value)
        digest = row_digest(name, facts, [values[column] for column, _ in facts])
        key = ",".join(str(values[column]) for column in keys)
        yield f"{name}:{key}:{digest}" if changes else f"{name}:{digest}"


def record_all(bind: sa.Connection, tables: Mapping[str, tuple[bool, frozenset[str]]]) -> None:
    """Record every row of some tables as it stands, in rows of the change log; each table with whether its rows may change
    and the columns that are left out, as `pos/tables.py` has them at that version.

    A migration that changes recorded columns of rows that may change calls it for their table afterwards. Rows that never
    change are recorded once; a migration does not change them.
    """
    items = (item for name, (changes, without) in tables.items() for item in _items(bind, name, without, changes))
    while portion := list(islice(items, _PORTION)):
        seq, previous = bind.execute(sa.select(_HEAD.c.seq, _HEAD.c.head_hash)).one()
        at, seq = datetime.now(UTC), seq + 1
        own = log_hash(seq, at, None, portion, previous)
        bind.execute(
            _LOG.insert().values(seq=seq, at=at, location_id=None, recorded=portion, previous_hash=previous, hash=own)
        )
        bind.execute(_HEAD.update().values(seq=seq, head_hash=own))
