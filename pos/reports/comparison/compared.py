"""A report beside the same report of other days: for each figure what it was before, and the change.

Any report whose rows are figures by a name can be compared (`Report.by`); a list of single events cannot. The result is a
report again, so that pages, files, commands and mails need no way of their own. Rows that are there in one of the two
periods alone stand with 0 in the other. A name that is a month or a day is moved with the period: October beside November.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from pos.core.clock import add_months
from pos.core.messages.books import COMPARED_WITH, COMPARED_WITH_A_DAY, FILTER_COMPARE
from pos.core.money import Money
from pos.reports.analysis.narrowing import unknown
from pos.reports.analysis.opens import Behind, Month, Opens
from pos.reports.exporters import Cell
from pos.reports.period import Scope, same_before, year_before
from pos.reports.registry import Remark, Report

# By the word in the address and the command: the days for the days shown, and what people call them.
COMPARISONS: Mapping[str, Callable[[date, date], tuple[date, date]]] = {"before": same_before, "year": year_before}
COMPARISON_WORDS = {"before": "the same period before", "year": "the same period of last year"}
# What stands beside a figure.
PARTS = {"before": "before", "change": "change"}
_YEAR = 12  # months
# The word of the address, and of the filters of a saved view.
COMPARE = "compare"
Key = tuple[Any, ...]
Row = Sequence[Cell]


class Beside(str):
    """The head of a column that stands beside a figure: `figure` is its head, `part` what of it, `before` or `change`."""

    __slots__ = ("figure", "part")

    figure: str
    part: str

    def __new__(cls, figure: str, part: str) -> Beside:
        """Make the head of it."""
        made = super().__new__(cls, f"{figure}, {part}")
        made.figure, made.part = figure, part
        return made


def parse_comparison(report: Report, typed: str) -> str:
    """The comparison asked for, empty for none and for a report of single events; raises Invalid for another word."""
    if not typed or not report.by:
        return ""
    if typed not in COMPARISONS:
        raise unknown(COMPARE, typed, FILTER_COMPARE)
    return typed


def days_before(scope: Scope, which: str) -> Scope:
    """The days that a scope is compared with."""
    from_on, to_on = COMPARISONS[which](scope.from_on, scope.to_on)
    return replace(scope, from_on=from_on, to_on=to_on)


def in_comparison(report: Report, which: str) -> Report:
    """The report with its figures beside those of other days; itself where nothing is, or can be, compared."""
    if not report.by or which not in COMPARISONS:
        return report
    figures = [name for name in report.columns if name in (*report.summed, *report.averaged)]
    added = {name: tuple(Beside(name, part) for part in PARTS) for name in figures}

    def with_added(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(head for name in names for head in (name, *added.get(name, ())))

    def rows(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
        return _rows(report, session, scope, days_before(scope, which))

    def remarks(session: Session, scope: Scope) -> list[Remark]:
        was = days_before(scope, which)
        one_day = was.from_on == was.to_on
        said = COMPARED_WITH_A_DAY(day=was.from_on) if one_day else COMPARED_WITH(first=was.from_on, last=was.to_on)
        return [*report.remarks_on(session, scope), Remark(said)]

    return replace(
        report,
        columns=with_added(report.columns),
        summed=with_added(report.summed),
        rows=rows,
        remarks=remarks,
        compare=which,
    )


def _rows(report: Report, session: Session, scope: Scope, was: Scope) -> Iterator[tuple[Cell, ...]]:
    number = {name: at for at, name in enumerate(report.columns)}
    figures = {number[name] for name in (*report.summed, *report.averaged)}
    names = [number[name] for name in ("Currency", *report.by) if name in number and number[name] not in figures]
    before = _by_key((_moved(report, row, was, scope) for row in report.rows(session, was)), names)
    now = _by_key(report.rows(session, scope), names)
    for key in _in_order(list(now), list(before)):
        row, old = now.get(key), before.get(key)
        there: Row = row if row is not None else [_of_days(cell, was) for cell in old or ()]
        cells: list[Cell] = []
        for at, cell in enumerate(there):
            if at not in figures:
                cells.append(cell)
                continue
            new = row[at] if row is not None else _nothing(cell)
            past = old[at] if old is not None else _nothing(cell)
            cells += (new, past, _change(new, past))
        yield tuple(cells)


def _by_key(rows: Iterable[Row], names: Sequence[int]) -> dict[Key, Row]:
    """Rows by what names them; of several with one name each stands for itself."""
    found: dict[Key, Row] = {}
    times: dict[Key, int] = defaultdict(int)
    for row in rows:
        name = tuple(_name(row[at]) for at in names)
        times[name] += 1
        found[*name, times[name]] = row
    return found


def _name(cell: Cell) -> Any:
    match cell:
        case Opens():
            return cell.what, cell.key
        case Behind():
            return str(cell), *sorted((name, text) for name, text in cell.args.items() if name not in ("from", "to"))
        case _:
            return cell


def _of_days(cell: Cell, was: Scope) -> Cell:
    """The name of a row that is there in the days before alone: what is behind it is of those days."""
    if not isinstance(cell, Behind):
        return cell
    return Behind(cell, **{"from": was.from_on, "to": was.to_on, **cell.args})


def _moved(report: Report, row: Row, was: Scope, scope: Scope) -> Row:
    """A row of the days before with its month or day as it is called in the days shown."""
    months = _YEAR * (scope.from_on.year - was.from_on.year) + scope.from_on.month - was.from_on.month
    cells = list(row)
    for at, name in enumerate(report.columns):
        cell = cells[at]
        if name == "Month" and name in report.by and isinstance(cell, str):
            month = Month(f"{add_months(date.fromisoformat(f'{cell}-01'), months):%Y-%m}")
            cells[at] = Behind(month, **cell.args) if isinstance(cell, Behind) else month
        elif name in report.by and isinstance(cell, date):
            cells[at] = _moved_day(cell, months, was, scope)
    return cells


def _moved_day(on: date, months: int, was: Scope, scope: Scope) -> date:
    """A day as it is called in the days shown; one that their months have not, such as 31 October, as it is called there."""
    if months != _YEAR and not scope.from_on.day == was.from_on.day == 1:
        return on + (scope.from_on - was.from_on)
    moved = add_months(on, months)
    return max(moved, scope.from_on) if moved.day == on.day else on


def _in_order(now: list[Key], before: list[Key]) -> Iterator[Key]:
    """The keys of now in their order, and those of before alone where they stood among them, by name between two."""
    shared = set(now) & set(before)
    gone: dict[Key | None, list[Key]] = defaultdict(list)
    after: Key | None = None
    for key in before:
        if key in shared:
            after = key
        else:
            gone[after].append(key)
    waiting = gone.pop(None, [])
    for key in now:
        if key in shared:
            yield from waiting
            yield key
            waiting = gone.pop(key, [])
        else:
            while waiting and _text(waiting[0]) < _text(key):
                yield waiting.pop(0)
            yield key
    yield from waiting


def _text(key: Key) -> str:
    return "\0".join(str(part) for part in key)


def _nothing(cell: Cell) -> Cell:
    match cell:
        case Money(currency=currency):
            return Money(0, currency)
        case Decimal():
            return None
        case int():
            return 0
        case _:
            return None


def _change(now: Cell, before: Cell) -> Cell:
    match now, before:
        case Money(), Money():
            return now - before
        case ((Decimal() | int()), (Decimal() | int())):
            return now - before
        case _:
            return None
