"""CSV files that people bring in: cells by heading, split at commas or semicolons, amounts as their country writes them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence

from babel.numbers import get_decimal_symbol, get_group_symbol

from pos.core.errors import Invalid
from pos.core.messages import imports as messages
from pos.core.money import exponent, parse_amount
from pos.domain.locations.queries import Place
from pos.reports.exporters import as_typed

MEGABYTE = 1_000_000


def read_table(
    content: bytes, *, needed: Sequence[str], known: Collection[str] | None, most_bytes: int, most_rows: int
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file by column, without empty ones, numbered as a spreadsheet does: the heading is row 1.

    `known` are the columns there may be; None: others are passed over. Raises Invalid for what is no such table.
    """
    if len(content) > most_bytes:
        raise Invalid(messages.FILE_TOO_LARGE(most=most_bytes // MEGABYTE), field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(messages.FILE_NOT_UTF8, field="file") from error
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        heads = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = heads
        rows = list(reader)
    except csv.Error as error:
        raise Invalid(messages.FILE_NOT_CSV(why=error), field="file") from error
    _require_heads(heads, needed, known)
    if len(rows) > most_rows:
        raise Invalid(messages.TOO_MANY_ROWS(most=most_rows), field="file")
    columns = [name for name in heads if name and (known is None or name in known)]
    found = []
    for number, row in enumerate(rows, start=2):
        # Under no heading: the cells of empty columns, and (None) those beyond the last heading.
        homeless = [row.get("") or "", *(row.get(None) or ())]
        if any(cell.strip() for cell in homeless):
            raise Invalid(messages.ROW_TOO_LONG(number=number), field="file")
        values = {name: as_typed((row.get(name) or "").strip()) for name in columns}
        if any(values.values()):
            found.append((number, values))
    return found


def _require_heads(heads: Sequence[str], needed: Sequence[str], known: Collection[str] | None) -> None:
    named = [name for name in heads if name]
    if missing := [name for name in needed if name not in named]:
        raise Invalid(messages.HEADING_INCOMPLETE(missing=", ".join(missing)), field="file")
    if known is not None and (strange := [name for name in named if name not in known]):
        raise Invalid(messages.COLUMNS_UNKNOWN(strange=", ".join(strange)[:80], columns=", ".join(known)), field="file")
    if twice := [name for number, name in enumerate(named) if name in named[:number]]:
        raise Invalid(messages.COLUMN_TWICE(column=twice[0]), field="file")


def amount_of(text: str, place: Place, *, field: str = "amount") -> int:
    """Minor units of an amount in a file: as a person types it, or with marks between thousands as the locale has them.

    A mark between thousands counts as one where the decimal mark follows it, or where its groups have three digits and
    the currency has not three decimals. Raises Invalid.
    """
    decimal, group = get_decimal_symbol(place.locale), get_group_symbol(place.locale)
    grouped = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+"
    clean = text.strip()
    whole = re.fullmatch(grouped, clean) is not None and exponent(place.currency) != 3
    if whole or re.fullmatch(rf"{grouped}{re.escape(decimal)}\d+", clean):
        clean = clean.replace(group, "")
    return parse_amount(clean, place.currency, field=field)
