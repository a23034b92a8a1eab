"""Files that no spreadsheet can be made to run, with numbers that stay numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from pos.core.money import Money
from pos.domain.locations.csv_forms import CSV_FORMS
from pos.reports import exporters
from pos.reports.exporters import (
    Amounts,
    ByColumn,
    Cell,
    Sheet,
    harmless,
    write_csv,
    write_xlsx,
)
from pos.services.imports.csv_table import read_table

CANARIES = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")',
    "＝1+1", "＋1", "－1", "＠x", '-2+3"', "=1;2",
]  # fmt: skip
PLAIN = [
    "",
    "Ana",
    "1,5",
    "a=b",
    "O'Brien",
    '"quoted"',
    "two\nlines",
    "Łukasz",
    "12-3",
    "http://clinic.example",
    "日本",
]


def as_csv(*rows: tuple[Cell, ...], mark: bool = False) -> bytes:
    out = io.BytesIO()
    assert write_csv(Sheet("S", ["A"], rows), out, for_spreadsheet=mark) == len(rows)
    return out.getvalue()


def as_xlsx(*rows: tuple[Cell, ...]) -> bytes:
    out = io.BytesIO()
    assert write_xlsx([Sheet("S", ["A"], rows)], out) == len(rows)
    return out.getvalue()


@pytest.mark.parametrize("text", CANARIES)
def test_export_formula_becomes_text(text: str) -> None:
    assert harmless(text) == "'" + text
    _, (cell,) = csv.reader(io.StringIO(as_csv((text,)).decode(), newline=""))
    assert cell == "'" + text
    content = as_xlsx((text,))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_export_heading_with_formula_becomes_text() -> None:
    out = io.BytesIO()
    write_csv(Sheet("S", ["=A"], []), out)
    assert out.getvalue() == b"'=A\r\n"


@pytest.mark.parametrize("text", PLAIN)
def test_export_plain_text_is_unchanged(text: str) -> None:
    assert harmless(text) == text
    _, (cell,) = csv.reader(io.StringIO(as_csv((text,)).decode(), newline=""))
    assert cell == text
    content = as_xlsx((text,))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert (sheet["A2"].value or "") == text
    assert "hyperlink" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


def test_csv_export_numbers_dates_and_money_are_plain() -> None:
    row = (
        Money(-12_34, "USD"),
        Money(500, "JPY"),
        Money(1, "KWD"),
        7,
        Decimal("8.10"),
        date(2026, 6, 16),
        time(8, 5),
        None,
    )
    assert as_csv(row).decode().splitlines()[1] == "-12.34,500,0.001,7,8.1,2026-06-16,08:05,"


def test_csv_export_with_semicolons_has_decimal_commas_and_is_read_back() -> None:
    sold = Amounts()["EUR"]
    rows = [
        (sold[-12_34], Money(500, "JPY"), Decimal("8.10"), 7, "a;b", "1.5", "=1+1"),
        (sold[5], None, "x", 0, "", "", ""),
    ]
    out = io.BytesIO()
    assert write_csv(Sheet("S", tuple("abcdefg"), rows), out, form=CSV_FORMS["semicolon"]) == 2
    assert out.getvalue().decode().splitlines() == [
        "a;b;c;d;e;f;g", '-12,34;500;8,1;7;"a;b";1.5;\'=1+1', "0,05;;x;0;;;"
    ]  # fmt: skip
    (_, first), _ = read_table(out.getvalue(), needed=("a",), known=None, most_bytes=1_000, most_rows=9)
    assert (first["a"], first["e"], first["g"]) == ("-12,34", "a;b", "=1+1")


@given(
    st.lists(
        st.tuples(*[st.text(st.sampled_from("=+-@＝ \t\r\n\v\u2003,;\"'aé1"), max_size=4)] * 2, st.integers(-999, 999))
    )
)
def test_csv_export_by_column_is_what_each_cell_alone_would_be(drawn: list[tuple[str, str, int]]) -> None:
    """Cells are looked at by the column; the bytes are those of a cell at a time, and a formula never passes."""
    kept, form = Amounts(), CSV_FORMS["semicolon"]
    cells = [(one, two, kept["USD"][minor]) for one, two, minor in drawn]
    portions = [list(zip(*half, strict=True)) for half in (cells[:2], cells[2:]) if half]
    found = []
    for rows in (cells, ByColumn(portions)):
        out = io.BytesIO()
        assert write_csv(Sheet("S", ("a", "b", "c"), rows), out, form=form) == len(drawn)
        found.append(out.getvalue().decode())
    alone = io.StringIO(newline="")
    csv.writer(alone, delimiter=";").writerows(
        [
            ("a", "b", "c"),
            *((harmless(one), harmless(two), f"{minor / 100:.2f}".replace(".", ",")) for one, two, minor in drawn),
        ]
    )
    assert found == [alone.getvalue()] * 2


def test_xlsx_export_numbers_keep_type_and_digits_of_currency() -> None:
    row = (
        Money(-12_34, "USD"),
        Money(500, "JPY"),
        Money(1_234, "KWD"),
        7,
        Decimal("8.1"),
        date(2026, 6, 16),
        time(8, 5),
    )
    sheet = load_workbook(io.BytesIO(as_xlsx(row))).active
    assert sheet is not None
    cells = sheet[2]
    assert [cell.value for cell in cells] == [
        -12.34,
        500,
        1.234,
        7,
        8.1,
        datetime.combine(date(2026, 6, 16), time()),
        time(8, 5),
    ]
    assert [cell.number_format for cell in cells[:3]] == ["#,##0.00", "#,##0", "#,##0.000"]
    assert [cell.data_type for cell in cells] == ["n", "n", "n", "n", "n", "d", "d"]


def test_csv_export_byte_order_mark_only_when_requested() -> None:
    assert as_csv(("é",)).startswith(b"A\r\n")
    assert as_csv(("é",), mark=True).startswith(b"\xef\xbb\xbfA\r\n")


def test_xlsx_export_long_sheet_continues_on_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporters, "_SHEET_ROWS", 3)
    book = load_workbook(io.BytesIO(as_xlsx(*((n,) for n in range(7)))))
    assert book.sheetnames == ["S", "S 2", "S 3"]
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets] == [
        ["A", 0, 1, 2],
        ["A", 3, 4, 5],
        ["A", 6],
    ]
