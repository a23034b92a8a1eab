"""The service charges of a location: the list, and what each is."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.ids import new_id
from pos.core.messages.catalogue import NO_SUCH_SERVICE_CHARGE
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.locations.queries import Place
from pos.domain.locations.service_charge_rules import EVERY_DAY, ServiceCharge
from pos.domain.staff.permissions import Permission
from pos.services.locations.service_charges import set_service_charge, state_token
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.places.service_charge_forms import ServiceChargeForm, form_values, when_words
from pos.web.office.request_args import own_places, requested_place


def _form(place: Place, kept: ServiceCharge | None) -> ServiceChargeForm:
    given = request.form if request.method == "POST" else None
    new = {"from_on": place.today(), "weekdays": [str(day) for day in EVERY_DAY]}
    values = form_values(kept, place) if kept else new
    form = ServiceChargeForm(given, key=str(kept.key if kept else new_id()), seen=state_token(kept), **values)
    categories = tax_category_names(reading(), active=True)
    if kept and kept.tax_category not in categories:
        categories |= {kept.tax_category: tax_category_names(reading())[kept.tax_category]}
    form.offer(categories)
    return form


def _page(place: Place, form: ServiceChargeForm, kept: ServiceCharge | None, status: int = 200) -> Response:
    page = render_template("office/places/service_charge.html", place=place, form=form, kept=kept)
    return make_response(page, status)


def _answer(place: Place, kept: ServiceCharge | None) -> AnyResponse:
    """Show the form, or save what was typed."""
    form = _form(place, kept)
    if request.method == "GET":
        return _page(place, form, kept)
    if not form.validate():
        return _page(place, form, kept, status=422)
    try:
        rule = form.typed(place)
        if kept is not None and rule.key != kept.key:
            raise NotFound(NO_SUCH_SERVICE_CHARGE)
        set_service_charge(
            location_id=place.id, rule=rule, seen=(form.seen.data or "")[:40], person=current_staff().person
        )
    except PosError as error:
        add_error(form, error)
        return _page(place, form, kept, status=error.status)
    return redirect(url_for("office.service_charges", location=place.slug, done="saved"), 303)


@bp.get("/settings/service-charges")
@requires(Permission.MANAGE_BOOKS)
def service_charges() -> str:
    """The charges of a location: what each is, when it is added, and how long it holds."""
    place = requested_place()
    return render_template(
        "office/places/service_charges.html", place=place, own_places=own_places(), today=place.today(),
        rows=[(rule, when_words(rule)) for rule in place.service_charges],
        categories=tax_category_names(reading()),
    )  # fmt: skip


@bp.route("/settings/service-charges/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_BOOKS)
def new_service_charge() -> AnyResponse:
    """A charge that is not there yet."""
    return _answer(requested_place(), None)


@bp.route("/settings/service-charges/<uuid:key>", methods=["GET", "POST"])
@requires(Permission.MANAGE_BOOKS)
def service_charge(key: UUID) -> AnyResponse:
    """One charge; a last day ends it."""
    found = [(place, rule) for place in own_places() for rule in place.service_charges if rule.key == key]
    if not found:
        raise NotFound(NO_SUCH_SERVICE_CHARGE)
    return _answer(*found[0])
