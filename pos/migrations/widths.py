"""Giving a text column another greatest length: PostgreSQL can; SQLite keeps it as a note, which is edited like a CHECK."""

from __future__ import annotations

import re

from alembic import op
from sqlalchemy import text


def change_width(table: str, column: str, length: int) -> None:
    """Let `column` hold `length` characters; raises LookupError when there is no such text column."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE VARCHAR({length})")
        return
    query = text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
    definition: str = connection.execute(query, {"name": table}).scalar_one()
    changed, count = re.subn(rf'(?m)^(\s*"?{column}"? VARCHAR)\(\d+\)', rf"\1({length})", definition)
    if count != 1:
        raise LookupError(f"{table} has no text column {column}")
    version = connection.execute(text("PRAGMA schema_version")).scalar_one()
    connection.execute(text("PRAGMA writable_schema = ON"))
    connection.execute(
        text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": changed, "name": table},
    )
    connection.execute(text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(text("PRAGMA writable_schema = OFF"))
