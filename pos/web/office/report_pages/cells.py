"""Cells of a report as its page shows them: numbers with what they were before, names that open what they are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from flask import url_for

from pos.core.money import Money
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import Behind, Opens
from pos.reports.analysis.said import said
from pos.reports.comparison.compared import Beside
from pos.reports.comparison.words import change_words
from pos.reports.exporters import Cell
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator

# What a text of a report may open: the page, and the name of the key in its address.
_OPENED = {
    "sale": ("office.sale", "sale_id"),
    "refund": ("office.one_refund", "refund_id"),
    "package": ("office.package", "package_id"),
    "client": ("office.client", "client_id"),
    "payout": ("office.one_payout", "payout_id"),
    "shift": ("office.x_page", "shift_id"),
    "z": ("office.z_page", "z_id"),
}
# A text of more characters is given a width.
_LONG = 19
Href = Callable[[Behind], str]


def opens_nothing(_name: Behind) -> str:
    """The address behind a name where a page has none."""
    return ""


@dataclass(frozen=True)
class Shown:
    """A cell as a page shows it; numbers stand at the right, days and times on one line. `href` opens what it is about.

    Of a figure that is compared `change` is the difference in words, and `before` what it was, empty where it was missing.
    """

    text: str
    is_number: bool = False
    is_moment: bool = False
    href: str = ""
    before: str = ""
    change: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it would stand in one word a line where many columns take the room."""
        return len(self.text) > _LONG


def columns_of(columns: Sequence[str]) -> list[str]:
    """The heads of a page's columns: what a figure was before stands below it, in no column of its own."""
    return [name for name in columns if not isinstance(name, Beside)]


def shown_row(columns: Sequence[str], row: Sequence[Cell], behind: Href) -> list[Shown]:
    """The cells of a row, by `columns_of`."""
    found = []
    for at, (name, cell) in enumerate(zip(columns, row, strict=True)):
        if isinstance(name, Beside):
            continue
        one = _shown(cell, behind)
        if at + 1 < len(columns) and isinstance(columns[at + 1], Beside):
            words = change_words(page_translator(), cell, row[at + 1])
            # Of what is nothing on both sides nothing is said.
            if words:
                one = replace(one, before=_shown(row[at + 1], behind).text, change=words, is_number=True)
        found.append(one)
    return found


def _shown(cell: Cell, behind: Href) -> Shown:
    words = page_translator()
    match cell:
        case None:
            return Shown("")
        case Money(minor=minor, currency=currency):
            return Shown(words.amount(minor, currency), is_number=True)
        case time():
            return Shown(cell.strftime("%H:%M"), is_moment=True)
        case date():
            return Shown(words.day(cell), is_moment=True)
        case Decimal():
            return Shown(f"{cell.normalize():f}", is_number=True)
        case int():
            return Shown(str(cell), is_number=True)
        case Behind():
            return Shown(said(words, cell), href=behind(cell))
        case Opens(what=what, key=key) if what != "client" or current_staff().person.may(Permission.SEE_CLIENTS):
            page, name = _OPENED[what]
            values: dict[str, Any] = {name: key}
            return Shown(said(words, cell), href=url_for(page, **values))
        case _:
            return Shown(said(words, cell))


def numeric(rows: Sequence[Sequence[Shown]], columns: int) -> list[bool]:
    """Which columns hold numbers on this page: none of their cells is a text."""
    return [
        any(row[at].is_number for row in rows) and all(row[at].is_number or not row[at].text for row in rows)
        for at in range(columns)
    ]
