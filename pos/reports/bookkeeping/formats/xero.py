"""Xero: manual journals as CSV, in the columns of its template (Xero's help page “Import manual journals”)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pos.core.i18n.message import Message
from pos.core.messages.books import XERO_ACCOUNT_MALFORMED
from pos.core.money import plain
from pos.reports.bookkeeping.formats.text import csv_bytes, in_parts, numbered, safe
from pos.reports.bookkeeping.journals import Books, File
from pos.reports.bookkeeping.program import Program, Setting

COLUMNS = (
    "*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount",
    "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2",
)  # fmt: skip
_LINES = 300  # of one template file


def write(books: Books) -> list[File]:
    """Files of at most 300 lines; the lines of a journal share its narration and date. Debits are positive.

    Tax stands on accounts of its own in the journal, so that every line has the tax rate without tax of the settings.
    """
    contents = []
    for part in in_parts(books, _LINES):
        rows: list[tuple[str, ...]] = [COLUMNS]
        for day in part:
            for line in day.lines:
                rows.append(
                    (
                        safe(f"{books.number(day)} {books.location}", 200),
                        f"{day.on:%d/%m/%Y}",
                        safe(books.about(line), 200),
                        books.target(line),
                        books.settings["tax_rate"],
                        plain(line.amount_minor, books.currency),
                        *[""] * 4,
                    )
                )
        contents.append(csv_bytes(rows))
    return numbered(books, "xero", "csv", contents)


def account_error(text: str, _settings: Mapping[str, str]) -> Message | None:
    """What is wrong with an account code, if anything."""
    return None if re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.\-/_]{0,9}", text) else XERO_ACCOUNT_MALFORMED


def _code(_key: str, code: str, _name: str) -> str:
    return "" if account_error(code, {}) else code


PROGRAM = Program(
    key="xero",
    title="Xero",
    about="Manual journals as CSV, at most 300 lines in a file. Xero takes no bank or system account in a manual journal.",
    write=write,
    account_word="Account code in Xero",
    account_error=account_error,
    suggest=_code,
    settings=(
        Setting(
            "tax_rate",
            "Tax rate without tax",
            "the name of a rate of 0 % as Xero shows it, such as “Tax Exempt” or “No VAT”",
            r"[^\x00-\x1f=+\-@][^\x00-\x1f]{0,49}",
            "Tax Exempt",
            most=50,
        ),
    ),
    decimals=2,
)
