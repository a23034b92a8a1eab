"""Restore a backup: into a database beside first, checked there, and only then in the place of the present one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.config import Settings
from pos.core.database.address import sqlite_file
from pos.core.database.base import engine_for_a_while, sqlite_driver
from pos.core.database.in_use import alone
from pos.core.errors import Invalid
from pos.core.files import sync
from pos.core.messages.installation import (
    BACKUP_CHECKS_FAIL,
    BACKUP_COPY_DAMAGED,
    BACKUP_HEADS_DIFFER,
    BACKUP_OF_NEWER_VERSION,
    BACKUP_OF_OTHER_DATABASE,
    TARGET_IN_USE,
    TARGET_NOT_EMPTY,
)
from pos.reports.verify import heads, verify
from pos.services.backup import postgresql_tools as tools
from pos.services.backup.archive import read_archive
from pos.services.backup.manifest import DATABASE, KEY, Manifest
from pos.services.backup.sqlite_copy import copy_sqlite, damage
from pos.services.integrity.restored_copy import noted_as_restored

Progress = Callable[[int, int], None]
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Tables:
    """What this version knows of tables: the revisions, oldest first, and how a database is brought to the newest."""

    revisions: tuple[str, ...]
    migrate: Callable[[Engine, Path], object]


@dataclass(frozen=True)
class Checked:
    """A backup whose every check holds. `checks` is how many; `migrated` whether its tables were of an earlier version."""

    manifest: Manifest
    checks: int
    migrated: bool


@dataclass(frozen=True)
class Restored:
    """A backup in place. `kept` names what was here before; `key` says what was done with the installation's key."""

    checked: Checked
    kept: str | None
    key: str


def _kind(settings: Settings) -> str:
    return "sqlite" if sqlite_file(settings.database_url) else "postgresql"


def _refuse_unknown(manifest: Manifest, settings: Settings, tables: Tables) -> None:
    if manifest.revision not in tables.revisions:
        raise Invalid(BACKUP_OF_NEWER_VERSION(version=manifest.version, revision=manifest.revision))
    if manifest.database != (here := _kind(settings)):
        found = _NAMES.get(manifest.database, manifest.database)
        raise Invalid(BACKUP_OF_OTHER_DATABASE(found=found, here=_NAMES[here]))


def _check(url: str, manifest: Manifest, tables: Tables, folder: Path, progress: Progress | None) -> Checked:
    """Bring a restored copy to today's tables and ask every invariant of it; raises Invalid where one fails."""
    try:
        with engine_for_a_while(url) as engine:
            with engine.connect() as connection:
                revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            if revision != manifest.revision:
                raise Invalid(BACKUP_COPY_DAMAGED(why=f"its tables are at {revision}"))
            migrated = bool(tables.migrate(engine, folder))
            with Session(engine) as session:
                results = verify(session, progress)
                found = {location.slug: (entries, head) for location, entries, head in heads(session)}
    except (SQLAlchemyError, sqlite_driver().Error) as error:
        raise Invalid(BACKUP_COPY_DAMAGED(why=str(error).splitlines()[0][:200])) from error
    if bad := [result for result in results if not result.holds]:
        raise Invalid(BACKUP_CHECKS_FAIL(count=len(bad), words=bad[0].words, first=bad[0].first))
    if found != {head.location: (head.entries, head.hash) for head in manifest.heads}:
        names = ", ".join(sorted({*found, *(head.location for head in manifest.heads)}))
        raise Invalid(BACKUP_HEADS_DIFFER(location=names))
    return Checked(manifest, len(results), migrated)


@contextmanager
def _restored_beside(
    settings: Settings, source: Path, tables: Tables, progress: Progress | None
) -> Iterator[tuple[Checked, Path, str]]:
    """A checked copy of what a backup holds: the folder it was unpacked into, and the file or database with the copy."""
    file = sqlite_file(settings.database_url)
    near = file.parent if file else settings.instance_dir
    with tempfile.TemporaryDirectory(prefix=".tenderpoint-restore-", dir=near if near.is_dir() else None) as name:
        folder = Path(name)
        manifest = read_archive(source, folder)
        _refuse_unknown(manifest, settings, tables)
        copy = folder / DATABASE
        if file is not None:
            if why := damage(copy):
                raise Invalid(BACKUP_COPY_DAMAGED(why=why))
            checked = _check(f"sqlite:///{copy}", manifest, tables, folder, progress)
            yield checked, folder, str(copy)
            return
        with tools.scratch_database(settings.database_url) as scratch:
            tools.restore(settings.database_url, scratch, copy, folder=settings.pg_bin_dir, tables=1)
            url = tools.url_of(settings.database_url, scratch)
            yield _check(url, manifest, tables, folder, progress), folder, scratch


def verify_backup(settings: Settings, source: Path, tables: Tables, progress: Progress | None = None) -> Checked:
    """Check a backup in a database made for it; nothing of the installation is changed. Raises Invalid with the reason."""
    with _restored_beside(settings, source, tables, progress) as (checked, _, _):
        return checked


def _is_empty(settings: Settings) -> bool:
    """Whether nothing would be lost: no database, one without tables, or one in which no location was ever made."""
    file = sqlite_file(settings.database_url)
    if file is not None and not (file.is_file() and file.stat().st_size):
        return True
    with engine_for_a_while(settings.database_url) as engine:
        if not inspect(engine).has_table("locations"):
            return not inspect(engine).get_table_names()
        with engine.connect() as connection:
            return not connection.scalar(text("SELECT count(*) FROM locations"))


def restore_in_place(
    settings: Settings, source: Path, tables: Tables, *, replace: bool = False, progress: Progress | None = None
) -> Restored:
    """Put a backup in the place of the database; what was there is kept beside it.

    The mark of the newest books stays, so the next start stops cards and credits where the backup is behind it
    (restored_copy). Raises Invalid where the database is in use, is not empty and `replace` was not said, or where a check
    fails; nothing was changed then.
    """
    with alone(settings) as nobody_serves:
        if not nobody_serves:
            raise Invalid(TARGET_IN_USE)
        empty = _is_empty(settings)
        if not empty and not replace:
            raise Invalid(TARGET_NOT_EMPTY)
        if _kind(settings) == "postgresql" and tools.is_in_use(settings.database_url):
            raise Invalid(TARGET_IN_USE)
        with _restored_beside(settings, source, tables, progress) as (checked, folder, copy):
            url = f"sqlite:///{copy}" if _kind(settings) == "sqlite" else tools.url_of(settings.database_url, copy)
            with engine_for_a_while(url) as engine, Session(engine) as session:
                places = [location.id for location, _, _ in heads(session)]
            stamp = f"before-restore-{clock.now():%Y%m%dT%H%M%SZ}"
            settings.instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with noted_as_restored(settings.instance_dir, checked.manifest.made_at, places):
                kept = _put_in_place(settings, copy, stamp, empty=empty)
            key = _put_key_back(settings, folder, stamp)
            return Restored(checked, kept, key)


def _put_in_place(settings: Settings, copy: str, stamp: str, *, empty: bool) -> str | None:
    file = sqlite_file(settings.database_url)
    if file is None:
        name = f"{tools.name_of(settings.database_url)}_{stamp.replace('-', '_').lower()}"
        tools.swap(settings.database_url, copy, name)
        if empty:
            tools.drop(settings.database_url, name)
        return None if empty else name
    kept = None
    if file.is_file() and file.stat().st_size and not empty:
        kept = file.with_name(f"{file.name}.{stamp}")
        copy_sqlite(file, kept)
    # What a WAL still holds is in the copy that was kept; the next start must not add it to another database.
    for ending in ("-wal", "-shm", "-journal"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    Path(copy).replace(file)
    sync(file.parent)
    return str(kept) if kept else None


def _put_key_back(settings: Settings, folder: Path, stamp: str) -> str:
    backed_up, here = folder / KEY, settings.instance_dir / KEY
    if not backed_up.is_file():
        return "not in the backup"
    if settings.secret_key_given:
        same = backed_up.read_text(encoding="ascii").strip() == settings.secret_key
        return "the same" if same else "other than SECRET_KEY"
    if here.is_file():
        if here.read_bytes() == backed_up.read_bytes():
            return "the same"
        here.rename(here.with_name(f"{KEY}.{stamp}"))
    backed_up.replace(here)
    return "put back"
