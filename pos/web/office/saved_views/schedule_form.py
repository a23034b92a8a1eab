"""The form by which a view is sent by mail: what may be chosen, and what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.dates import get_day_names
from flask import request
from flask_babel import gettext as _

from pos.core.database.base import reading
from pos.core.errors import Invalid
from pos.core.ids import parse_id
from pos.core.messages.books import SCHEDULE_MALFORMED
from pos.domain.saved_views.queries import schedule_of
from pos.domain.saved_views.times import FILES
from pos.domain.staff.permissions import Permission
from pos.reports.registry import Report
from pos.services.saved_views.schedule import ScheduleTerms, may_get, who_may_get
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator

if TYPE_CHECKING:
    from pos.domain.saved_views.models import SavedView

_MOST_PEOPLE = 200


@dataclass(frozen=True)
class ScheduleForm:
    """The choices, each value with its words, and what is chosen; `is_set`: the view is sent already."""

    every: list[tuple[str, str]]
    weekdays: list[tuple[str, str]]
    month_days: list[tuple[str, str]]
    hours: list[tuple[str, str]]
    files: list[tuple[str, str]]
    people: list[tuple[str, str]]
    chosen: dict[str, str]
    chosen_people: frozenset[str]
    is_set: bool


def schedule_form(view: SavedView, report: Report, *, is_typed: bool) -> ScheduleForm | None:
    """The form of a view as it is kept or typed; None for whoever may not have the report's files."""
    person = current_staff().person
    if not may_get(person.role, report):
        return None
    session, row = reading(), schedule_of(reading(), view.id)
    names = get_day_names("wide", locale=page_translator().locale)
    chosen = {"every": "month", "weekday": "0", "month_day": "1", "hour": "7", "file": "xlsx"}
    if row is not None:
        day = {"weekday": str(row.on_day)} if row.every == "week" else {}
        day = {"month_day": str(row.on_day)} if row.every == "month" else day
        chosen |= {"every": row.every, "hour": str(row.hour), "file": row.file, **day}
    if is_typed:
        chosen |= {name: request.form.get(name, "")[:20] for name in chosen}
    people = who_may_get(session, view, report) if person.may(Permission.MANAGE_BOOKS) else []
    kept = request.form.getlist("person") if is_typed else row.people if row else []
    return ScheduleForm(
        every=[("day", _("every day")), ("week", _("every week")), ("month", _("every month"))],
        weekdays=[(str(day), names[day]) for day in range(7)],
        month_days=[(str(day), str(day)) for day in range(1, 32)],
        hours=[(str(hour), f"{hour:02d}:00") for hour in range(24)],
        files=[(file, file.upper()) for file in FILES],
        people=[(str(key), name) for key, name in people],
        chosen=chosen,
        chosen_people=frozenset(kept),
        is_set=row is not None,
    )


def _whole(name: str) -> int:
    text = request.form.get(name, "")[:4]
    if not (text.isascii() and text.isdigit()):
        raise Invalid(SCHEDULE_MALFORMED, field="every")
    return int(text)


def typed_schedule() -> ScheduleTerms:
    """What was typed; raises Invalid."""
    every = request.form.get("every", "")[:20]
    days = {"week": "weekday", "month": "month_day"}
    people = request.form.getlist("person")[:_MOST_PEOPLE]
    return ScheduleTerms(
        every=every,
        on_day=_whole(days[every]) if every in days else 0,
        hour=_whole("hour"),
        file=request.form.get("file", "")[:20],
        people=tuple(dict.fromkeys(parse_id(key[:40], field="person") for key in people)),
    )
