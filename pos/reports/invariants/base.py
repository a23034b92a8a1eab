"""What an invariant is made of: words, the rows it is about, and a reader of the rows that break it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from pos.core.i18n.message import Message


@dataclass(frozen=True)
class CheckScope:
    """The session to read with, the locations to read of (all for None), and heads that must be in the chains."""

    session: Session
    location_ids: frozenset[UUID] | None
    expected_heads: dict[UUID, str]
    _counted: dict[Any, int] = field(default_factory=dict)

    def in_scope(self, column: Any) -> ColumnElement[bool]:
        """Whether a row's location is looked at."""
        return true() if self.location_ids is None else column.in_(self.location_ids)

    def rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        """The rows of a query, a portion at a time; a reader that stops leaves no cursor open."""
        with self.session.execute(query, execution_options={"yield_per": 1000}) as found:
            yield from found

    def count(self, location: Any) -> int:
        """How many rows of a table are looked at; `location` is their location column. Several checks are about one table,
        and each count reads all of it."""
        if location not in self._counted:
            query = select(func.count()).select_from(location.class_).where(self.in_scope(location))
            self._counted[location] = self.session.scalar(query) or 0
        return self._counted[location]

    def sums(self, location: Any, summed: Any, *where: ColumnElement[bool]) -> dict[UUID, int]:
        """The sum of a column by location, over the rows that are looked at; `location` is their location column."""
        query = select(location, func.sum(summed)).where(self.in_scope(location), *where).group_by(location)
        return {place: int(minor) for place, minor in self.session.execute(query)}


@dataclass(frozen=True)
class Check:
    """One invariant. `breaks` yields a sentence for each row that breaks it; `counted` is the location column counted.

    One that does not `stop` is about what is derived from history, and may be made again: cards and credits go on.
    """

    key: str
    words: str
    counted: Any
    breaks: Callable[[CheckScope], Iterator[Message]]
    stops: bool = True

    def examined(self, look: CheckScope) -> int:
        """How many rows the invariant is about."""
        return look.count(self.counted)
