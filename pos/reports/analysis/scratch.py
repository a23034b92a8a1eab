"""Sums of more than a process should hold, made by SQLite in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pos.core.database.storage_errors import storage_problem


@contextmanager
def _storage_problems() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise storage_problem(error) or error from error


class Scratch:
    """A database of one answer: SQLite keeps half a megabyte of it in memory and the rest in a file without a name.

    Whichever database the clinic has. File and memory are given back when nobody holds this object any more. Raises
    StorageUnavailable where the temporary folder has no room.
    """

    def __init__(self, tables: str) -> None:
        # Python's own driver: the one that reads a clinic's SQLite is built to keep a database without a name in memory.
        # Whoever reads the rows of a file may do so from several threads in turn.
        self._sql = sqlite3.connect("", check_same_thread=False)
        self._sql.executescript(f"PRAGMA journal_mode = OFF; PRAGMA cache_size = -500; {tables}")

    def write(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out a statement for each row of parameters."""
        with _storage_problems():
            self._sql.executemany(statement, rows)

    def read(self, statement: str) -> sqlite3.Cursor:
        """The rows of a query, read as they are asked for; also what a statement that writes answers."""
        with _storage_problems():
            return self._sql.execute(statement)

    def __del__(self) -> None:
        # A connection of Python 3.11 refers to itself by the statements it keeps: without this it waits for a collection.
        self._sql.close()
