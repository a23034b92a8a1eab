"""Package plans: the list, one plan's terms and prices, and how it reads to whoever may buy it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.money import parse_amount
from pos.domain.catalogue.package_plans import (
    KeptPlan,
    kept_plan,
    kept_plans,
    plan_choices,
    prices_of,
)
from pos.domain.locations.queries import Place, tier_names
from pos.domain.staff.permissions import Permission
from pos.services.catalogue.package_plans import (
    create_plan,
    edit_plan,
    price_plan,
    retire_plan,
)
from pos.web.common.permissions import need_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.request_args import own_places, typed_first_day
from pos.web.office.settings.package_plan_forms import PlanForm, form_values, policy_labels
from pos.web.office.settings.package_plan_preview import price_on, reading_of


@bp.get("/settings/plans")
@requires(Permission.SEE_REPORTS)
def plans() -> str:
    """Every plan with what it costs at the person's locations."""
    session, places = reading(), own_places()
    rows = []
    for kept in kept_plans(session):
        prices = prices_of(session, kept.plan_id)
        rows.append((kept, [(place, price_on(prices, place, place.today())) for place in places]))
    days = {place.id: place.today() for place in places}
    return render_template(
        "office/settings/package_plans.html", rows=rows, own_places=places, days=days, today=places[0].today()
    )


def _form(kept: KeptPlan | None) -> PlanForm:
    given = request.form if request.method == "POST" and "sessions" in request.form else None
    if kept is None:
        form = PlanForm(given, plan_id=str(new_id()))
    else:
        form = PlanForm(given, plan_id=str(kept.plan_id), seen=kept.state_token, **form_values(kept.terms))
    form.offer(plan_choices(reading(), kept), tier_names(reading()))
    return form


def _page(
    form: PlanForm,
    kept: KeptPlan | None,
    *,
    shown: KeptPlan | None = None,
    price_error: PosError | None = None,
    status: int = 200,
) -> Response:
    """The page of a plan; `shown` is what the preview tells of, the plan itself where nothing else was typed."""
    session, places = reading(), own_places()
    prices = prices_of(session, kept.plan_id) if kept else []
    names = {str(key): name for found in plan_choices(session, kept).values() for key, name in found}
    displayed = shown or kept
    page = render_template(
        "office/settings/package_plan.html",
        form=form,
        kept=kept,
        displayed=displayed,
        is_typed=shown is not None,
        readings=[reading_of(session, place, displayed, prices, names) for place in places] if displayed else [],
        names=names,
        tiers=tier_names(session),
        policies=policy_labels(),
        own_places=places,
        prices=[(price, place) for price in prices for place in places if place.id == price.location_id],
        price_error=price_error,
        price_typed=request.form if price_error else {},
        today=places[0].today(),
    )
    return make_response(page, status)


def _save(form: PlanForm, kept: KeptPlan | None) -> AnyResponse:
    """Show or save what was typed."""
    if not form.validate():
        return _page(form, kept, status=422)
    person, key = current_staff().person, kept.plan_id if kept else parse_id(form.plan_id.data, field="plan_id")
    try:
        terms = form.typed().cleaned()
        if "look" in request.form:
            typed = replace(kept, terms=terms) if kept else KeptPlan(key, True, terms)
            return _page(form, kept, shown=typed)
        if kept is None:
            create_plan(plan_id=key, terms=terms, person=person)
        else:
            edit_plan(plan_id=key, terms=terms, seen=form.seen.data or "", person=person)
    except PosError as error:
        add_error(form, error)
        return _page(form, kept, status=error.status)
    return redirect(url_for("office.plan", plan_id=key, done="saved"), 303)


@bp.route("/settings/plans/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def new_plan() -> AnyResponse:
    """A plan that is not there yet."""
    form = _form(None)
    return _page(form, None) if request.method == "GET" else _save(form, None)


@bp.route("/settings/plans/<uuid:plan_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE)
def plan(plan_id: UUID) -> AnyResponse:
    """One plan: how it reads, its prices, its terms."""
    kept = kept_plan(reading(), plan_id)
    form = _form(kept)
    if request.method == "GET":
        return _page(form, kept)
    need_chain_wide()  # its prices are a location's own, its terms are not
    return _save(form, kept)


def _price_place() -> Place:
    slug = request.form.get("location", "")
    found = next((place for place in own_places() if place.slug == slug), None)
    if found is None:
        raise NotFound(NO_SUCH_LOCATION)
    return found


@bp.post("/settings/plans/<uuid:plan_id>/price")
@requires(Permission.MANAGE_CATALOGUE)
def set_plan_price(plan_id: UUID) -> AnyResponse:
    """Set what a plan costs at a location from a day on."""
    kept = kept_plan(reading(), plan_id)
    try:
        where = _price_place()
        from_on = typed_first_day()
        minor = parse_amount(request.form.get("price", "")[:40], where.currency, field="price")
        price_plan(
            plan_id=plan_id, location_id=where.id, from_on=from_on, price_minor=minor, person=current_staff().person
        )
    except Invalid as error:
        return _page(_form(kept), kept, price_error=error, status=error.status)
    return redirect(url_for("office.plan", plan_id=plan_id, done="price") + "#prices", 303)


@bp.post("/settings/plans/<uuid:plan_id>/<any(retire, offer):action>")
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def change_plan(plan_id: UUID, action: str) -> AnyResponse:
    """Stop selling a plan, or offer it again."""
    kept = kept_plan(reading(), plan_id)
    try:
        retire_plan(plan_id=plan_id, person=current_staff().person, retired=action == "retire")
    except Invalid as error:
        form = _form(kept)
        add_error(form, error)
        return _page(form, kept, status=error.status)
    return redirect(url_for("office.plan", plan_id=plan_id, done=action), 303)
