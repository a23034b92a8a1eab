"""Taxes of a location and how it recognises breakage: what holds, what will, and changing it from a day on."""

from __future__ import annotations

from decimal import Decimal

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.core.i18n.sanitize import printable
from pos.core.messages.books import MONTHS_NOT_A_NUMBER
from pos.core.money import read_percent
from pos.domain.catalogue.tax_rates import TaxSetting, kept_rates, tax_category_names, tax_category_states
from pos.domain.credits.rules.breakage import Expectation
from pos.domain.credits.rules.breakage_recognition import breakage_rules, how_on
from pos.domain.staff.permissions import Permission
from pos.reports.period import parse_day
from pos.services.catalogue.location_settings import set_breakage, set_tax_setting, take_back_tax_setting
from pos.services.catalogue.tax_categories import (
    add_tax_category,
    bring_back_tax_category,
    rename_tax_category,
    retire_tax_category,
)
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


def _page(error: PosError | None = None, form_name: str = "") -> Response:
    session, place = reading(), requested_place()
    page = render_template(
        "office/settings/taxes.html",
        place=place,
        own_places=own_places(),
        today=place.today(),
        rates=kept_rates(session, place.id),
        names=tax_category_names(session),
        categories=tax_category_names(session, active=True),
        states=tax_category_states(session),
        breakage=breakage_rules(session, place.id),
        how=how_on(session, place.id, place.today()),
        error=error,
        wrong_form=form_name,
        typed=request.form,
    )
    return make_response(page, error.status if error else 200)


def _percent(field: str) -> Decimal:
    return read_percent(request.form.get(field, "")[:12], field=field)


def _months() -> int:
    text = request.form.get("remote_months", "")[:6].strip()
    if not text.isascii() or not text.isdecimal():
        raise Invalid(MONTHS_NOT_A_NUMBER, field="remote_months")
    return int(text)


def _back() -> AnyResponse:
    return redirect(url_for("office.taxes", location=requested_place().slug), 303)


@bp.get("/settings/tax")
@requires(Permission.SEE_REPORTS)
def taxes() -> Response:
    """Rates and breakage of a location, by day."""
    return _page()


@bp.post("/settings/tax")
@requires(Permission.MANAGE_BOOKS)
def change_tax() -> AnyResponse:
    """Set the rate of a category, and when its packages are taxed, from a day on."""
    form, place = request.form, requested_place()
    try:
        setting = TaxSetting(
            printable(form.get("category", ""), 20),
            parse_day(form.get("from_on", "")[:10], field="from_on"),
            _percent("percent"),
            form.get("tax_point", "")[:10],
            _percent("second_percent") if place.second_tax_label else Decimal(0),
        )
        set_tax_setting(location_id=place.id, staff_id=current_staff().person.id, setting=setting)
    except PosError as error:
        return _page(error, "tax")
    return _back()


@bp.post("/settings/tax/take-back")
@requires(Permission.MANAGE_BOOKS)
def take_back_tax() -> AnyResponse:
    """Take a rate back before its day."""
    form, place = request.form, requested_place()
    try:
        take_back_tax_setting(
            location_id=place.id,
            staff_id=current_staff().person.id,
            category=printable(form.get("category", ""), 20),
            from_on=parse_day(form.get("from_on", "")[:10], field="from_on"),
        )
    except PosError as error:
        return _page(error, "rates")
    return _back()


@bp.post("/settings/tax/categories/add", defaults={"action": "add"})
@bp.post("/settings/tax/categories/rename", defaults={"action": "rename"})
@bp.post("/settings/tax/categories/retire", defaults={"action": "retire"})
@bp.post("/settings/tax/categories/restore", defaults={"action": "restore"})
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def change_tax_category(action: str) -> AnyResponse:
    """Add, name, retire or bring back a tax category, which holds at every location."""
    form, person = request.form, current_staff().person
    key, name = printable(form.get("key", ""), 20), form.get("name", "")[:200]
    try:
        if action == "add":
            add_tax_category(name=name, person=person)
        elif action == "rename":
            rename_tax_category(key=key, name=name, person=person)
        elif action == "retire":
            retire_tax_category(key=key, person=person)
        else:
            bring_back_tax_category(key=key, person=person)
    except PosError as error:
        return _page(error, "category")
    return _back()


@bp.post("/settings/breakage")
@requires(Permission.MANAGE_BOOKS)
def change_breakage() -> AnyResponse:
    """Set how breakage is recognised from a day on; the figures of the other methods stay as they were."""
    form, place = request.form, requested_place()
    how, method = how_on(reading(), place.id, place.today()), form.get("method", "")[:12]
    try:
        expectation = Expectation(
            method,
            _percent("expected_percent") if method == "proportional" else how.expected_percent,
            _months() if method == "remote" else how.remote_months,
        )
        set_breakage(
            location_id=place.id,
            staff_id=current_staff().person.id,
            from_on=parse_day(form.get("from_on", "")[:10], field="from_on"),
            expectation=expectation,
        )
    except PosError as error:
        return _page(error, "breakage")
    return _back()
