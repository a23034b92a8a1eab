"""Triggers that keep history: the same refusal on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

FUNCTION = """
CREATE OR REPLACE FUNCTION tenderpoint_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def guard(dialect: str, tables: tuple[str, ...]) -> Iterator[str]:
    """The statements that make `tables` append-only."""
    if dialect == "postgresql":
        yield FUNCTION
    for table in tables:
        if dialect == "postgresql":
            yield (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION tenderpoint_append_only()"
            )
            continue
        for statement in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{statement.lower()} BEFORE {statement} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
