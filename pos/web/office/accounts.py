"""The chart of accounts of a location, and the limits of its till."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.checkout.books_settings import rename_account, set_till_limits
from pos.kernel.db import reading
from pos.kernel.errors import PosError
from pos.kernel.money import parse_amount, plain
from pos.ledger.chart import chart
from pos.staff.rules import Permission
from pos.till.rules import Limits
from pos.till.service import limits
from pos.web.common.guards import requires
from pos.web.common.sessions import current_staff
from pos.web.office import bp
from pos.web.office.asked import chosen_place, own_places


def _page(error: PosError | None = None) -> Response:
    place = chosen_place()
    found = limits(reading(), place.id, place.currency)
    form = request.form
    page = render_template(
        "office/accounts.html",
        place=place,
        own_places=own_places(),
        lines=chart(reading(), place.id),
        error=error,
        typed=form,
        movement=form.get("movement", plain(found.movement_minor, place.currency)),
        difference=form.get("difference", plain(found.difference_minor, place.currency)),
    )
    return make_response(page, error.status if error else 200)


def _back() -> AnyResponse:
    return redirect(url_for("office.accounts", location=chosen_place().slug), 303)


@bp.get("/money/accounts")
@requires(Permission.SEE_REPORTS)
def accounts() -> Response:
    """Accounts by code, with their meaning."""
    return _page()


@bp.post("/money/accounts")
@requires(Permission.MANAGE_BOOKS)
def change_account() -> AnyResponse:
    """Give an account another code and name."""
    form, place = request.form, chosen_place()
    try:
        rename_account(
            location_id=place.id,
            staff_id=current_staff().person.id,
            key=form.get("key", "")[:80],
            code=form.get("code", "")[:40],
            name=form.get("name", "")[:200],
        )
    except PosError as error:
        return _page(error)
    return _back()


@bp.post("/money/limits")
@requires(Permission.MANAGE_BOOKS)
def change_limits() -> AnyResponse:
    """Change above which amounts the till wants a second person."""
    form, place = request.form, chosen_place()
    try:
        chosen = Limits(
            parse_amount(form.get("movement", "")[:40], place.currency, field="movement"),
            parse_amount(form.get("difference", "")[:40], place.currency, field="difference"),
        )
        set_till_limits(location_id=place.id, staff_id=current_staff().person.id, limits=chosen)
    except PosError as error:
        return _page(error)
    return _back()
