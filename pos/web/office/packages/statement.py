"""A page of a statement of credits, as a page asks for it: the day it is read on, and where it stands in the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.domain.credits.statement import (
    HeldLot,
    StatementLine,
    statement,
    totals,
)
from pos.domain.locations.queries import Place
from pos.web.office.request_args import (
    PAGE_ROWS,
    Pages,
    page_number,
    pages,
    requested_day,
)


@dataclass(frozen=True)
class StatementPage:
    """Lines of a statement as of a day; `values` are what was owed, one sum for each currency, in minor units.

    `error` says what is wrong with the day that was typed.
    """

    lines: tuple[StatementLine, ...]
    credits: int
    values: tuple[tuple[str, int], ...]
    moves: int
    on_text: str
    on: date | None
    today: bool
    error: Invalid | None
    pages: Pages


def statement_page(lots: Sequence[HeldLot], place: Place, **args: Any) -> StatementPage:
    """The page of the statement the address asks for: `on` and `page`; `args` are the rest of the address."""
    text, on, error = requested_day(place)
    today = on == place.today()
    until = None if today else on
    if error is not None or not lots:
        return StatementPage((), 0, (), 0, text, on, today, error, pages(0, False, **args, on=text))
    lot_ids = [lot.lot_id for lot in lots]
    sums = totals(reading(), lot_ids, on=until)
    count = sum(one.moves for one in sums.values())
    values: dict[str, int] = {}
    for lot in lots:
        if lot.lot_id in sums:
            values[lot.currency] = values.get(lot.currency, 0) + sums[lot.lot_id].value_minor
    offset = (page_number() - 1) * PAGE_ROWS
    lines = statement(reading(), lot_ids, on=until, limit=PAGE_ROWS, offset=offset)
    return StatementPage(
        tuple(lines),
        sum(one.credits for one in sums.values()),
        tuple(values.items()),
        count,
        text,
        on,
        today,
        None,
        pages(len(lines), count > offset + len(lines), **args, on=text),
    )
