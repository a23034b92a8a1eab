"""A copy of the database before its tables are changed, kept beside it; the newest three stay."""

from __future__ import annotations

import logging
from pathlib import Path

from pos.core import clock
from pos.core.config import Settings
from pos.core.database.address import sqlite_file
from pos.core.database.base import sqlite_driver
from pos.core.errors import NotConfigured, PosError
from pos.core.messages.installation import NO_COPY_BEFORE_MIGRATION
from pos.services.backup import postgresql_tools as tools
from pos.services.backup.sqlite_copy import copy_sqlite

log = logging.getLogger(__name__)
KEPT = 3


def copy_before_migration(settings: Settings, revision: str) -> Path | None:
    """Copy the database as it was at a revision; returns where to.

    SQLite: raises NotConfigured where there is no room, and nothing is migrated. PostgreSQL migrates in one transaction, so
    a copy that pg_dump cannot make is said in a sentence and left out.
    """
    file = sqlite_file(settings.database_url)
    name = f"before-migration-{revision}-{clock.now():%Y%m%dT%H%M%SZ}"
    if file is not None:
        target = file.with_name(f"{file.name}.{name}")
        try:
            copy_sqlite(file, target)
        except (OSError, sqlite_driver().Error) as error:
            target.unlink(missing_ok=True)
            raise NotConfigured(NO_COPY_BEFORE_MIGRATION(why=str(error)), field="DATABASE_URL") from error
        _prune(target.parent, f"{file.name}.before-migration-*")
    else:
        target = settings.instance_dir / f"{name}.dump"
        try:
            tools.dump(settings.database_url, target, folder=settings.pg_bin_dir, tables=1)
        except (PosError, OSError) as error:
            target.unlink(missing_ok=True)
            log.warning("there is no copy of the database from before the migration: %s", error)
            return None
        _prune(target.parent, "before-migration-*.dump")
    log.warning("the database was copied to %s before its tables are changed", target)
    return target


def _prune(folder: Path, pattern: str) -> None:
    copies = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in copies[KEPT:]:
        old.unlink(missing_ok=True)
