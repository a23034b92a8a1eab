"""Therapists and their tiers: who is which, what a tier costs more, from which day on."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import (
    Invalid,
    NotAllowed,
    NotFound,
    PosError,
)
from pos.core.i18n.name_folding import name_key
from pos.core.ids import parse_id
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.core.money import parse_amount
from pos.domain.catalogue.queries import tier_prices, visit_items
from pos.domain.locations.queries import tier_names
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import therapists
from pos.services.catalogue.therapist_tiers import give_tier, name_tier, price_tier
from pos.web.common.permissions import need_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, typed_first_day


def _page(error: PosError | None = None, action: str = "", status: int = 200) -> Response:
    session, places = reading(), own_places()
    people = {row[0]: row for place in places for row in therapists(session, place.id)}
    prices = tier_prices(session, [place.id for place in places])
    page = render_template(
        "office/settings/tiers.html",
        tiers=tier_names(session),
        people=sorted(people.values(), key=lambda row: name_key(row[1])),
        visits=visit_items(session),
        prices=[(price, name, place) for price, name in prices for place in places if place.id == price.location_id],
        own_places=places,
        today=places[0].today(),
        error=error,
        action=action,
        typed=request.form if error else {},
    )
    return make_response(page, status)


@bp.get("/settings/therapists")
@requires(Permission.MANAGE_CATALOGUE)
def tiers() -> Response:
    """Who is which tier, and what each costs."""
    return _page()


def _level(*, needed: bool = True) -> int | None:
    text = request.form.get("tier", "")[:4]
    if not text and not needed:
        return None
    if not text.isdecimal() or not text.isascii():
        raise Invalid(CHOOSE_ONE_OF_THESE, field="tier")
    return int(text)


def _do(action: str) -> None:
    person, form = current_staff().person, request.form
    level = _level(needed=action != "name")
    if action == "name":
        need_chain_wide()
        name_tier(level=level, name=form.get("name", "")[:200], person=person)
        return
    assert level is not None
    if action == "give":
        give_tier(staff_id=parse_id(form.get("staff"), field="staff"), level=level, person=person)
        return
    where = next((place for place in own_places() if place.slug == form.get("location", "")), None)
    if where is None:
        raise NotFound(NO_SUCH_LOCATION)
    from_on = typed_first_day()
    price_tier(
        level=level,
        item_id=parse_id(form.get("item"), field="item"),
        location_id=where.id,
        from_on=from_on,
        surcharge_minor=parse_amount(form.get("price", "")[:40], where.currency, field="price"),
        person=person,
    )


@bp.post("/settings/therapists/name", defaults={"action": "name"})
@bp.post("/settings/therapists/give", defaults={"action": "give"})
@bp.post("/settings/therapists/price", defaults={"action": "price"})
@requires(Permission.MANAGE_CATALOGUE)
def change_tiers(action: str) -> AnyResponse:
    """Name a tier, give somebody one, or set what it costs more."""
    try:
        _do(action)
    except (Invalid, NotAllowed) as error:
        return _page(error, action, error.status)
    return redirect(url_for("office.tiers", done=action), 303)
