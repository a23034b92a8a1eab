"""The checks of `pos verify` after each of many steps: one is made again where a table that it read was written since."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from pos.models import metadata
from pos.reports.invariants.base import CheckScope
from pos.reports.period import one_moment
from pos.reports.verify import CHECKS

_NAMES = frozenset(metadata.tables)
_WORDS = re.compile(r"\w+")
_WRITES = re.compile(r"\s*(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM) \W?(\w+)", re.IGNORECASE)


class RememberedChecks:
    """Checks on a SQLite file of one engine, which hears every statement that its connections carry out.

    A check that held reads the same tables and says the same as long as nobody writes to one of them and no time goes by.
    """

    def __init__(self, engine: Engine) -> None:
        self._reads: dict[str, frozenset[str]] = {}
        self._written: set[str] = set()
        self._reading: set[str] | None = None
        self._now: datetime | None = None
        event.listen(engine, "connect", self._connected)
        engine.dispose()

    def _connected(self, connection: Any, _record: object) -> None:
        connection.set_trace_callback(self._hear)

    def _hear(self, statement: str) -> None:
        if self._reading is not None:
            self._reading.update(_NAMES.intersection(_WORDS.findall(statement)))
        elif found := _WRITES.match(statement):
            self._written.add(found.group(1))
        elif re.search(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", statement):
            self._reads.clear()  # written in another way, to whatever table

    def broken(self, session: Session, now: datetime) -> list[tuple[str, str]]:
        """The checks that do not hold, each with the rows that break it."""
        if now != self._now:
            self._reads.clear()
        one_moment(session)
        found = []
        for check in CHECKS:
            if (read := self._reads.get(check.key)) is not None and not read & self._written:
                continue
            session.expunge_all()  # what another check has read is read again, to be heard
            self._reading = set()
            found += [(check.key, sentence) for sentence in check.breaks(CheckScope(session, None, {}))]
            self._reads[check.key] = frozenset(self._reading)
        self._reading, self._now = None, now
        self._written.clear()
        if found:
            self._reads.clear()
        return found
