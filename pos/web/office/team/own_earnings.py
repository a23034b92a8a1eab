"""What the signed-in person earned: commission and tips of any days, as a page and as CSV. Nobody else's are ever read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.core.messages.people import NO_SUCH_LOCATION_OR_NOT_YOURS
from pos.domain.locations.queries import Place, all_places
from pos.domain.staff.permissions import Permission
from pos.reports.exporters import Totals, csv_parts
from pos.reports.people.own_earnings import COLUMNS, by_currency, earnings, own_report
from pos.reports.period import FIRST, LAST, Scope, file_name, one_moment
from pos.web.common.downloads import CSV, csv_habits, sent_as_written
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.report_pages.cells import numeric, opens_nothing, shown_row
from pos.web.office.request_args import (
    PAGE_ROWS,
    format_days,
    own_ids,
    own_places,
    page_number,
    pages,
    requested_scope,
    required_scope,
)


def _everywhere() -> tuple[Place, ...]:
    """Where the person works, then every other location: what somebody earned where they work no more is theirs too."""
    mine = own_places()
    return (*mine, *(place for place in all_places(reading()) if place not in mine))


def _require_own(places: tuple[Place, ...]) -> None:
    """Raise NotFound for a location where the person neither works nor ever earned anything, as every page does."""
    if len(places) > 1 or places[0].id in own_ids():
        return
    if not earnings(reading(), Scope(places, FIRST, LAST), current_staff().person.id):
        raise NotFound(NO_SUCH_LOCATION_OR_NOT_YOURS)


@bp.get("/your-earnings")
@requires(Permission.OWN)
def own_earnings() -> Response:
    """The sums of some days, and the lines they are made of."""
    places = _everywhere()
    question, person = requested_scope(among=places), current_staff().person
    report = own_report(person.id)
    shared = {"report": report, "asked": question, "args": question.args()}
    session, scope = reading(), question.scope
    one_moment(session)
    _require_own(question.places)
    always = {*own_ids(), *(place.id for place in question.places if len(question.places) == 1)}
    if scope is None:
        offered_places = [place for place in places if place.id in always]
        return make_response(
            render_template("office/team/own_earnings.html", **shared, offered_places=offered_places), 422
        )
    totals = Totals(COLUMNS, report.summed, scope.currencies)
    found = list(totals.counted(report.rows(session, scope)))
    first = (page_number() - 1) * PAGE_ROWS
    rows = [shown_row(COLUMNS, row, opens_nothing) for row in found[first : first + PAGE_ROWS]]
    earned = earnings(session, replace(scope, places=places), person.id)
    rendered = render_template(
        "office/team/own_earnings.html",
        **shared,
        columns=COLUMNS,
        days_words=format_days(scope),
        offered_places=[place for place in places if place.id in always | earned.keys()],
        earned=by_currency(earned, scope),
        rows=rows,
        sums=[shown_row(COLUMNS, row, opens_nothing) for row in totals.rows(_("Total"))],
        numeric=numeric(rows, len(COLUMNS)),
        pages=pages(len(rows), len(found) > first + PAGE_ROWS, **question.args()),
    )
    return make_response(rendered)


@bp.get("/your-earnings.csv")
@requires(Permission.OWN)
def own_earnings_csv() -> Response:
    """The lines as CSV."""
    scope, report = required_scope(_everywhere()), own_report(current_staff().person.id)
    _require_own(scope.places)
    # Of all locations it is written as where they work writes it.
    habits = csv_habits(scope if len(scope.places) == 1 else replace(scope, places=own_places()))

    def parts(session: Session) -> Iterator[bytes]:
        return (part for part, _rows in csv_parts(report.sheet(session, scope), **habits))

    return sent_as_written(parts, name=file_name(report.name, scope, "csv"), media_type=CSV)
