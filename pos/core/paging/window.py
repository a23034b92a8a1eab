"""Which rows of an ordered list are wanted: the first ones, those after a row, or those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, true, tuple_

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Window:
    """Up to `limit` rows that follow the row of `key` in the list's order, or with `backwards` come right before it.

    Without a key they are the first ones. A list is ordered by columns that together are unique and never NULL, all of them
    ascending or, where it is `newest_first`, all descending: so an index that begins with them finds the page at once.
    """

    limit: int
    key: tuple[Any, ...] | None = None
    backwards: bool = False

    def of(self, query: Query, columns: Sequence[Any], *, newest_first: bool = True) -> Query:
        """The query narrowed to the window; backwards the rows nearest to the key come first."""
        down = newest_first != self.backwards
        ordered = query.where(self._beyond(columns, down)).order_by(*(c.desc() if down else c for c in columns))
        return ordered.limit(self.limit)

    def _beyond(self, columns: Sequence[Any], down: bool) -> ColumnElement[bool]:
        if self.key is None:
            return true()
        mine = tuple_(*columns)
        given = tuple_(*(literal(value, c.type) for value, c in zip(self.key, columns, strict=True)))
        return mine < given if down else mine > given

    def in_order(self, rows: Sequence[Any]) -> list[Any]:
        """The rows that a query of the window found, in the order of the list."""
        return list(reversed(rows)) if self.backwards else list(rows)
