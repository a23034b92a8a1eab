"""A SQLite database copied while others write to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from pos.core.database.base import sqlite_driver
from pos.core.files import sync

_PAGES = 500


def copy_sqlite(source: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy a database as it is at one moment into a file of its own, on the disk when this returns.

    Under a WAL the copy reads one snapshot and no writer waits. Otherwise it is taken in one step, for which writers wait.
    `progress` hears pages done and pages to do.
    """
    driver = sqlite_driver()
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    uri = f"{source.absolute().as_uri()}?mode=rw"
    with closing(driver.connect(uri, uri=True, timeout=15)) as one, closing(driver.connect(str(target))) as other:
        one.isolation_level = None
        in_steps = one.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if in_steps:
            # A transaction of our own keeps the snapshot: without one each commit of a desk would begin the copy anew.
            one.execute("BEGIN")
            one.execute("SELECT count(*) FROM sqlite_schema").fetchone()

        def done(_status: int, left: int, whole: int) -> None:
            if progress is not None:
                progress(whole - left, whole)

        one.backup(other, pages=_PAGES if in_steps else -1, progress=done, sleep=0)
        other.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without a WAL beside
    sync(target)


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a database file; None where it is sound."""
    driver: Any = sqlite_driver()
    try:
        with closing(driver.connect(str(path))) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            return None if found == "ok" else str(found)
    except driver.Error as error:
        return str(error)
