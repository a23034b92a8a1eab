"""Whether the database answers, and of which version its tables are."""

from __future__ import annotations

from sqlalchemy import text

from pos.core.database.base import reading_connection


def tables_revision() -> str | None:
    """The revision that the tables are at; raises SQLAlchemyError where the database does not answer."""
    with reading_connection() as connection:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
