"""Serialises SQLite writers with a thread lock and a file lock, instead of polling on SQLITE_BUSY.

Left to SQLite, threads and processes would poll with growing sleeps for a lock that is free again after a few milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path

from sqlalchemy import Engine


class _Line:
    """The line before one database file: threads of this process first agree on one, who then meets the other processes."""

    def __init__(self, path: Path) -> None:
        self.thread = threading.Lock()
        # Beside the database, empty, and never removed: whoever held a removed one would stand in a line of their own.
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)

    @contextmanager
    def wait(self) -> Iterator[None]:
        with self.thread:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)


@cache
def _line(database: str) -> _Line:
    return _Line(Path(f"{database}-turn"))


def write_lock_of(target: Engine) -> AbstractContextManager[None]:
    """Wait for one's turn to write; databases that queue writers themselves ask for none."""
    if target.dialect.name != "sqlite" or not target.url.database:
        return nullcontext()
    return _line(target.url.database).wait()
