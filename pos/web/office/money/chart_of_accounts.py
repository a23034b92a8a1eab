"""The chart of accounts of a location."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.ledger.chart_of_accounts import chart
from pos.domain.staff.permissions import Permission
from pos.services.catalogue.location_settings import rename_account
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_said
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


def _page(error: PosError | None = None) -> Response:
    place = requested_place()
    page = render_template(
        "office/money/chart_of_accounts.html",
        place=place,
        own_places=own_places(),
        lines=chart(reading(), place.id),
        error=error,
        typed=request.form,
    )
    return make_response(page, error.status if error else 200)


def _back() -> AnyResponse:
    return redirect(url_for("office.accounts", location=requested_place().slug), 303)


@bp.get("/money/accounts")
@requires(Permission.SEE_REPORTS)
def accounts() -> Response:
    """Accounts by code, with their meaning."""
    return _page()


@bp.post("/money/accounts")
@requires(Permission.MANAGE_BOOKS)
def change_account() -> AnyResponse:
    """Give an account another code and name."""
    form, place = request.form, requested_place()
    key, name = form.get("key", "")[:80], form.get("name", "")[:200]
    # The page shows a first name in the language of its reader: who leaves it there gives the account no name of its own.
    kept = next((line.name for line in chart(reading(), place.id) if line.key == key), name)
    try:
        rename_account(
            location_id=place.id,
            staff_id=current_staff().person.id,
            key=key,
            code=form.get("code", "")[:40],
            name=str(kept) if page_said(kept) == name else name,
        )
    except PosError as error:
        return _page(error)
    return _back()
