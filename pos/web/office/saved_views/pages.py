"""A view of a report: saved from the report's page, renamed or saved again with other days, shared, deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotAllowed, NotFound, PosError
from pos.core.messages.books import VIEW_NOT_YOURS
from pos.domain.locations.queries import Place
from pos.domain.saved_views.queries import may_change, may_delete
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.reports.comparison.compared import COMPARE, parse_comparison
from pos.reports.period import PERIODS, Scope, days_of
from pos.reports.registry import Report
from pos.reports.saved.views import visible_report, visible_view
from pos.services.saved_views.save_view import NAME_LENGTH, ViewTerms, delete_view, save_view, save_view_again
from pos.services.saved_views.schedule import end_schedule, set_schedule
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.periods import period_words
from pos.web.office.request_args import format_days, own_places, requested_scope, required_scope
from pos.web.office.saved_views.schedule_form import schedule_form, typed_schedule
from pos.web.office.saved_views.shown import view_args, view_row, where_words

if TYPE_CHECKING:
    from pos.domain.saved_views.models import SavedView

GIVEN = "given"


@dataclass(frozen=True)
class Asked:
    """What a form saves: the report as its page was asked for it. `args` stand in the form's address."""

    report: Report
    location: str
    scope: Scope
    period: str
    filters: dict[str, str]

    @property
    def args(self) -> dict[str, str]:
        """The same question for a link."""
        days = {"from": self.scope.from_on.isoformat(), "to": self.scope.to_on.isoformat()}
        if self.period:
            days = {"period": self.period}
        return {"location": self.location, **days, **self.filters}

    @property
    def place(self) -> Place | None:
        """The one location that it is of."""
        return self.scope.places[0] if self.scope.places[0].slug == self.location else None

    def choices(self) -> list[tuple[str, str]]:
        """The names that these days have today, and the days themselves."""
        today, days = self.scope.places[0].today(), (self.scope.from_on, self.scope.to_on)
        words = period_words()
        named = [(name, words[name]) for name in PERIODS if days_of(name, today) == days]
        return [*named, (GIVEN, format_days(self.scope))]

    def terms(self) -> ViewTerms:
        """What was typed, as the view's terms."""
        chosen = request.form.get("days", "")[:20]
        period = "" if chosen == GIVEN else chosen or self.period
        return ViewTerms(
            report=self.report.name,
            name=request.form.get("name", "")[:400],
            location_id=self.place.id if self.place else None,
            period=period,
            from_on=None if period else self.scope.from_on,
            to_on=None if period else self.scope.to_on,
            filters=self.filters if self.place or not self.location else {**self.filters, "location": self.location},
            shared="shared" in request.form,
        )


def _report(name: str) -> Report:
    return visible_report(current_staff().person, name)


def _asked(report: Report, page: str) -> Asked:
    """What the address asks for; raises Invalid where the report's page would, with the way to `page` without it."""
    scope, question = required_scope(), requested_scope()
    asked, compare = AskedFilters(report.filters, scope.places), ""
    with asked.noted():
        compare = parse_comparison(report, request.args.get(COMPARE, "")[:20])
    asked.require(page)
    filters = asked.only.args() | ({COMPARE: compare} if compare else {})
    is_given = "from" in request.args or "to" in request.args
    period = "" if is_given else request.args.get("period", "") or "this-month"
    # Of somebody who works at one location the view is of that location, so that it can be shared.
    places = own_places()
    location = question.location or (places[0].slug if len(places) == 1 else "")
    return Asked(report, location, scope, period, filters)


def _form(
    asked: Asked, view: SavedView | None, error: PosError | None = None, schedule_error: PosError | None = None
) -> Response:
    person = current_staff().person
    typed = request.form if error else None
    page = render_template(
        "office/saved_views/form.html",
        report=asked.report,
        args=asked.args,
        choices=asked.choices(),
        days=typed.get("days", "") if typed else asked.period or GIVEN,
        name=typed.get("name", "") if typed else view.name if view else "",
        most=NAME_LENGTH,
        place=asked.place,
        where=where_words(asked.place, asked.location),
        may_share=person.may(Permission.MANAGE_BOOKS),
        shared="shared" in typed if typed is not None else bool(view and view.shared),
        view=view_row(view, asked.report, names(reading())) if view else None,
        schedule=schedule_form(view, asked.report, is_typed=schedule_error is not None) if view else None,
        error=error,
        schedule_error=schedule_error,
    )
    refused = error or schedule_error
    return make_response(page, refused.status if refused else 200)


def _saved(view_id: UUID) -> AnyResponse:
    return redirect(url_for("office.report_list", saved=view_id), 303)


def _tried(save: Callable[[], UUID], again: Callable[[PosError], Response]) -> AnyResponse:
    try:
        return _saved(save())
    except NotFound:
        raise
    except PosError as error:
        return again(error)


def _new() -> Asked:
    return _asked(_report(request.args.get("report", "")[:80]), url_for("office.new_view"))


@bp.get("/reports/views/new")
@requires(Permission.SEE_REPORTS)
def new_view() -> Response:
    """The form for a new view of the report in the address."""
    return _form(_new(), None)


@bp.post("/reports/views/new")
@requires(Permission.SEE_REPORTS)
def save_new_view() -> AnyResponse:
    """Save it."""
    asked = _new()
    return _tried(
        lambda: save_view(terms=asked.terms(), person=current_staff().person),
        lambda error: _form(asked, None, error),
    )


def _asked_of(view: SavedView, report: Report) -> Asked | AnyResponse:
    """What the page of a view saves; an address without a question leads to the view's own."""
    if not {"from", "to", "period"} & set(request.args):
        args: dict[str, Any] = {name: text for name, text in view_args(view).items() if name != "view"}
        return redirect(url_for("office.one_view", view_id=view.id, **args), 303)
    return _asked(report, url_for("office.one_view", view_id=view.id))


@bp.get("/reports/views/<uuid:view_id>")
@requires(Permission.SEE_REPORTS)
def one_view(view_id: UUID) -> AnyResponse:
    """A view: its name, days and sharing."""
    person = current_staff().person
    view, report = visible_view(reading(), person, view_id)
    if not (may_change(view, person) or may_delete(view, person)):
        raise NotAllowed(VIEW_NOT_YOURS)
    asked = _asked_of(view, report)
    return _form(asked, view) if isinstance(asked, Asked) else asked


@bp.post("/reports/views/<uuid:view_id>")
@requires(Permission.SEE_REPORTS)
def change_view(view_id: UUID) -> AnyResponse:
    """Save a view again."""
    person = current_staff().person
    view, report = visible_view(reading(), person, view_id)
    asked = _asked_of(view, report)
    if not isinstance(asked, Asked):
        return asked

    def save() -> UUID:
        save_view_again(view_id=view_id, terms=asked.terms(), person=person)
        return view_id

    def again(error: PosError) -> Response:
        return _form(asked, visible_view(reading(), person, view_id)[0], error)

    return _tried(save, again)


@bp.post("/reports/views/<uuid:view_id>/delete")
@requires(Permission.SEE_REPORTS)
def remove_view(view_id: UUID) -> AnyResponse:
    """Delete a view."""
    delete_view(view_id=view_id, person=current_staff().person)
    return redirect(url_for("office.report_list", deleted=1), 303)


@bp.post("/reports/views/<uuid:view_id>/mails")
@requires(Permission.SEE_REPORTS)
def send_view(view_id: UUID) -> AnyResponse:
    """Have a view sent by mail, or change when and to whom."""
    person = current_staff().person
    view, report = visible_view(reading(), person, view_id)
    asked = _asked_of(view, report)
    if not isinstance(asked, Asked):
        return asked

    def save() -> UUID:
        set_schedule(view_id=view_id, terms=typed_schedule(), person=person)
        return view_id

    def again(error: PosError) -> Response:
        return _form(asked, visible_view(reading(), person, view_id)[0], schedule_error=error)

    return _tried(save, again)


@bp.post("/reports/views/<uuid:view_id>/mails/end")
@requires(Permission.SEE_REPORTS)
def end_sending(view_id: UUID) -> AnyResponse:
    """Send a view no more."""
    end_schedule(view_id=view_id, person=current_staff().person)
    return _saved(view_id)
