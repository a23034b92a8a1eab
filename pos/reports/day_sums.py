"""Sums by location and business date, of several tables in one statement: a UNION ALL of selects of one shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from pos.core.database.base import Percent
from pos.core.money import Rates

_MOST_AMOUNTS = 9
# What a sum lacks.
_NO_WORD, _NO_RATE = cast(null(), String), cast(null(), Percent)
_NO_FLAG, _NO_AMOUNT = literal(0), cast(literal(0), BigInteger)


class DayRow(NamedTuple):
    """One row of a sum: `words`, `rates` and `flag` are what it was grouped by, `amounts` what it counted and summed."""

    location_id: UUID
    on: date
    words: tuple[str, str]
    rates: Rates
    flag: bool
    amounts: tuple[int, ...]


@dataclass(frozen=True)
class DaySum:
    """A sum to query. `source` has tables and conditions and no columns; `use` takes each row.

    `keys` are its location and business date, `words` up to two texts and `flag` further columns to group by; `taxed` is the
    table whose rates of tax they are grouped by.
    """

    source: Select[*tuple[Any, ...]]
    keys: tuple[Any, Any]
    amounts: Sequence[ColumnElement[Any]]
    use: Callable[[DayRow], None]
    words: Sequence[Any] = ()
    taxed: Any = None
    flag: Any = None

    def query(self, number: int) -> Select[*tuple[Any, ...]]:
        """The select, with what it lacks filled up, so that all have the same columns of the same types."""
        words = [*self.words, *[_NO_WORD] * (2 - len(self.words))]
        rates = (self.taxed.tax_percent, self.taxed.second_tax_percent) if self.taxed is not None else ()
        flag = _NO_FLAG if self.flag is None else case((self.flag, 1), else_=0)
        amounts = [cast(one, BigInteger) for one in self.amounts]
        amounts += [_NO_AMOUNT] * (_MOST_AMOUNTS - len(amounts))
        columns = (
            literal(number).label("number"),
            *self.keys,
            *words,
            *(rates or (_NO_RATE, _NO_RATE)),
            flag,
            *amounts,
        )
        group = (*self.keys, *self.words, *rates, *([] if self.flag is None else [self.flag]))
        return self.source.add_columns(*(c.label(f"c{at}") for at, c in enumerate(columns))).group_by(*group)


def total(column: Any) -> ColumnElement[Any]:
    """The sum of a column, 0 of no rows."""
    return func.coalesce(func.sum(column), 0)


def fetch_sums(session: Session, sums: Sequence[DaySum]) -> None:
    """Query several sums in one statement and hand each its rows, one sum after the other."""
    parts = union_all(*(one.query(number) for number, one in enumerate(sums)))
    rows: list[list[DayRow]] = [[] for _ in sums]
    none = Decimal(0)
    for number, location, on, word, other, first, second, flag, *amounts in session.execute(parts):
        rates = Rates(first or none, second or none)
        rows[number].append(
            DayRow(location, on, (word or "", other or ""), rates, bool(flag), tuple(map(int, amounts)))
        )
    for one, found in zip(sums, rows, strict=True):
        for row in found:
            one.use(row)


def from_tables(entity: Any, *joins: tuple[Any, Any], where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """A select without columns from a table and others joined to it."""
    query = select().select_from(entity)
    for target, condition in joins:
        query = query.join(target, condition)
    return query.where(where)
