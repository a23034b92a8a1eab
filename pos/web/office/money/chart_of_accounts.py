"""The chart of accounts of a location, and the limits of its till and of its desks' discounts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.core.messages.books import CONDITION_PERCENT_MISSING, CONDITION_PERCENT_TOO_FINE
from pos.core.money import parse_amount, plain
from pos.domain.ledger.chart_of_accounts import chart
from pos.domain.staff.permissions import DiscountLimit, Permission
from pos.domain.staff.queries import discount_limit
from pos.domain.till.rules import Limits
from pos.domain.till.shifts import limits
from pos.services.catalogue.location_settings import rename_account, set_discount_limit, set_till_limits
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


def _page(error: PosError | None = None) -> Response:
    place = requested_place()
    found = limits(reading(), place.id, place.currency)
    alone = discount_limit(reading(), place.id, place.currency)
    form = request.form
    page = render_template(
        "office/money/chart_of_accounts.html",
        place=place,
        own_places=own_places(),
        lines=chart(reading(), place.id),
        error=error,
        typed=form,
        movement=form.get("movement", plain(found.movement_minor, place.currency)),
        difference=form.get("difference", plain(found.difference_minor, place.currency)),
        discount_percent=form.get("discount_percent", f"{alone.percent.normalize():f}"),
        discount_amount=form.get("discount_amount", plain(alone.amount_minor, place.currency)),
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


def _percent(text: str) -> Decimal:
    try:
        percent = Decimal(text[:12].strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation as error:
        raise Invalid(CONDITION_PERCENT_MISSING, field="discount_percent") from error
    if not percent.is_finite() or percent != percent.quantize(Decimal("0.001")):
        raise Invalid(CONDITION_PERCENT_TOO_FINE, field="discount_percent")
    return percent


@bp.post("/money/limits")
@requires(Permission.MANAGE_BOOKS)
def change_limits() -> AnyResponse:
    """Change above which amounts the till, and a discount, want a second person."""
    form, place = request.form, requested_place()
    try:
        chosen = Limits(
            parse_amount(form.get("movement", "")[:40], place.currency, field="movement"),
            parse_amount(form.get("difference", "")[:40], place.currency, field="difference"),
        )
        alone = None
        if "discount_percent" in form:
            minor = parse_amount(form.get("discount_amount", "")[:40], place.currency, field="discount_amount")
            alone = DiscountLimit(_percent(form["discount_percent"]), minor)
        who = current_staff().person.id
        if alone is not None:
            set_discount_limit(location_id=place.id, staff_id=who, limit=alone)
        set_till_limits(location_id=place.id, staff_id=who, limits=chosen)
    except PosError as error:
        return _page(error)
    return _back()
