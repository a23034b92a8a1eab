"""A plain CSV: one row for each account and side of a day, with the location's own codes and names."""

from __future__ import annotations

from pos.core.money import plain
from pos.reports.bookkeeping.formats.text import csv_bytes, numbered, safe
from pos.reports.bookkeeping.journals import Books, File
from pos.reports.bookkeeping.program import Program

COLUMNS = ("Journal", "Date", "Location", "AccountCode", "AccountName", "Debit", "Credit", "Currency")


def write(books: Books) -> list[File]:
    """One file; amounts have the currency's decimals and a point, days are ISO 8601."""
    rows = [COLUMNS]
    for day in books.days:
        for line in day.lines:
            account = books.accounts[line.account_key]
            rows.append(
                (
                    books.number(day),
                    day.on.isoformat(),
                    safe(books.location, 120),
                    safe(account.code, 40),
                    safe(account.name, 200),
                    plain(line.debit_minor, books.currency) if line.debit_minor else "",
                    plain(line.credit_minor, books.currency) if line.credit_minor else "",
                    books.currency,
                )
            )
    return numbered(books, "csv", "csv", [csv_bytes(rows)])


PROGRAM = Program(
    key="csv",
    title="CSV",
    about="One row for each account and side of a day, with the codes and names of Accounts.",
    write=write,
)
