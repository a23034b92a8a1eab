"""Tables as files: CSV for programs and XLSX for people, written row by row.

A cell is what its Python value says: text, whole number, Decimal, date, time, Money (a number with its currency's digits;
the currency stands in a column of its own). Text is never a formula: what begins like one gets an apostrophe in front, in
XLSX too, because such a file may be saved as CSV later.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO

from pos.core.money import Money, exponent, plain

Cell = str | int | Decimal | date | time | Money | None

# Excel and LibreOffice read these as the beginning of a formula; the wide forms do the same in East Asian editions.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_SHEET_ROWS = 1_000_000  # an XLSX sheet ends at 1,048,576
_PART_ROWS = 1_000
_KEPT = 50_000


@dataclass(frozen=True)
class Sheet:
    """A table with a name, its column heads, and its rows, which may be a generator."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def harmless(text: str) -> str:
    """Text that no spreadsheet runs."""
    return "'" + text if _FORMULA.match(text) else text


def as_typed(text: str) -> str:
    """Text of a file as it was before `harmless`, for a file that is brought in again."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text


@dataclass(frozen=True, slots=True)
class _Written(Money):
    """Money that knows how it stands in a CSV."""

    text: str


class _Kept(dict[int, Money]):
    """The amounts of one currency, each made once: those of a clinic repeat."""

    def __init__(self, currency: str) -> None:
        self._currency = currency

    def __missing__(self, minor: int) -> Money:
        if len(self) > _KEPT:
            self.clear()
        found = self[minor] = _Written(minor, self._currency, plain(minor, self._currency))
        return found


class _ByCurrency(dict[str, _Kept]):
    def __missing__(self, currency: str) -> _Kept:
        found = self[currency] = _Kept(currency)
        return found


def amounts() -> Mapping[str, Mapping[int, Money]]:
    """Cells of money by currency and minor units, for a report of many rows: making each anew took a third of its time."""
    return _ByCurrency()


# How a cell is written in a CSV. What is derived from one of these is written like it, anything else as Python says it.
_CSV: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    str: harmless,
    int: str,
    Money: lambda cell: plain(cell.minor, cell.currency),
    time: lambda cell: cell.isoformat("minutes"),
    date: date.isoformat,
    datetime: datetime.isoformat,
    Decimal: lambda cell: f"{cell.normalize():f}",
}


class _Texts(dict[Any, str]):
    """Cells of one type as they stand in a CSV, each made once."""

    def __init__(self, kind: type) -> None:
        self._write: Callable[[Any], str] = next((_CSV[base] for base in kind.__mro__ if base in _CSV), str)

    def __missing__(self, cell: Any) -> str:
        if len(self) > _KEPT:
            self.clear()
        found = self[cell] = self._write(cell)
        return found


class _Columns:
    """Columns as texts. Most hold one type, and asking once for a column in place of each cell halves the time."""

    def __init__(self) -> None:
        self._texts: dict[type, _Texts] = {}

    def _of(self, kind: type) -> Callable[[Any], str]:
        if kind is _Written:
            return attrgetter("text")
        if kind not in self._texts:
            self._texts[kind] = _Texts(kind)
        return self._texts[kind].__getitem__

    def __call__(self, column: Sequence[Cell]) -> Iterable[str]:
        kinds = set(map(type, column))
        if len(kinds) == 1:
            return map(self._of(kinds.pop()), column)
        return [self._of(type(cell))(cell) for cell in column]


def csv_parts(sheet: Sheet, *, for_spreadsheet: bool = False) -> Iterator[tuple[bytes, int]]:
    """A sheet as CSV (RFC 4180, UTF-8), part by part, each with the number of rows in it; the head comes at once.

    `for_spreadsheet` puts a byte order mark in front: without it Excel reads a file that is opened by a double click in
    the computer's old code page, and names lose their accents. Programs stumble over the mark, so journals and the
    command line go without.
    """
    text = io.StringIO(newline="")
    writer, texts = csv.writer(text), _Columns()

    def written() -> bytes:
        part = text.getvalue().encode()
        text.seek(0)
        text.truncate()
        return part

    if for_spreadsheet:
        text.write("\ufeff")
    writer.writerow([harmless(name) for name in sheet.columns])
    yield written(), 0
    rows = iter(sheet.rows)
    while portion := list(islice(rows, _PART_ROWS)):
        writer.writerows(zip(*map(texts, zip(*portion, strict=True)), strict=True))
        yield written(), len(portion)


def write_csv(
    sheet: Sheet, out: BinaryIO, *, for_spreadsheet: bool = False, so_far: Callable[[int], None] | None = None
) -> int:
    """Write a sheet as `csv_parts` gives it; returns the number of rows, and tells it to `so_far` now and then."""
    count = 0
    for part, rows in csv_parts(sheet, for_spreadsheet=for_spreadsheet):
        out.write(part)
        count += rows
        if so_far:
            so_far(count)
    return count


class _Book:
    """One workbook being written from top to bottom."""

    def __init__(self, out: BinaryIO) -> None:
        import xlsxwriter  # a sixth of a second, and only some processes ever write one

        # constant_memory keeps one row in memory; nothing in a text may turn into a formula or a link.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(out, options)
        # The same figures give the same bytes whenever they are asked for: the moment of writing stays out.
        self.book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.formats: dict[str, Any] = {}

    def format(self, pattern: str) -> Any:
        if pattern not in self.formats:
            self.formats[pattern] = self.book.add_format({"num_format": pattern})
        return self.formats[pattern]

    def cell(self, page: Any, row: int, column: int, cell: Cell) -> None:
        match cell:
            case None | "":
                pass
            case str():
                page.write_string(row, column, harmless(cell))
            case Money(minor=_, currency=currency):
                digits = exponent(currency)
                pattern = "#,##0" + ("." + "0" * digits if digits else "")
                page.write_number(row, column, cell.decimal(), self.format(pattern))
            case time():
                page.write_datetime(row, column, cell, self.format("hh:mm"))
            case date():
                page.write_datetime(row, column, cell, self.format("yyyy-mm-dd"))
            case _:
                page.write_number(row, column, cell)

    def page(self, name: str, columns: Sequence[str]) -> Any:
        page = self.book.add_worksheet(name)
        page.freeze_panes(1, 0)
        page.set_column(0, len(columns) - 1, 14)
        for column, title in enumerate(columns):
            page.write_string(0, column, harmless(title), self.head)
        return page


def write_xlsx(sheets: Iterable[Sheet], out: BinaryIO, *, so_far: Callable[[int], None] | None = None) -> int:
    """Write sheets as one XLSX workbook; returns the number of rows, and tells it to `so_far` now and then.

    A sheet that is too long goes on in another.
    """
    book = _Book(out)
    count = 0
    for sheet in sheets:
        page, row = book.page(sheet.name, sheet.columns), 0
        for cells in sheet.rows:
            if row and row % _SHEET_ROWS == 0:
                page, row = book.page(f"{sheet.name} {count // _SHEET_ROWS + 1}", sheet.columns), 0
            row, count = row + 1, count + 1
            if so_far and count % _PART_ROWS == 0:
                so_far(count)
            for column, cell in enumerate(cells):
                book.cell(page, row, column, cell)
    book.book.close()
    return count
