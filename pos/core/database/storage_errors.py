"""Which errors of a database or a disk mean that nothing can be written now, and the sentence for each."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from pos.core.errors import StorageUnavailable
from pos.core.i18n.message import Message
from pos.core.messages.installation import DATABASE_AWAY, DATABASE_READ_ONLY, DISK_FULL

log = logging.getLogger(__name__)


# SQLite says it in words: its drivers give no code that both know. PostgreSQL: SQLSTATE, appendix A of its manual.
_SQLITE = {
    "disk is full": DISK_FULL,
    "readonly database": DATABASE_READ_ONLY,
    "disk I/O error": DISK_FULL,
    "unable to open database file": DATABASE_AWAY,
}
_POSTGRESQL = {
    "53100": DISK_FULL,
    "25006": DATABASE_READ_ONLY,
    "53300": DATABASE_AWAY,
    "57P01": DATABASE_AWAY,
    "57P02": DATABASE_AWAY,
    "57P03": DATABASE_AWAY,
}
_DISK = {errno.ENOSPC: DISK_FULL, errno.EDQUOT: DISK_FULL, errno.EROFS: DATABASE_READ_ONLY}


def storage_problem(error: DBAPIError | OSError | sqlite3.OperationalError) -> StorageUnavailable | None:
    """What a person is told where an error means that nothing can be written now; None for every other error."""
    sentence = None
    if isinstance(error, OSError):
        sentence = _DISK.get(error.errno or 0)
    elif isinstance(error, sqlite3.OperationalError):
        sentence = _of_sqlite(str(error))
    else:
        state = getattr(error.orig, "sqlstate", None)
        sentence = _POSTGRESQL.get(state or "")
        if sentence is None and (error.connection_invalidated or (state or "").startswith("08")):
            sentence = DATABASE_AWAY
        if sentence is None and state is None:
            sentence = _of_sqlite(str(error.orig))
    return StorageUnavailable(sentence) if sentence else None


def _of_sqlite(text: str) -> Message | None:
    return next((said for words, said in _SQLITE.items() if words in text), None)


@contextmanager
def optional_write(what: str) -> Iterator[None]:
    """A write that reading a page may do without: where nothing can be written, it is left out and logged."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if storage_problem(error) is None:
            raise
        log.warning("%s was not written: %s", what, error)
