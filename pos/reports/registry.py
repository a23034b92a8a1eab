"""Declares reports. Each declared report gets an office page, a CSV, an XLSX, a command and a permission.

A report is a function from a session and a scope to rows, decorated with `@report`. `pos/reports/listed.py` imports the
modules that declare reports; the web layer and the command line read them there and know none by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from pos.core.i18n.message import Message
from pos.core.messages.books import REPORT_OF_A_DAY_TO_COME
from pos.core.paging.window import Window
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.narrowing import FILTERS
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope

Rows = Callable[[Session, Scope], Iterable[Sequence[Cell]]]
F = TypeVar("F", bound=Rows)


@dataclass(frozen=True)
class Remark:
    """A sentence shown with a report. `bad`: its figures do not agree with the ledger; the command exits with 1."""

    sentence: Message
    bad: bool = False


@dataclass(frozen=True)
class Summed:
    """Rows whose sums are known before they are read, so that a page reads no more of them than it shows.

    `sums` gives rows whose summed columns add up, by currency, to what those of all rows do; files do not ask for it.
    """

    rows: Iterable[Sequence[Cell]]
    sums: Callable[[], Iterable[Sequence[Cell]]]

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        return iter(self.rows)


def sum_row(columns: Sequence[str], sums: Mapping[str, Cell]) -> tuple[Cell, ...]:
    """A row of some sums by their columns, for `Summed`; nothing stands in the others."""
    return tuple(sums.get(name) for name in columns)


@dataclass(frozen=True)
class Keyed:
    """How a page of a report of many rows is read: from the row that it begins after, newest first or as books are.

    `rows` gives those of a window, each with its key, whose parts are of the types `key`.
    """

    key: tuple[type, ...]
    rows: Callable[[Session, Scope, Window], Iterable[tuple[tuple[Any, ...], Sequence[Cell]]]]


@dataclass(frozen=True)
class Report:
    """One declared report.

    `name` stands in the address and the command, `title` on the page and the sheet, `about` below the title and in the
    command's help. `permission` is needed for the page, `file_permission` for the files. `for_programs`: the CSV has no
    byte order mark. `more_sheets` follow in the workbook. `remarks` compares the figures with the ledger.
    `filters` are those of `pos.reports.analysis.narrowing` that its rows keep to. `summed` are the columns that add up:
    page, workbook and PDF end with their sums, one row for each currency.

    `by` are the columns that name a row, where rows are figures by a name and no single events: such a report can be
    compared with other days (`pos.reports.comparison`). `averaged` are figures that do not add up: averages, shares, people
    counted once. `pictured` is the summed column that its page draws. `behind` is the report that a `Behind` opens.
    `keyed` is how its page is read where it may have many rows. `compare` is set on a report that is compared.
    """

    name: str
    title: str
    about: str
    columns: Sequence[str]
    rows: Rows
    permission: Permission
    file_permission: Permission
    for_programs: bool = False
    more_sheets: Callable[[Session, Scope], Sequence[Sheet]] | None = None
    remarks: Callable[[Session, Scope], Sequence[Remark]] | None = None
    filters: Sequence[str] = ()
    summed: Sequence[str] = ()
    by: Sequence[str] = ()
    averaged: Sequence[str] = ()
    pictured: str = ""
    behind: str = ""
    keyed: Keyed | None = None
    compare: str = ""

    def sheet(self, session: Session, scope: Scope) -> Sheet:
        """The report as a table; its rows are read as they are written."""
        rows = self.rows(session, scope)
        found = rows.rows if isinstance(rows, Summed) else rows
        return Sheet(self.title, self.columns, found, self.summed, scope.currencies)

    def sheets(self, session: Session, scope: Scope) -> Iterator[Sheet]:
        """The sheets of the workbook: the report, then what belongs to it."""
        yield self.sheet(session, scope)
        yield from self.more_sheets(session, scope) if self.more_sheets else ()

    def remarks_on(self, session: Session, scope: Scope) -> Sequence[Remark]:
        """What must be said about these days."""
        return self.remarks(session, scope) if self.remarks else ()


def days_to_come(scope: Scope) -> list[Remark]:
    """What is said of days that are not over: figures of a day to come are those of today."""
    if any(scope.to_on > place.today() for place in scope.places):
        return [Remark(REPORT_OF_A_DAY_TO_COME(day=scope.to_on))]
    return []


# By name. Read through `pos.reports.listed.reports()`, which declares all of them first.
DECLARED: dict[str, Report] = {}


def report(
    name: str,
    *,
    title: str,
    about: str,
    columns: Sequence[str],
    permission: Permission = Permission.SEE_REPORTS,
    file_permission: Permission | None = None,
    for_programs: bool = False,
    more_sheets: Callable[[Session, Scope], Sequence[Sheet]] | None = None,
    remarks: Callable[[Session, Scope], Sequence[Remark]] | None = None,
    filters: Sequence[str] = (),
    summed: Sequence[str] = (),
    by: Sequence[str] = (),
    averaged: Sequence[str] = (),
    pictured: str = "",
    behind: str = "",
    keyed: Keyed | None = None,
) -> Callable[[F], F]:
    """Declare the decorated function as a report; raises ValueError for a name that is taken or is no address, and for
    a column that it has not.

    The fields are those of `Report`; the files need `permission` where no `file_permission` is given.
    """
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name) or name in DECLARED:
        raise ValueError(f"“{name}” is taken or is not lower-case words joined by hyphens.")
    if unknown := {*summed, *by, *averaged, *((pictured,) if pictured else ())} - set(columns):
        raise ValueError(f"“{name}” has no columns {sorted(unknown)}.")

    def declare(rows: F) -> F:
        DECLARED[name] = Report(
            name=name,
            title=title,
            about=about,
            columns=columns,
            rows=rows,
            permission=permission,
            file_permission=file_permission or permission,
            for_programs=for_programs,
            more_sheets=more_sheets,
            remarks=remarks,
            filters=tuple(name for name in FILTERS if name in filters),
            summed=summed,
            by=by,
            averaged=averaged,
            pictured=pictured,
            behind=behind,
            keyed=keyed,
        )
        return rows

    return declare
