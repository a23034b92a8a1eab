"""The files of months as the pages show them, and the months that may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pos.core.clock import add_months
from pos.core.database.base import reading
from pos.domain.bookkeeping.queries import month_files
from pos.domain.locations.queries import Place
from pos.domain.staff.queries import names
from pos.reports.bookkeeping.journals import first_booked_on
from pos.services.bookkeeping.month_files import KEPT
from pos.web.common.template_context import page_translator

if TYPE_CHECKING:
    from pos.domain.bookkeeping.models import MonthFile

_MOST_MONTHS = 36


@dataclass(frozen=True)
class MonthRow:
    """The file of a month in the list: the month in words, who asked, and until when it is kept."""

    row: MonthFile
    place: Place
    words: str
    by: str
    kept_until: datetime | None


def month_choices(place: Place) -> list[tuple[str, str]]:
    """The months since a location first booked something, as `2026-10` and in words; last month leads.

    What a bookkeeper comes for is the month that is over.
    """
    first = first_booked_on(reading(), place.id)
    if first is None:
        return []
    this = place.today().replace(day=1)
    found = [add_months(this, -back) for back in range(_MOST_MONTHS)]
    found = [month for month in found if month >= first.replace(day=1)]
    return [(f"{month:%Y-%m}", page_translator().month(month)) for month in (*found[1:2], *found[:1], *found[2:])]


def month_row(row: MonthFile, place: Place, staff: dict[UUID, str]) -> MonthRow:
    """The file of a month with the words of its page."""
    return MonthRow(
        row=row,
        place=place,
        words=page_translator().month(row.month_on),
        by=staff.get(row.asked_by, "") if row.asked_by else "",
        kept_until=row.ended_at + KEPT if row.ended_at and row.state == "ready" else None,
    )


def month_rows(place: Place) -> list[MonthRow]:
    """The files of months that were asked for at a location, newest first."""
    session = reading()
    staff = names(session)
    return [month_row(row, place, staff) for row in month_files(session, place.id)]
