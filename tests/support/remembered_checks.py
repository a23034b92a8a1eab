"""The checks of `pos verify`, each made again where the database answers its statements otherwise than before.

A check depends on what its statements return, and two on the time. What one asked that held is remembered with the answers.
Next time its statements are carried out as they were, without building them and making objects of rows: that took most of
a check's time. Where every answer is the same it holds; at the first other answer the check itself is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.orm import Session

from pos.core import clock
from pos.reports.invariants.base import Check, CheckScope
from pos.reports.period import one_moment
from pos.reports.verify import CHECKS

_Statement = tuple[str, Any]
# Of a check on a kind of database: by the prints of the answers so far, what it asks next, or None where it holds.
_known: defaultdict[tuple[str, Callable[..., Any]], dict[int, _Statement | None]] = defaultdict(dict)
_MOST = 2_000


def broken_checks(session: Session, *, but: str = "") -> dict[str, str]:
    """The checks that do not hold, each with the first row that breaks it; ends what the session read before.

    `but` is the key of one that is left out.
    """
    one_moment(session)
    asked = (check for check in CHECKS if check.key != but)
    return {check.key: found for check in asked if (found := first_break(session, check))}


def first_break(session: Session, check: Check) -> str | None:
    """The first row that breaks a check, if any does."""
    return None if _is_known(session, check) else next(iter(_made(session, check)), None)


def _is_known(session: Session, check: Check) -> bool:
    known, told = _known[session.get_bind().dialect.name, check.breaks], 0
    while statement := known.get(told):
        told = _after(told, session, statement)
    return told in known


def _after(told: int, session: Session, statement: _Statement) -> int:
    """The print of what was asked and answered so far, with one statement more."""
    return hash((told, repr(statement), _answer(session, statement)))


def _answer(session: Session, statement: _Statement) -> str:
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(*statement)
        return repr(cursor.fetchall())
    finally:
        cursor.close()


def _made(session: Session, check: Check) -> list[str]:
    engine, own = session.get_bind().engine, session.connection().connection.dbapi_connection
    asked: list[_Statement] = []

    def hear(connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if connection.connection.dbapi_connection is own:  # a page that is open asks the same engine
            asked.append((text, values))

    session.expunge_all()  # what another check has read is read again, to be heard
    event.listen(engine, "before_cursor_execute", hear)
    try:
        with patch.object(clock, "now", wraps=clock.now) as now:
            found = list(check.breaks(CheckScope(session, None, {})))
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    if not found and not now.called:
        _remember(session, check, asked)
    return found


def _remember(session: Session, check: Check, asked: list[_Statement]) -> None:
    known, told = _known[session.get_bind().dialect.name, check.breaks], 0
    if len(known) > _MOST:
        known.clear()
    for statement in asked:
        assert statement[0].lstrip("( ").startswith(("SELECT", "WITH")), (
            "a check reads, and is asked its statements again"
        )
        if known.setdefault(told, statement) != statement:
            return  # after the same answers it asked something else: there is more to it than these
        told = _after(told, session, statement)
    known.setdefault(told, None)
