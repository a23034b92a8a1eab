"""The page of the bookkeeper: months, the check before an export, and what was exported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, make_response, render_template, request

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.domain.bookkeeping.queries import export_of, exports
from pos.domain.locations.queries import Place
from pos.domain.staff.queries import names
from pos.reports.bookkeeping.journals import changed_days
from pos.reports.bookkeeping.program import Program
from pos.reports.bookkeeping.programs import PROGRAMS, program_of
from pos.reports.bookkeeping.readiness import readiness
from pos.reports.period import Scope, days_of, one_moment, parse_days
from pos.web.office.bookkeeping.month_rows import month_choices, month_rows
from pos.web.office.request_args import ScopeRequest, format_days, own_places, requested_place

if TYPE_CHECKING:
    from pos.domain.bookkeeping.models import JournalExport


# The same days are rarely exported more than once or twice.
_MOST_BEFORE = 10


@dataclass(frozen=True)
class ExportRow:
    """An export in the history: who made it, of which days, and which of them something was booked into since."""

    row: JournalExport
    program: str
    by: str
    days_words: str
    changed: list[date]


def asked_days(place: Place) -> ScopeRequest:
    """The days in the address; last month where it names none."""
    first, last = days_of("last-month", place.today())
    scope, error = None, None
    try:
        if (period := request.args.get("period", "")) and "from" not in request.args:
            first, last = days_of(period, place.today())
    except Invalid as refused:
        error = refused
    from_text = request.args.get("from", first.isoformat())[:40]
    to_text = request.args.get("to", last.isoformat())[:40]
    try:
        scope = None if error else Scope((place,), *parse_days(from_text, to_text))
    except Invalid as refused:
        error = refused
    return ScopeRequest((place,), place.slug, from_text, to_text, scope, error)


def _program() -> Program:
    """The program in the address; else the one that was exported for last, else CSV."""
    if key := request.args.get("program", "")[:40]:
        return program_of(key)
    last = exports(reading(), requested_place().id, limit=1)
    return PROGRAMS.get(last[0].program, PROGRAMS["csv"]) if last else PROGRAMS["csv"]


def _rows(place: Place, found: Iterable[JournalExport]) -> list[ExportRow]:
    session = reading()
    staff = names(session)
    return [
        ExportRow(
            row=row,
            program=PROGRAMS[row.program].title if row.program in PROGRAMS else row.program,
            by=staff.get(row.exported_by, "") if row.exported_by else "",
            days_words=format_days(Scope((place,), row.from_on, row.to_on)),
            changed=changed_days(session, place.id, row.from_on, row.to_on, row.ledger_seq),
        )
        for row in found
    ]


def _done(place: Place) -> JournalExport | None:
    """The export that was just made, as the address says."""
    try:
        return export_of(reading(), UUID(request.args.get("exported", "")), frozenset({place.id}))
    except (ValueError, NotFound):
        return None


def bookkeeping_page(refused: PosError | None = None) -> Response:
    """The page; `refused` says why nothing was exported or made."""
    place, program = requested_place(), _program()
    asked = asked_days(place)
    session = reading()
    one_moment(session)
    scope = asked.scope
    found = readiness(session, place, program, scope.from_on, scope.to_on) if scope else None
    rendered = render_template(
        "office/bookkeeping/page.html",
        place=place,
        own_places=own_places(),
        programs=list(PROGRAMS.values()),
        program=program,
        asked=asked,
        days_words=format_days(scope) if scope else "",
        found=found,
        before=_rows(place, found.before[:_MOST_BEFORE]) if found else [],
        history=_rows(place, exports(session, place.id)),
        done=_done(place),
        refused=refused,
        months=month_choices(place),
        month_files=month_rows(place),
    )
    return make_response(rendered, refused.status if refused else 422 if asked.error else 200)
