"""One transaction per use case: the only commit of the application, retried once as a whole."""

from __future__ import annotations

import functools
import inspect
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from pos.core.app_context import is_running
from pos.core.database import change_log, day_totals
from pos.core.database.base import WRITE_INTENT, db, engine, reading
from pos.core.database.history import CONNECTION
from pos.core.database.sqlite_lock import write_lock_of
from pos.core.errors import Conflict, PosError
from pos.core.messages.general import CHANGED_AT_THE_SAME_MOMENT

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")
log = logging.getLogger(__name__)

# Set after committing an outbox message; wakes the worker thread of this process. Not
# after every commit: the worker's own commits would keep it awake for ever.
committed = threading.Event()
HAS_MESSAGES = "has_messages"
# The `why` of the Conflict raised when two tries in a row lost to somebody else.
SAME_MOMENT = "same_moment"

_SERIALIZATION = {"40001", "40P01"}
_inside: ContextVar[bool] = ContextVar("inside_a_unit_of_work", default=False)


def _end_readings() -> None:
    """End the request's reading transaction; a request that has read nothing has no session, and is not given one."""
    if db.session.registry.has():
        db.session.rollback()


@contextmanager
def no_transaction() -> Iterator[None]:
    """End the request's reading transaction, so that the block may call another system; rows are read again after it.

    Raises RuntimeError inside a unit of work: waiting there would hold locks that every desk needs.
    """
    if _inside.get():
        raise RuntimeError("another system is never called inside a unit of work")
    if is_running():
        _end_readings()
    yield


def may_pass(error: BaseException) -> bool:
    """Whether the same work may succeed later as it is: the database was busy, full or away, or others were faster.

    A row that the database refuses, tried twice, is no such thing: it will be refused again.
    """
    if isinstance(error, Conflict) and error.extra.get("why") == SAME_MOMENT:
        return not isinstance(error.__cause__, IntegrityError)
    return isinstance(error, OperationalError | InterfaceError | InternalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


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
        # Readings made before are old now, whether this succeeds, is refused or somebody else was faster.
        _end_readings()
        for last in (False, True):
            with write_lock_of(target), target.connect().execution_options(**{WRITE_INTENT: True}) as connection:
                before_commit = True
                # Rows written without the mapper need no session's transaction; one that the mapper begins is this one.
                connection.begin()
                session = Session(connection, expire_on_commit=False, join_transaction_mode="control_fully")
                session.info[CONNECTION] = connection
                outer = _inside.set(True)
                try:
                    result = conduct(session, *args, **kwargs)
                    session.flush()
                    day_totals.drop_written(session)
                    change_log.close(session)
                    before_commit = False
                    (session if session.in_transaction() else connection).commit()
                except DBAPIError as error:
                    connection.rollback()
                    if not _may_succeed_again(error, before_commit=before_commit):
                        raise
                    if last:
                        raise Conflict(
                            CHANGED_AT_THE_SAME_MOMENT,
                            why=SAME_MOMENT,
                        ) from error
                    log.info("unit of work %s runs again: %s", conduct.__qualname__, type(error).__name__)
                    continue
                finally:
                    _inside.reset(outer)
                    # One that the mapper did not use, as in most sales, holds nothing to close.
                    if session.in_transaction() or session.identity_map:
                        session.close()
            if session.info.get(HAS_MESSAGES):
                committed.set()
            return result
        raise AssertionError("unreachable")

    return run


def run_within(session: Session, conduct: Callable[..., Any], /, *args: Any, **values: Any) -> Any:
    """Run a use case that is a unit of work by itself as a part of the caller's transaction."""
    return inspect.unwrap(conduct)(session, *args, **values)


def idempotent(find: Callable[[Session, C], R | None]) -> Callable[[Callable[[C], R]], Callable[[C], R]]:
    """Answer a refused command with `find(session, command)`: what the same command, sent twice, has left.

    The other one may have been faster: it took the credit or the ticket, and its answer is this one's. Where `find` returns
    None there was no other, and the refusal stands.
    """

    def decorate(conduct: Callable[[C], R]) -> Callable[[C], R]:
        @functools.wraps(conduct)
        def run(command: C) -> R:
            try:
                return conduct(command)
            except PosError:
                answer = find(reading(), command)
                if answer is None:
                    raise
                return answer

        return run

    return decorate
