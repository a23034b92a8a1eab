"""Bringing a database to today's tables: at the first start by itself, later by `pos migrate`."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from pos.core.database.address import sqlite_file
from pos.core.errors import NotConfigured
from pos.core.messages.installation import (
    DATABASE_MISSING,
    DATABASE_OF_OTHER_BUILD,
    DATABASE_OF_OTHER_VERSION,
    DATABASE_WITHOUT_TABLES,
)

SCRIPTS = Path(__file__).parent
# An arbitrary constant: the name of our advisory lock in PostgreSQL.
_LOCK = 7_203_311


@contextmanager
def _alone(engine: Engine, folder: Path) -> Iterator[Connection]:
    """A connection on which only this process migrates: three first starts at once must not trip over each other."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
            try:
                yield connection
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                connection.commit()
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "migrate.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with engine.connect() as connection:
            yield connection


def revisions() -> list[str]:
    """The revisions known to this code, oldest first, read from the file names: no need to import Alembic to compare."""
    return sorted(path.stem.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The newest revision known to this code."""
    return revisions()[-1]


def current(connection: Connection) -> str | None:
    """The revision a database is at, or None for an empty one."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def require_file(url: str) -> None:
    """Raise NotConfigured where a SQLite file is not there or is empty: whoever wants to look must not make a new one."""
    file = sqlite_file(url)
    if file is not None and not (file.is_file() and file.stat().st_size):
        raise NotConfigured(
            DATABASE_MISSING(file=file),
            field="DATABASE_URL",
        )


def require_current(engine: Engine) -> None:
    """Raise NotConfigured where the tables are missing or of another version: whoever only reads does not migrate."""
    with engine.connect() as connection:
        found = current(connection)
    if found is None:
        raise NotConfigured(DATABASE_WITHOUT_TABLES, field="DATABASE_URL")
    if found != newest():
        raise NotConfigured(
            DATABASE_OF_OTHER_VERSION,
            field="DATABASE_URL",
        )


def _has_data(connection: Connection) -> bool:
    """Whether anything would be lost with this database: a location was made in it."""
    if not connection.dialect.has_table(connection, "locations"):
        return False
    return bool(connection.scalar(text("SELECT count(*) FROM locations")))


def migrate(engine: Engine, folder: Path, before: Callable[[str], object] | None = None) -> bool:
    """Bring the database to the newest revision; returns whether anything was done. Safe to call from every process.

    `before` hears the present revision of a database with data before anything in it is changed; what it raises stops the
    migration.
    Raises NotConfigured where the database is at a revision unknown to this code, of an earlier build or a later one.
    """
    # A SQLite file is not even looked at while another process makes it: a reader could keep it from becoming a WAL.
    with _alone(engine, folder) as connection:
        found = current(connection)
        if found == newest():
            return False
        if found is not None and found not in revisions():
            raise NotConfigured(
                DATABASE_OF_OTHER_BUILD(found=found),
                field="DATABASE_URL",
            )
        has_data = before is not None and found is not None and _has_data(connection)
        connection.rollback()
        if has_data and before is not None and found is not None:
            before(found)
        from alembic import command  # imported only when needed: it costs a third of a second
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET lock_timeout = '10s'"))
        command.upgrade(config, "head")
        connection.commit()
    return True
