"""Calls to Stripe that a thread makes while it holds a connection to the database: there must be none.

`SimulatorHTTPClient` reports every request here, so every test that pays anything by card says it of the calls it makes;
`tests/conftest.py` looks after each test. A connection is held from its first statement until the transaction's end.
"""

from __future__ import annotations

import threading
import traceback

from sqlalchemy import event
from sqlalchemy.pool import Pool

# By the pool's record of it, or by itself where it left the pool: the thread that took a connection.
_held: dict[int, int] = {}
calls: list[str] = []


@event.listens_for(Pool, "checkout")
def _taken(_connection: object, record: object, _proxy: object) -> None:
    _held[id(record)] = threading.get_ident()


@event.listens_for(Pool, "checkin")
def _given_back(_connection: object, record: object) -> None:
    _held.pop(id(record), None)


@event.listens_for(Pool, "detach")
def _left_the_pool(connection: object, record: object) -> None:
    _held[id(connection)] = _held.pop(id(record), threading.get_ident())


@event.listens_for(Pool, "close_detached")
def _closed(connection: object) -> None:
    _held.pop(id(connection), None)


def note_call(method: str, path: str) -> None:
    """Keep a call whose caller holds a connection, with the lines of the application that led to it."""
    if threading.get_ident() in _held.values():
        way = [
            f"{one.filename.rpartition('/pos/')[2]}:{one.lineno}"
            for one in traceback.extract_stack()
            if "/pos/" in one.filename
        ]
        calls.append(f"{method} {path} by {' '.join(way[-8:])}")
