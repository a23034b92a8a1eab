"""Plain-text accounting: journals for Beancount and for hledger, whole files that the programs check by themselves.

The rules are those of the manuals “Beancount Language Syntax” and “hledger journal format”.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pos.core.i18n.message import Message
from pos.core.messages.books import BEANCOUNT_ACCOUNT_MALFORMED, HLEDGER_ACCOUNT_MALFORMED
from pos.core.money import exponent, plain
from pos.reports.bookkeeping.formats.text import numbered, one_line
from pos.reports.bookkeeping.journals import Books, File
from pos.reports.bookkeeping.program import Program, Setting, plain_text_account

_ROOT = "Assets|Liabilities|Equity|Income|Expenses"


def _accounts(books: Books) -> list[str]:
    """The accounts that move, each once."""
    return sorted({books.target(line) for day in books.days for line in day.lines})


def _quoted(text: str) -> str:
    return '"' + one_line(text, 200).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_beancount(books: Books) -> list[File]:
    """One file: the accounts opened on the first day of the export, where the setting asks for it, then the days."""
    lines = [f"; {one_line(books.location, 120)}, {books.from_on} to {books.to_on}, {books.currency}", ""]
    if books.settings["opens"] == "yes":
        lines += [f"{books.days[0].on} open {account} {books.currency}" for account in _accounts(books)]
        lines.append("")
    for day in books.days:
        lines.append(f"{day.on} * {_quoted(books.location)} {_quoted(books.number(day))}")
        lines += [
            f"  {books.target(line)}  {plain(line.amount_minor, books.currency)} {books.currency}" for line in day.lines
        ]
        lines.append("")
    return numbered(books, "beancount", "beancount", ["\n".join(lines).encode()])


def write_hledger(books: Books) -> list[File]:
    """One file: commodity and accounts declared, as strict checks ask for it, then the days.

    `decimal-mark .` says what a lone mark is, for 1.234 with three decimals would be a thousand and more otherwise.
    """
    sample = f"1000.{'0' * exponent(books.currency)}"
    lines = [
        f"; {one_line(books.location, 120)}, {books.from_on} to {books.to_on}, {books.currency}",
        "decimal-mark .",
        f"commodity {sample} {books.currency}",
        *(f"account {account}" for account in _accounts(books)),
        "",
    ]
    for day in books.days:
        description = re.sub(r"[;|()*!]+", " ", one_line(books.location, 120)).strip()
        lines.append(f"{day.on} * ({books.number(day)}) {' '.join(description.split())}")
        lines += [
            f"    {books.target(line)}  {plain(line.amount_minor, books.currency)} {books.currency}"
            for line in day.lines
        ]
        lines.append("")
    return numbered(books, "hledger", "journal", ["\n".join(lines).encode()])


def beancount_error(text: str, _settings: Mapping[str, str]) -> Message | None:
    """What is wrong with an account for Beancount, if anything: each part begins with a capital or a digit."""
    root, *parts = text.split(":")
    if re.fullmatch(_ROOT, root) and parts and len(text) <= 160 and all(_is_part(part) for part in parts):
        return None
    return BEANCOUNT_ACCOUNT_MALFORMED


def _is_part(text: str) -> bool:
    first = text[:1]
    begins = first.isupper() or first.isdecimal()
    return begins and all(letter.isalpha() or letter.isdecimal() or letter == "-" for letter in text)


def hledger_error(text: str, _settings: Mapping[str, str]) -> Message | None:
    """What is wrong with an account for hledger, if anything: two spaces end a name, and so does a tab."""
    wrong = re.search(r"[\t\r\n;|\"]|  ", text) or re.match(r"[(\[*!~=%&@#]", text) or text != text.strip()
    if wrong or "::" in text or text.startswith(":") or text.endswith(":") or len(text) > 160:
        return HLEDGER_ACCOUNT_MALFORMED
    return None


BEANCOUNT = Program(
    key="beancount",
    title="Beancount",
    about="A file for Beancount. Turn the opening of accounts off where a ledger includes several of these files.",
    write=write_beancount,
    account_word="Account, such as “Assets:Cash”",
    account_error=beancount_error,
    suggest=plain_text_account,
    uses_suggestions=True,
    settings=(Setting("opens", "Open the accounts in the file", "yes or no", r"yes|no", "yes", most=3),),
)
HLEDGER = Program(
    key="hledger",
    title="hledger",
    about="A journal for hledger, with its accounts and its commodity declared.",
    write=write_hledger,
    account_word="Account, such as “assets:cash”",
    account_error=hledger_error,
    suggest=plain_text_account,
    uses_suggestions=True,
)
