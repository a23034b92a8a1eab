"""One transaction per conducted action: the only commit in the house, retried once as a whole."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from pos.kernel.db import WRITE_INTENT, db, engine
from pos.kernel.errors import Conflict
from pos.kernel.rows import CONNECTION

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)

# Rung after a commit that left a message, so that the outbox thread of this process need not wait for its next look. Not
# after every commit: the worker's own commits would keep it awake for ever.
committed = threading.Event()
HAS_MESSAGES = "has_messages"

# SQLite has one writer. Threads of one process queue here, in turn and at once; left to SQLite they would poll with
# growing sleeps for a lock that is free again after a few milliseconds.
_one_writer = threading.Lock()

_SERIALIZATION = {"40001", "40P01"}


def _may_succeed_again(error: DBAPIError, *, before_commit: bool) -> bool:
    """Whether the same work can succeed on a second try: somebody else was first, the database was busy, or the connection
    had gone before anything could have been committed on it."""
    if error.connection_invalidated:
        return before_commit
    if isinstance(error, IntegrityError):
        return "CHECK" not in str(error.orig).upper()
    if getattr(error.orig, "sqlstate", None) in _SERIALIZATION:
        return True
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def unit_of_work(conduct: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """Run `conduct(session, …)` in one transaction and commit it; anything raised undoes all of it.

    A serialization failure or a lost race for a unique key runs the whole function once more in a fresh transaction: what
    the winner wrote is then visible, so a replay answers as a replay. A second failure raises Conflict. `conduct` must
    have no effect outside the session. The request's reading session starts anew, so that later reads see the result.
    """

    @functools.wraps(conduct)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        target = engine()
        turn = _one_writer if target.dialect.name == "sqlite" else nullcontext()
        # Readings made before are old now, whether this succeeds, is refused or somebody else was faster.
        db.session.rollback()
        for last in (False, True):
            with turn, Session(target, expire_on_commit=False) as session:
                before_commit = True
                try:
                    session.info[CONNECTION] = session.connection(execution_options={WRITE_INTENT: True})
                    result = conduct(session, *args, **kwargs)
                    before_commit = False
                    session.commit()
                except DBAPIError as error:
                    session.rollback()
                    if not _may_succeed_again(error, before_commit=before_commit):
                        raise
                    if last:
                        raise Conflict(
                            "Somebody else changed this at the same moment. Nothing was saved; please try again."
                        ) from error
                    log.info("unit of work %s runs again: %s", conduct.__qualname__, type(error).__name__)
                    continue
            if session.info.get(HAS_MESSAGES):
                committed.set()
            return result
        raise AssertionError("unreachable")

    return run
