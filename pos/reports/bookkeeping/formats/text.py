"""What the formats share: CSV rows, names of files, texts of an old code page."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from pos.core.i18n.sanitize import printable
from pos.reports.bookkeeping.journals import Books, DayJournal, File
from pos.reports.exporters import harmless


def one_line(text: str, most: int) -> str:
    """A text without control characters and line breaks, shortened."""
    return printable(text, most).rstrip()


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV (RFC 4180, UTF-8); no text begins a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def safe(text: str, most: int) -> str:
    """A text of our own for a CSV that a person may open in a spreadsheet first."""
    return harmless(one_line(text, most - 1))


def windows_1252(text: str) -> str:
    """A text of which every letter is in Windows-1252: others lose their accents, or become a question mark."""
    return "".join(_in_code_page(letter) for letter in unicodedata.normalize("NFC", text))


def _in_code_page(letter: str) -> str:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        return bare or "?"
    return letter


def in_parts(books: Books, most_lines: int) -> Iterator[list[DayJournal]]:
    """The days of an export in parts of at most so many lines; a day is never divided."""
    part: list[DayJournal] = []
    for day in books.days:
        if part and sum(len(one.lines) for one in part) + len(day.lines) > most_lines:
            yield part
            part = []
        part.append(day)
    if part:
        yield part


def numbered(books: Books, program: str, ending: str, contents: Sequence[bytes]) -> list[File]:
    """The files of an export, numbered where there are several: `journal-xero-maple-street-2026-10-01-2026-10-31-2.csv`."""
    stem = f"journal-{program}-{books.slug}-{books.from_on}-{books.to_on}"
    if len(contents) == 1:
        return [File(f"{stem}.{ending}", contents[0])]
    return [File(f"{stem}-{number}.{ending}", content) for number, content in enumerate(contents, start=1)]
