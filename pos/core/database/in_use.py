"""A lock that a served application holds for as long as it runs, so that nobody puts another database in its place."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pos.core.config import Settings
from pos.core.database.address import sqlite_file

# An environment variable that names the start of a server; its processes share it.
START = "TENDERPOINT_START"


def _path(settings: Settings) -> Path:
    file = sqlite_file(settings.database_url)
    return file.with_name(f"{file.name}-inuse") if file else settings.instance_dir / "database-inuse"


@cache
def _shared(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)  # waits while a backup is put in place
    return handle


def hold(settings: Settings) -> None:
    """Say, until this process ends, that the database is in use."""
    path = _path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _shared(path)


@contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Whether no process holds the lock; none can take it inside the block."""
    path = _path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)
