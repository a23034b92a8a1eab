"""Whether the pages of reports that are paged by key are their rows, there and back, and their sums what the rows sum to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from pos.core.paging.window import Window
from pos.reports.exporters import Totals
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.reports.registry import Report, Summed

Pair = tuple[tuple[Any, ...], Any]


def _walk(report: Report, session: Session, scope: Scope, window: Window) -> list[Pair]:
    """The rows of one page after the other, in the direction of the window."""
    assert report.keyed is not None
    found: list[Pair] = []
    while page := list(report.keyed.rows(session, scope, window)):
        found += reversed(page) if window.backwards else page
        if len(page) < window.limit:
            break
        window = replace(window, key=found[-1][0])
    return found


def _one_differs(report: Report, session: Session, scope: Scope, a_page: int) -> Iterator[str]:
    read = report.rows(session, scope)
    rows = [tuple(row) for row in read]
    there = _walk(report, session, scope, Window(a_page))
    if Counter(tuple(row) for _key, row in there) != Counter(rows):
        yield f"{report.name}: {len(rows)} rows, other ones on its pages: {len(there)}"
    keys = [key for key, _row in there]
    if len(set(keys)) != len(keys) or (keys != sorted(keys) and keys != sorted(keys, reverse=True)):
        yield f"{report.name}: the keys of its pages are in no order"
    if keys and _walk(report, session, scope, Window(a_page, keys[-1], backwards=True)) != there[-2::-1]:
        yield f"{report.name}: other rows on the way back"
    if isinstance(read, Summed):
        of_rows, of_sums = (Totals(report.columns, report.summed, scope.currencies) for _ in range(2))
        list(of_rows.counted(rows))
        list(of_sums.counted(read.sums()))
        if of_rows.rows() != of_sums.rows():
            yield f"{report.name} {scope.only.args()}: rows sum to {of_rows.rows()}, and it says {of_sums.rows()}"


def pages_differ(session: Session, scope: Scope, a_page: int, *, names: Collection[str] = ()) -> list[str]:
    """What differs, in words; pages have so many rows. `names` are the reports, or all."""
    keyed = [one for one in reports().values() if one.keyed and (not names or one.name in names)]
    return [line for one in keyed for line in _one_differs(one, session, scope, a_page)]
