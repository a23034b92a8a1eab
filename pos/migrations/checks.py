"""Changing a CHECK constraint: PostgreSQL can; in SQLite the stored text of the table is edited, as its manual describes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text


def change_check(table: str, name: str, condition: str) -> None:
    """Give the constraint `ck_<table>_<name>` another condition; rows must satisfy it already.

    SQLite cannot alter a constraint. Rebuilding the table would drop its triggers and every foreign key that points to it;
    its manual allows the stored definition to be edited instead when, as here, nothing about the rows' form changes.
    Raises LookupError when there is no such constraint.
    """
    full = f"ck_{table}_{name}"
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {full}, ADD CONSTRAINT {full} CHECK ({condition})")
        return
    query = text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
    definition: str = connection.execute(query, {"name": table}).scalar_one()
    start = definition.find(f"CONSTRAINT {full} CHECK (")
    if start < 0:
        raise LookupError(f"{table} has no constraint {full}")
    opening = definition.index("(", start)
    depth, end = 0, opening
    for end in range(opening, len(definition)):
        depth += {"(": 1, ")": -1}.get(definition[end], 0)
        if depth == 0:
            break
    changed = definition[: opening + 1] + condition + definition[end:]
    version = connection.execute(text("PRAGMA schema_version")).scalar_one()
    connection.execute(text("PRAGMA writable_schema = ON"))
    connection.execute(
        text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": table},
    )
    connection.execute(text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(text("PRAGMA writable_schema = OFF"))
    if connection.execute(text("PRAGMA integrity_check")).scalar_one() != "ok":
        raise RuntimeError(f"{table} does not satisfy {condition}")
