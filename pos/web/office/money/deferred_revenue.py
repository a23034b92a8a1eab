"""What is owed in sessions, from day to day: the roll-forward by plan, tied to the ledger."""

from __future__ import annotations

from flask import Response, make_response, render_template

from pos.core.database.base import reading
from pos.domain.staff.permissions import Permission
from pos.reports.books.rollforward import roll_forward
from pos.reports.period import one_moment
from pos.web.common.permissions import requires
from pos.web.office.blueprint import bp
from pos.web.office.request_args import (
    format_days,
    own_places,
    requested_scope,
)


@bp.get("/money/owed")
@requires(Permission.SEE_REPORTS)
def owed_sessions() -> Response:
    """The roll-forward of some days."""
    question = requested_scope()
    shared = {"asked": question, "own_places": own_places()}
    if question.scope is None:
        return make_response(render_template("office/money/deferred_revenue.html", **shared), 422)
    one_moment(reading())
    rolls = roll_forward(reading(), question.scope)
    return make_response(
        render_template(
            "office/money/deferred_revenue.html", **shared, rolls=rolls, days_words=format_days(question.scope)
        )
    )
