"""Back up an installation while it runs: database, key and mark in one file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from pos.core import clock
from pos.core.config import Settings
from pos.core.database.address import sqlite_file
from pos.core.database.base import engine_for_a_while, sqlite_driver
from pos.core.errors import Invalid, NotConfigured
from pos.core.messages.installation import BACKUP_NOT_WRITABLE, DATABASE_AWAY, DATABASE_WITHOUT_TABLES
from pos.core.version import installed_version
from pos.services.backup import postgresql_tools as tools
from pos.services.backup.archive import write_archive
from pos.services.backup.manifest import DATABASE, KEY, MARK, ChainHead, Described, Manifest
from pos.services.backup.sqlite_copy import copy_sqlite

Progress = Callable[[int, int], None]
# Plain SQL: a backup is also taken of a database whose tables are of another version.
_REVISION = "SELECT version_num FROM alembic_version"
_HEADS = (
    "SELECT locations.slug, ledger_chains.seq, ledger_chains.head_hash FROM ledger_chains"
    " JOIN locations ON locations.id = ledger_chains.location_id ORDER BY locations.slug"
)
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


def usual_name() -> str:
    """The name of a backup made now: the moment in UTC, so that names sort by time."""
    return f"tenderpoint-{clock.now():%Y%m%dT%H%M%SZ}.backup"


def make_backup(settings: Settings, target: Path, progress: Progress | None = None) -> Manifest:
    """Write one file with the database as it is at one moment, the key file and the mark of the newest books.

    Nobody waits for it under SQLite's WAL or on PostgreSQL. Raises Invalid or NotConfigured with the reason; there is no
    file then.
    """
    target = target.absolute()
    try:
        folder = tempfile.TemporaryDirectory(prefix=".tenderpoint-backup-", dir=target.parent)
    except OSError as error:
        raise Invalid(BACKUP_NOT_WRITABLE(file=target, why=error.strerror or error)) from error
    with folder as name:
        copy = Path(name) / DATABASE
        try:
            described = copy_database(settings, copy, progress)
        except OSError as error:
            raise Invalid(BACKUP_NOT_WRITABLE(file=target, why=error.strerror or error)) from error
        beside = {own: settings.instance_dir / own for own in (KEY, MARK)}
        members = {DATABASE: copy} | {own: path for own, path in beside.items() if path.is_file()}
        return write_archive(target, described, members)


def copy_database(settings: Settings, copy: Path, progress: Progress | None = None) -> Described:
    """Copy the database into a file: SQLite's own format, or that of pg_dump; says what it holds."""
    file = sqlite_file(settings.database_url)
    try:
        if file is not None:
            return _copy_sqlite(file, copy, progress)
        return _dump_postgresql(settings, copy, progress)
    except (SQLAlchemyError, sqlite_driver().OperationalError) as error:
        raise NotConfigured(DATABASE_AWAY, field="DATABASE_URL") from error


def _copy_sqlite(file: Path, copy: Path, progress: Progress | None) -> Described:
    now = clock.now()
    copy_sqlite(file, copy, progress)
    driver = sqlite_driver()
    with closing(driver.connect(str(copy))) as connection:
        try:
            (revision,) = connection.execute(_REVISION).fetchone()
            heads = tuple(ChainHead(*row) for row in connection.execute(_HEADS))
        except (driver.DatabaseError, TypeError) as error:
            raise NotConfigured(DATABASE_WITHOUT_TABLES, field="DATABASE_URL") from error
    return Described(installed_version(), revision, "sqlite", now, heads)


@contextmanager
def _snapshot(url: str) -> Iterator[Connection]:
    with (
        engine_for_a_while(url) as engine,
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
    ):
        yield connection


def _dump_postgresql(settings: Settings, copy: Path, progress: Progress | None) -> Described:
    tools.tool("pg_dump", settings.pg_bin_dir)
    with _snapshot(settings.database_url) as connection:
        now = clock.now()
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            raise NotConfigured(DATABASE_WITHOUT_TABLES, field="DATABASE_URL")
        revision = connection.scalar(text(_REVISION)) or ""
        heads = tuple(ChainHead(slug, seq, head) for slug, seq, head in connection.execute(text(_HEADS)))
        tables, snapshot = connection.scalar(text(_TABLES)) or 1, connection.scalar(text("SELECT pg_export_snapshot()"))
        tools.dump(
            settings.database_url, copy, folder=settings.pg_bin_dir, tables=tables, snapshot=snapshot, progress=progress
        )
        if progress is not None:
            progress(tables, tables)
    return Described(installed_version(), revision, "postgresql", now, heads)
