"""The ZIP of cash data: its CSV files and the index.xml that describes them. UTF-8, semicolons, CRLF, decimal commas."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from contextlib import ExitStack
from decimal import Decimal
from functools import lru_cache
from io import TextIOWrapper
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from xml.sax.saxutils import escape
from zipfile import ZipFile

from pos.core.i18n.sanitize import printable
from pos.reports.bookkeeping.archive import zip_entry
from pos.reports.bookkeeping.dsfinvk.rows import Row
from pos.reports.bookkeeping.dsfinvk.standard import DTD, TABLES, Column, Table

_IN_MEMORY = 1 << 18


@lru_cache(maxsize=4096)
def _text(text: str, most: int) -> str:
    """A text as it is written; most of them, keys and names, stand in hundreds of rows."""
    return printable(text, most).strip()


def cell(column: Column, value: str | int | Decimal | None) -> str:
    """A value as its column writes it; an amount given in minor units has two decimals, whatever more is allowed."""
    if value is None or value == "":
        return ""
    if column.decimals is None:
        return _text(str(value), column.most)
    if isinstance(value, Decimal):
        return f"{value:.{column.decimals}f}".replace(".", ",")
    if column.decimals == 0:
        return str(value)
    minor = int(value)
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100},{abs(minor) % 100:02d}"


def _column_xml(column: Column) -> str:
    if column.decimals is None:
        kind = f"<AlphaNumeric/><MaxLength>{column.most}</MaxLength>"
    else:
        kind = f"<Numeric><Accuracy>{column.decimals}</Accuracy></Numeric>" if column.decimals else "<Numeric/>"
    return f"<VariableColumn><Name>{column.name}</Name>{kind}</VariableColumn>"


def _table_xml(table: Table) -> str:
    columns = "\n        ".join(_column_xml(column) for column in table.columns)
    return f"""    <Table>
      <URL>{table.file}</URL>
      <Name>{table.name}</Name>
      <UTF8/>
      <DecimalSymbol>,</DecimalSymbol>
      <DigitGroupingSymbol>.</DigitGroupingSymbol>
      <Range><From>2</From></Range>
      <VariableLength>
        <ColumnDelimiter>;</ColumnDelimiter>
        <RecordDelimiter>&#13;&#10;</RecordDelimiter>
        <TextEncapsulator>"</TextEncapsulator>
        {columns}
      </VariableLength>
    </Table>"""


def index_xml(supplier: str, town: str, about: str) -> bytes:
    """The description of all files, by the GDPdU standard: supplier, and each table with its columns in order."""
    tables = "\n".join(_table_xml(table) for table in TABLES)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DataSet SYSTEM "{DTD}">
<DataSet>
  <Version>1.0</Version>
  <DataSupplier>
    <Name>{escape(printable(supplier, 120))}</Name>
    <Location>{escape(printable(town, 120))}</Location>
    <Comment>{escape(printable(about, 250))}</Comment>
  </DataSupplier>
  <Media>
    <Name>DSFinV-K</Name>
{tables}
  </Media>
</DataSet>
"""
    return text.encode()


def write_zip(out: BinaryIO, rows: Iterable[tuple[str, Row]], index: bytes) -> None:
    """Write the archive. Rows come closing by closing, each for one of many files: these are written beside each other."""
    with ExitStack() as stack:
        beside: dict[str, SpooledTemporaryFile[bytes]] = {}
        writers, tables = {}, {table.file: table for table in TABLES}
        for table in TABLES:
            file = stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY))
            text = TextIOWrapper(cast(BinaryIO, file), encoding="utf-8", newline="", write_through=True)
            stack.callback(text.detach)
            beside[table.file] = file
            writers[table.file] = csv.writer(text, delimiter=";", lineterminator="\r\n")
            writers[table.file].writerow(column.name for column in table.columns)
        for name, row in rows:
            writers[name].writerow(cell(column, row.get(column.name)) for column in tables[name].columns)
        with ZipFile(out, "w") as archive:
            archive.writestr(zip_entry("index.xml"), index)
            for name, file in beside.items():
                file.seek(0)
                with archive.open(zip_entry(name), "w") as into:
                    copyfileobj(file, into)
