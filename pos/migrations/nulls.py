"""Letting a column be empty: PostgreSQL can alter it; in SQLite the stored text of the table is edited."""

from __future__ import annotations

import re

from alembic import op
from sqlalchemy import text


def allow_null(table: str, column: str) -> None:
    """Drop NOT NULL from a column. Raises LookupError when the column is not there or may be empty already."""
    _change(table, column, nullable=True)


def forbid_null(table: str, column: str) -> None:
    """Put NOT NULL on a column again; no row may be empty there. Raises LookupError when it is there already."""
    _change(table, column, nullable=False)


def _change(table: str, column: str, *, nullable: bool) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} {'DROP' if nullable else 'SET'} NOT NULL")
        return
    query = text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
    definition: str = connection.execute(query, {"name": table}).scalar_one()
    ending = " NOT NULL" if nullable else ""
    pattern = rf'(?m)^(\s*"?{column}"? [A-Z]+(?:\(\d+\))?){ending}(?=\s*,)'
    changed, count = re.subn(pattern, r"\1" if nullable else r"\1 NOT NULL", definition)
    if count != 1:
        raise LookupError(f"{table}.{column} is not as expected")
    version = connection.execute(text("PRAGMA schema_version")).scalar_one()
    connection.execute(text("PRAGMA writable_schema = ON"))
    connection.execute(
        text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": table},
    )
    connection.execute(text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(text("PRAGMA writable_schema = OFF"))
    if connection.execute(text("PRAGMA integrity_check")).scalar_one() != "ok":
        raise RuntimeError(f"{table} has rows without {column}")
