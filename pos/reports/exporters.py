"""Tables as files: CSV for programs and XLSX for people, written row by row.

A cell is what its Python value says: text, whole number, Decimal, date, time, Money (a number with its currency's digits;
the currency stands in a column of its own). Text is never a formula: what begins like one gets an apostrophe in front, in
XLSX too, because such a file may be saved as CSV later.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from pos.core.money import Money, exponent, plain

Cell = str | int | Decimal | date | time | Money | None

# Excel and LibreOffice read these as the beginning of a formula; the wide forms do the same in East Asian editions.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_SHEET_ROWS = 1_000_000  # an XLSX sheet ends at 1,048,576


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


def _csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case Money(minor=minor, currency=currency):
            return plain(minor, currency)
        case time():
            return cell.strftime("%H:%M")
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell.normalize():f}"
        case _:
            return str(cell)


def write_csv(sheet: Sheet, out: BinaryIO, *, for_spreadsheet: bool = False) -> int:
    """Write a sheet as CSV (RFC 4180, UTF-8); returns the number of rows.

    `for_spreadsheet` puts a byte order mark in front: without it Excel reads a file that is opened by a double click in
    the computer's old code page, and names lose their accents. Programs stumble over the mark, so journals and the
    command line go without.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig" if for_spreadsheet else "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(name) for name in sheet.columns])
    count = 0
    for row in sheet.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        count += 1
    text.flush()
    text.detach()
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


def write_xlsx(sheets: Iterable[Sheet], out: BinaryIO) -> int:
    """Write sheets as one XLSX workbook; returns the number of rows. A sheet that is too long goes on in another."""
    book = _Book(out)
    count = 0
    for sheet in sheets:
        page, row = book.page(sheet.name, sheet.columns), 0
        for cells in sheet.rows:
            if row and row % _SHEET_ROWS == 0:
                page, row = book.page(f"{sheet.name} {count // _SHEET_ROWS + 1}", sheet.columns), 0
            row, count = row + 1, count + 1
            for column, cell in enumerate(cells):
                book.cell(page, row, column, cell)
    book.book.close()
    return count
