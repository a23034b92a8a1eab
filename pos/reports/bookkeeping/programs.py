"""The bookkeeping programs that journals can be written for. A new one is a module of `formats` and a line here."""

from __future__ import annotations

from pos.core.errors import NotFound
from pos.core.messages.books import NO_SUCH_PROGRAM
from pos.reports.bookkeeping.formats import datev, plain_csv, plain_text, quickbooks, xero
from pos.reports.bookkeeping.program import Program

PROGRAMS: dict[str, Program] = {
    program.key: program
    for program in (
        plain_csv.PROGRAM,
        quickbooks.ONLINE,
        quickbooks.DESKTOP,
        xero.PROGRAM,
        datev.PROGRAM,
        plain_text.BEANCOUNT,
        plain_text.HLEDGER,
    )
}
# What a person reads of them, for translation.
TEXTS = {
    text: text
    for program in PROGRAMS.values()
    for text in (
        program.about,
        program.account_word,
        *(word for setting in program.settings for word in (setting.label, setting.hint)),
    )
    if text
}


def program_of(key: str) -> Program:
    """A program by its key; raises NotFound."""
    if key not in PROGRAMS:
        raise NotFound(NO_SUCH_PROGRAM)
    return PROGRAMS[key]
