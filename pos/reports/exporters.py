"""Tables as files: CSV and XLSX, written row by row.

A cell is what its Python value says: text, whole number, Decimal, date, time, Money (a number with its currency's digits;
the currency stands in a column of its own). Text is never a formula: what begins like one gets an apostrophe in front, in
XLSX too, because such a file may be saved as CSV later.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO

from pos.core.money import Money, exponent, plain
from pos.domain.locations.csv_forms import RFC_4180, CsvForm

Cell = str | int | Decimal | date | time | Money | None

# Excel and LibreOffice read these as the beginning of a formula; the wide forms do the same in East Asian editions.
_SIGNS = r"=+\-@＝＋－＠"
_FORMULA = re.compile(rf"\s*[{_SIGNS}]|[\t\r\n]")
# No formula begins without one of these.
_FIRST_OF_FORMULA = re.compile(rf"[\s{_SIGNS}]")
_SHEET_ROWS = 1_000_000  # an XLSX sheet ends at 1,048,576
_PART_ROWS = 1_000
_KEPT = 10_000
_MEASURED_ROWS = 1_000
_WIDEST = 60


@dataclass(frozen=True)
class Sheet:
    """A table with a name, its column heads, and its rows, which may be a generator. `summed` are the heads of columns that
    people add up, and `currencies` the order of their sums."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    summed: Sequence[str] = ()
    currencies: Sequence[str] = ()


class ByColumn:
    """Rows that come by the column, some at a time; each portion has the columns of a sheet. Read once, as a generator is.

    Who iterates gets row after row; a CSV takes the columns as they are.
    """

    def __init__(self, portions: Iterable[Sequence[Sequence[Cell]]]) -> None:
        self.portions = portions

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        for columns in self.portions:
            yield from zip(*columns, strict=True)


def _by_column(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Sequence[Cell]]]:
    """Rows by the column, some at a time: the texts of more would fill the memory."""
    if isinstance(rows, ByColumn):
        for columns in rows.portions:
            for start in range(0, len(columns[0]), _PART_ROWS):
                yield [column[start : start + _PART_ROWS] for column in columns]
        return
    left = iter(rows)
    while portion := list(islice(left, _PART_ROWS)):
        yield list(zip(*portion, strict=True))


class Totals:
    """The sums of some columns of a table, one for each currency: amounts of two are never added up.

    A row is of the currency of its first amount; without any, of the one its column `Currency` names. `currencies` is the
    order of the sums; one that is not among them comes last.
    """

    def __init__(self, columns: Sequence[str], summed: Collection[str], currencies: Sequence[str] = ()) -> None:
        self._columns = columns
        self._summed = [at for at, name in enumerate(columns) if name in summed]
        self._code_at = columns.index("Currency") if "Currency" in columns else None
        self._sums: dict[str, list[Cell]] = {}
        self._order = {code: at for at, code in enumerate(currencies)}

    def _code(self, row: Sequence[Cell]) -> str:
        for at in self._summed:
            cell = row[at]
            if isinstance(cell, Money):
                return cell.currency
        return str(row[self._code_at] or "") if self._code_at is not None else ""

    def add(self, row: Sequence[Cell]) -> None:
        """Add a row up; cells that are empty or no number are left out."""
        if not self._summed:
            return
        sums = self._sums.setdefault(self._code(row), [None] * len(self._columns))
        for at in self._summed:
            cell, so_far = row[at], sums[at]
            if isinstance(cell, Money):
                sums[at] = cell + (so_far if isinstance(so_far, Money) else Money(0, cell.currency))
            elif isinstance(cell, int | Decimal):
                sums[at] = cell + so_far if isinstance(so_far, int | Decimal) else cell

    def counted(self, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
        """Rows as they come, each added up."""
        for row in rows:
            self.add(row)
            yield row

    def rows(self, word: str = "Total") -> list[tuple[Cell, ...]]:
        """A row of sums for each currency, in their order; `word` stands in the first column that is not summed."""
        found = []
        at = next((at for at in range(len(self._columns)) if at not in self._summed), None)
        for code, sums in sorted(self._sums.items(), key=lambda pair: self._order.get(pair[0], len(self._order))):
            row = list(sums)
            if self._code_at is not None:
                row[self._code_at] = code
            if at is not None:
                row[at] = word
            found.append(tuple(row))
        return found


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


class Amounts(dict[str, Mapping[int, Money]]):
    """Cells of money by currency and minor units, for a report of many rows: making each anew took a third of its time."""

    def __missing__(self, currency: str) -> Mapping[int, Money]:
        found = self[currency] = _Kept(currency)
        return found

    def of(self, currencies: Sequence[str]) -> Callable[[Iterable[int]], list[Money]]:
        """What makes cells of a column of minor units, each of the currency in its row."""
        if len(set(currencies)) == 1:
            cell = self[currencies[0]].__getitem__
            return lambda minors: list(map(cell, minors))
        return lambda minors: [self[code][minor] for code, minor in zip(currencies, minors, strict=True)]


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

    def __init__(self, kind: type, decimal_mark: str) -> None:
        write: Callable[[Any], str] = next((_CSV[base] for base in kind.__mro__ if base in _CSV), str)
        self._write, self._mark = write, decimal_mark if issubclass(kind, Money | Decimal) else "."

    def __missing__(self, cell: Any) -> str:
        if len(self) > _KEPT:
            self.clear()
        found = self[cell] = self._write(cell).replace(".", self._mark) if self._mark != "." else self._write(cell)
        return found


_TEXT = attrgetter("text")


class _Columns:
    """Columns as texts. Most hold one type, and asking once for a column in place of each cell halves the time."""

    def __init__(self, decimal_mark: str) -> None:
        self._mark, self._texts = decimal_mark, dict[type, _Texts]()

    def _of(self, kind: type) -> Callable[[Any], str]:
        if kind not in self._texts:
            self._texts[kind] = _Texts(kind, self._mark)
        return self._texts[kind].__getitem__

    def __call__(self, column: Sequence[Any]) -> Iterable[str]:
        kinds = set(map(type, column))
        if kinds == {str} and not any(map(_FIRST_OF_FORMULA.match, {text[:1] for text in column})):
            return column
        if kinds == {_Written}:
            texts = map(_TEXT, column)
            return texts if self._mark == "." else [text.replace(".", self._mark) for text in texts]
        if len(kinds) == 1:
            return map(self._of(kinds.pop()), column)
        return [self._of(type(cell))(cell) for cell in column]


def csv_parts(sheet: Sheet, *, for_spreadsheet: bool = False, form: CsvForm = RFC_4180) -> Iterator[tuple[bytes, int]]:
    """A sheet as CSV (UTF-8, as `form` says), part by part, each with the number of rows in it; the head comes at once.

    `for_spreadsheet` puts a byte order mark in front: without it Excel reads a file that is opened by a double click in
    the computer's old code page, and names lose their accents. Programs stumble over the mark, so journals and the
    command line go without.
    """
    text = io.StringIO(newline="")
    writer, texts = csv.writer(text, delimiter=form.separator), _Columns(form.decimal_mark)

    def written() -> bytes:
        part = text.getvalue().encode()
        text.seek(0)
        text.truncate()
        return part

    if for_spreadsheet:
        text.write("\ufeff")
    writer.writerow([harmless(name) for name in sheet.columns])
    yield written(), 0
    for columns in _by_column(sheet.rows):
        writer.writerows(zip(*map(texts, columns), strict=True))
        yield written(), len(columns[0])


def write_csv(
    sheet: Sheet,
    out: BinaryIO,
    *,
    for_spreadsheet: bool = False,
    form: CsvForm = RFC_4180,
    so_far: Callable[[int], None] | None = None,
) -> int:
    """Write a sheet as `csv_parts` gives it; returns the number of rows, and tells it to `so_far` now and then."""
    return write_parts(csv_parts(sheet, for_spreadsheet=for_spreadsheet, form=form), out, so_far)


def write_parts(parts: Iterable[tuple[bytes, int]], out: BinaryIO, so_far: Callable[[int], None] | None = None) -> int:
    """Write the parts of a file, each with its number of rows; returns how many rows, and tells it to `so_far` at each."""
    count = 0
    for part, rows in parts:
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
        self.word = self.book.add_format({"bold": True, "top": 1})
        self.formats: dict[tuple[str, bool], Any] = {}

    def format(self, pattern: str, *, is_total: bool = False) -> Any:
        if (pattern, is_total) not in self.formats:
            kind = {"num_format": pattern} | ({"bold": True, "top": 1} if is_total else {})
            self.formats[pattern, is_total] = self.book.add_format(kind)
        return self.formats[pattern, is_total]


class _Page:
    """A worksheet: heads that stay, rows as they come, then sums, a filter, and columns as wide as what is in them."""

    def __init__(self, book: _Book, name: str, columns: Sequence[str]) -> None:
        self._book, self._columns, self._sheet, self.rows = book, columns, book.book.add_worksheet(name), 0
        self._widths = [len(title) + 3 for title in columns]  # the key of the filter stands beside the head
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(columns):
            self._sheet.write_string(0, column, harmless(title), book.head)
        # By type and, of amounts, currency: what a cell is written with.
        self._moneys: dict[str, tuple[Any, int]] = {}

    def add(self, cells: Sequence[Cell], *, is_total: bool = False) -> None:
        """Write a row; a total is bold, with a line above."""
        self.rows += 1
        row, sheet, measured = self.rows, self._sheet, self.rows <= _MEASURED_ROWS or is_total
        for column, cell in enumerate(cells):
            if cell is None or cell == "":
                if is_total:
                    sheet.write_blank(row, column, None, self._book.word)
            elif isinstance(cell, str):
                sheet.write_string(row, column, harmless(cell), *((self._book.word,) if is_total else ()))
            elif isinstance(cell, Money):
                sheet.write_number(row, column, *self._money(cell, is_total))
            elif isinstance(cell, time):
                sheet.write_datetime(row, column, cell, self._book.format("hh:mm"))
            elif isinstance(cell, date):
                sheet.write_datetime(row, column, cell, self._book.format("yyyy-mm-dd"))
            elif is_total:
                sheet.write_number(row, column, cell, self._book.word)
            else:
                sheet.write_number(row, column, cell)
            if measured and column < len(self._widths):
                self._widths[column] = max(self._widths[column], _width(cell))

    def _money(self, cell: Money, is_total: bool) -> tuple[float, Any]:
        code = f"{cell.currency}{is_total}"
        if code not in self._moneys:
            digits = exponent(cell.currency)
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            self._moneys[code] = self._book.format(pattern, is_total=is_total), 10**digits
        kind, scale = self._moneys[code]
        return cell.minor / scale, kind  # a workbook keeps numbers as these: sixteen digits

    def end(self, filtered: int) -> None:
        """Put a filter over the heads and so many rows, and set the widths."""
        if self._columns:
            self._sheet.autofilter(0, 0, filtered, len(self._columns) - 1)
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, min(width, _WIDEST))


def _width(cell: Cell) -> int:
    """How many letters wide a cell stands on a sheet."""
    match cell:
        case Money(minor=minor, currency=currency):
            text = plain(minor, currency)
            return len(text) + (len(text.partition(".")[0].lstrip("-")) - 1) // 3 + 1
        case str():
            return max(map(len, cell.splitlines()), default=0) + 1
        case time():
            return 6
        case date():
            return 11
        case _:
            return len(str(cell)) + 1


def write_xlsx(sheets: Iterable[Sheet], out: BinaryIO, *, so_far: Callable[[int], None] | None = None) -> int:
    """Write sheets as one XLSX workbook; returns the number of rows, and tells it to `so_far` now and then.

    A sheet that is too long goes on in another; sums stand below its last row, as values.
    """
    book = _Book(out)
    count = 0
    for sheet in sheets:
        totals = Totals(sheet.columns, sheet.summed, sheet.currencies)
        page, parts = _Page(book, sheet.name, sheet.columns), 1
        for cells in totals.counted(sheet.rows):
            if page.rows == _SHEET_ROWS:
                page.end(page.rows)
                parts += 1
                page = _Page(book, f"{sheet.name} {parts}", sheet.columns)
            page.add(cells)
            count += 1
            if so_far and count % _PART_ROWS == 0:
                so_far(count)
        rows = page.rows
        for cells in totals.rows():
            page.add(cells, is_total=True)
        page.end(rows)
    book.book.close()
    return count
