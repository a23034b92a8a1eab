"""A report as JSON for programs, written as it is read.

One object: `report`, `title`, `from`, `to`, `locations`, `filters`, `columns`, `rows`, `totals`, and where it is compared
`compared_with`. A row is a list in the order of the columns. Numbers are texts in major units with a point, `"-12.30"`, so
that no reader makes floats of them; days are `2026-06-30`, times `14:05`, what is empty is null. Text is as it was typed:
nothing reads it as a formula. The event of an entry in the journal and the channel of a sale are their keys, such as
`over_short` and `register`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import time
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from pos.core.money import Money, plain
from pos.reports.analysis.opens import Word
from pos.reports.comparison.compared import days_before
from pos.reports.exporters import Cell, Totals, write_parts
from pos.reports.period import Scope
from pos.reports.registry import Report

_PART_ROWS = 1_000


def _value(cell: Cell) -> str | None:
    match cell:
        case None:
            return None
        case Money(minor=minor, currency=currency):
            return plain(minor, currency)
        case Word():
            return cell.key or cell
        case str():
            return cell
        case Decimal():
            return f"{cell.normalize():f}"
        case int():
            return str(cell)
        case time():
            return cell.isoformat("minutes")
        case _:
            return cell.isoformat()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _row(row: Sequence[Cell]) -> str:
    return _text([_value(cell) for cell in row])


def _compared(report: Report, scope: Scope) -> dict[str, Any]:
    if not report.compare:
        return {}
    was = days_before(scope, report.compare)
    return {"compared_with": {"from": was.from_on.isoformat(), "to": was.to_on.isoformat()}}


def json_parts(report: Report, session: Session, scope: Scope) -> Iterator[tuple[bytes, int]]:
    """The file part by part, each with the number of rows in it; the head comes at once."""
    head: dict[str, Any] = {
        "report": report.name,
        "title": report.title,
        "from": scope.from_on.isoformat(),
        "to": scope.to_on.isoformat(),
        "locations": [place.slug for place in scope.places],
        "filters": scope.only.args(),
        **_compared(report, scope),
        "columns": list(report.columns),
    }
    yield f'{_text(head)[:-1]}, "rows": ['.encode(), 0
    totals = Totals(report.columns, report.summed, scope.currencies)
    rows, between = iter(totals.counted(report.rows(session, scope))), "\n"
    while portion := list(islice(rows, _PART_ROWS)):
        yield (between + ",\n".join(map(_row, portion))).encode(), len(portion)
        between = ",\n"
    sums = ",\n".join(map(_row, totals.rows()))
    yield f'\n], "totals": [{sums}]}}\n'.encode(), 0


def write_json(
    report: Report, session: Session, scope: Scope, out: BinaryIO, *, so_far: Callable[[int], None] | None = None
) -> int:
    """Write a report as `json_parts` gives it; returns the number of rows, and tells it to `so_far` now and then."""
    return write_parts(json_parts(report, session, scope), out, so_far)
