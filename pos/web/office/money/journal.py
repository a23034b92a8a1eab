"""Money: the journal of a day, the shifts of drawers, and payments to look at."""

from __future__ import annotations

from flask import Response, make_response, render_template

from pos.core.database.base import reading
from pos.core.messages.books import FILTER_VIEW
from pos.domain.staff.permissions import Permission
from pos.reports.books.entry_words import event_word
from pos.reports.books.journal import by_account, page_of_lines
from pos.reports.dashboard import dead_messages, stuck_payments
from pos.reports.dashboard import shifts as shifts_of
from pos.reports.disputes_and_payouts import undecided_transactions
from pos.reports.period import Scope, one_moment
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.office.blueprint import bp
from pos.web.office.filters import AskedFilters
from pos.web.office.labels import outbox_labels, unmatched_text
from pos.web.office.request_args import (
    format_days,
    keyed_pages,
    long_day,
    own_places,
    requested_day,
    requested_place,
    requested_scope,
    requested_window,
)


@bp.get("/money")
@requires(Permission.SEE_REPORTS)
def journal() -> Response:
    """The journal of one location and day, by account or entry by entry."""
    place = requested_place()
    text, day, error = requested_day(place)
    filters = AskedFilters(("account",), (place,))
    view, account = filters.word("view", ("entries",), FILTER_VIEW), filters.only.account
    page: dict[str, object] = {}
    if day is not None and not filters.wrong:
        scope = Scope((place,), day, day)
        one_moment(reading())
        page["accounts"] = by_account(reading(), scope)
        page["day_words"] = long_day(day)
        if view:
            window = requested_window(int, int)
            found = page_of_lines(reading(), place, day, window, filters.only)
            args = {"location": place.slug, "on": text, "view": view, "account": account}
            page["lines"], page["pages"] = keyed_pages(found, window, lambda line: line.key, **args)
    rendered = render_template(
        "office/money/journal.html",
        place=place,
        own_places=own_places(),
        on=text,
        error=error,
        refused=filters,
        event_word=event_word,
        view=view,
        account=account,
        month_start=place.today().replace(day=1).isoformat(),
        today=place.today().isoformat(),
        **page,
    )
    return make_response(rendered, 422 if error or filters.wrong else 200)


@bp.get("/money/shifts")
@requires(Permission.SEE_REPORTS)
def shifts() -> Response:
    """Drawers from opening to close: float, cash taken, expected, counted, over or short."""
    question = requested_scope(days=14)
    shared = {"asked": question, "own_places": own_places()}
    if question.scope is None:
        return make_response(render_template("office/money/shifts.html", **shared), 422)
    return make_response(
        render_template(
            "office/money/shifts.html",
            **shared,
            rows=shifts_of(reading(), question.scope),
            days_words=format_days(question.scope),
        )
    )


@bp.get("/money/payments")
@requires(Permission.SEE_REPORTS)
def payments() -> str:
    """Card payments without a known or fitting outcome, and messages the outbox gave up on."""
    session, mine, chain_wide = reading(), own_places(), may_chain_wide()
    return render_template(
        "office/money/payments.html",
        rows=stuck_payments(session, mine),
        unmatched=undecided_transactions(session, mine, unplaced=chain_wide),
        unmatched_text=unmatched_text,
        messages=dead_messages(session) if chain_wide else [],
        topics=outbox_labels(),
    )
