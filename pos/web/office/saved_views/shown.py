"""Saved views as pages show them: what each is of, in words, and the address that opens it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _

from pos.core.database.base import reading
from pos.domain.locations.queries import Place
from pos.domain.saved_views.queries import may_change, may_delete, schedule_of
from pos.domain.staff.queries import names
from pos.reports.period import Scope
from pos.reports.registry import Report
from pos.reports.saved.views import visible_views
from pos.web.common.sessions import current_staff
from pos.web.office.periods import period_words
from pos.web.office.report_pages.endpoints import report_endpoint
from pos.web.office.request_args import format_days, own_places

if TYPE_CHECKING:
    from pos.domain.saved_views.models import SavedView


@dataclass(frozen=True)
class ViewRow:
    """A view in the list. `by` is empty for one's own."""

    id: UUID
    name: str
    report: Report
    href: str
    days: str
    where: str
    by: str
    shared: bool
    may_change: bool
    may_delete: bool
    is_given: bool
    is_sent: bool


def view_args(view: SavedView) -> dict[str, str]:
    """What a view asks of its report's page."""
    slugs = {place.id: place.slug for place in own_places()}
    days = {"period": view.period}
    if view.from_on and view.to_on:
        days = {"from": view.from_on.isoformat(), "to": view.to_on.isoformat()}
    where = {"location": slugs[view.location_id]} if view.location_id else {}
    return {**where, **days, **view.filters, "view": str(view.id)}


def where_words(place: Place | None, currency: str) -> str:
    """Which locations a view is of: one, those of a currency, or all."""
    if place:
        return place.name
    words: str = _("all in %(currency)s", currency=currency) if currency else _("all locations")
    return words


def view_href(view: SavedView) -> str:
    """The address of the report's page as the view has it."""
    return f"{url_for(report_endpoint(view.report))}?{urlencode(view_args(view))}"


def view_row(view: SavedView, report: Report, staff: dict[UUID, str]) -> ViewRow:
    """A view with the words of its pages."""
    person, places = current_staff().person, own_places()
    given = view.from_on and view.to_on and format_days(Scope(places, view.from_on, view.to_on))
    return ViewRow(
        id=view.id,
        name=view.name,
        report=report,
        href=view_href(view),
        days=given or period_words()[view.period],
        where=where_words(
            next((place for place in places if place.id == view.location_id), None), view.filters.get("location", "")
        ),
        by="" if view.owner_id == person.id else staff.get(view.owner_id, ""),
        shared=view.shared,
        may_change=may_change(view, person),
        may_delete=may_delete(view, person),
        is_given=not view.period,
        is_sent=schedule_of(reading(), view.id) is not None,
    )


def save_href(report: Report, args: dict[str, str]) -> str:
    """Where what a report's page shows is saved: as a new view, or again as the one it was opened from.

    `args` is the page's question with its days; a name of days that the address has stays one.
    """
    asked = args
    if "from" not in request.args and "to" not in request.args:
        rest = {name: text for name, text in args.items() if name not in ("from", "to")}
        asked = rest | {"period": request.args.get("period") or "this-month"}
    opened, person = request.args.get("view", "")[:40], current_staff().person
    for view, _report in visible_views(reading(), person) if opened else ():
        if str(view.id) == opened and view.report == report.name and may_change(view, person):
            return f"{url_for('office.one_view', view_id=view.id)}?{urlencode(asked)}"
    return f"{url_for('office.new_view')}?{urlencode({'report': report.name, **asked})}"


def view_rows() -> list[ViewRow]:
    """The views that the signed-in person may open, by name."""
    session, person = reading(), current_staff().person
    found = visible_views(session, person) if person.locations else []
    staff = names(session) if found else {}
    return [view_row(view, report, staff) for view, report in found]
