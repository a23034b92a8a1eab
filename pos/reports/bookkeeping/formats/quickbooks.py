"""QuickBooks: journal entries as CSV for QuickBooks Online, and as IIF for QuickBooks Desktop.

Intuit's help pages “Import journal entries” (QuickBooks Online) and “IIF Reference: Transactions” say the columns; names
and lengths of accounts are those of Intuit's XML reference for QuickBooks Desktop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pos.core.i18n.message import Message
from pos.core.messages.books import QUICKBOOKS_ACCOUNT_MALFORMED, QUICKBOOKS_LETTERS
from pos.core.money import plain
from pos.reports.bookkeeping.formats.text import csv_bytes, in_parts, numbered, one_line, safe, windows_1252
from pos.reports.bookkeeping.journals import Books, DayJournal, File, Line
from pos.reports.bookkeeping.program import Program

ONLINE_COLUMNS = ("JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description", "Currency")
# Rows of a file that QuickBooks Online takes, its head included; and the longest number of a journal.
_ONLINE_ROWS, _ONLINE_NUMBER = 1000, 21
IIF_COLUMNS = ("TRNSID", "TRNSTYPE", "DATE", "ACCNT", "NAME", "CLASS", "AMOUNT", "DOCNUM", "MEMO")
# A document number of QuickBooks Desktop has 11 characters, a part of an account's name 31, a memo 4095.
_DESKTOP_NUMBER, _DESKTOP_PART, _ONLINE_NAME = 11, 31, 100


def _date(day: DayJournal) -> str:
    return f"{day.on:%m/%d/%Y}"


def _online_number(books: Books, day: DayJournal) -> str:
    return f"{books.prefix[: _ONLINE_NUMBER - 9]}-{day.on:%Y%m%d}"


def write_online(books: Books) -> list[File]:
    """Files of at most 1,000 rows; a journal entry is never divided."""
    contents = []
    for part in in_parts(books, _ONLINE_ROWS - 1):
        rows = [ONLINE_COLUMNS]
        for day in part:
            for line in day.lines:
                rows.append(
                    (
                        _online_number(books, day),
                        _date(day),
                        books.target(line),
                        plain(line.debit_minor, books.currency) if line.debit_minor else "",
                        plain(line.credit_minor, books.currency) if line.credit_minor else "",
                        safe(books.about(line), 200),
                        books.currency,
                    )
                )
        contents.append(csv_bytes(rows))
    return numbered(books, "quickbooks-online", "csv", contents)


def _iif_text(text: str, most: int) -> str:
    # A field ends at a tab; QuickBooks takes a quotation mark at its beginning as the beginning of a quoted field.
    return windows_1252(one_line(text.replace('"', "'"), most))


def _iif_row(books: Books, day: DayJournal, line: Line, kind: str) -> str:
    fields = (
        kind,
        "",
        "GENERAL JOURNAL",
        _date(day),
        _iif_text(books.target(line), 159),
        "",
        "",
        plain(line.amount_minor, books.currency),
        f"{_iif_text(books.prefix, _DESKTOP_NUMBER - 7)}-{day.on:%y%m%d}",
        _iif_text(books.about(line), 200),
    )
    return "\t".join(fields)


def write_desktop(books: Books) -> list[File]:
    """One IIF file: tabs, CRLF, Windows-1252; the first line of an entry is TRNS, the others SPL, debits positive."""
    rows = ["\t".join((f"!{kind}", *IIF_COLUMNS)) for kind in ("TRNS", "SPL")] + ["!ENDTRNS"]
    for day in books.days:
        for number, line in enumerate(day.lines):
            rows.append(_iif_row(books, day, line, "SPL" if number else "TRNS"))
        rows.append("ENDTRNS")
    content = "".join(f"{row}\r\n" for row in rows).encode("cp1252")
    return numbered(books, "quickbooks-desktop", "iif", [content])


def _account_error(text: str, part: int, whole: int) -> Message | None:
    wrong = re.search(r'[\t\r\n"]', text) or re.match(r"[=+\-@:]", text) or text.endswith(":") or "::" in text
    if wrong or len(text) > whole or any(len(one.strip()) > part for one in text.split(":")):
        return QUICKBOOKS_ACCOUNT_MALFORMED(most=part)
    return None


def online_account_error(text: str, _settings: Mapping[str, str]) -> Message | None:
    """What is wrong with an account's name for QuickBooks Online, if anything."""
    return _account_error(text, _ONLINE_NAME, 500)


def desktop_account_error(text: str, _settings: Mapping[str, str]) -> Message | None:
    """What is wrong with an account's name for QuickBooks Desktop, if anything. IIF files are Windows-1252."""
    if windows_1252(text) != text:
        return QUICKBOOKS_LETTERS
    return _account_error(text, _DESKTOP_PART, 159)


def _name(_key: str, _code: str, name: str) -> str:
    return name


ONLINE = Program(
    key="quickbooks-online",
    title="QuickBooks Online",
    about="Journal entries as CSV, at most 1,000 rows in a file. Turn account numbers off in QuickBooks while you import.",
    write=write_online,
    account_word="Account name in QuickBooks; a sub-account as “Parent:Sub”",
    account_error=online_account_error,
    suggest=_name,
    decimals=2,
)
DESKTOP = Program(
    key="quickbooks-desktop",
    title="QuickBooks Desktop (IIF)",
    about="General journal entries as an IIF file.",
    write=write_desktop,
    account_word="Account name in QuickBooks; a sub-account as “Parent:Sub”",
    account_error=desktop_account_error,
    suggest=_name,
    decimals=2,
)
