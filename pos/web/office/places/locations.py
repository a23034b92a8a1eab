"""Locations: the list, adding one, what each is set to, retiring one and bringing it back."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, NotFound, PosError
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.domain.locations.country_habits import habits
from pos.domain.locations.queries import Place, all_desks, all_places
from pos.domain.staff.permissions import Permission
from pos.services.locations.location_facts import FROZEN, LocationFacts, facts_of
from pos.services.locations.locations import (
    add_location,
    bring_back_location,
    edit_location,
    is_frozen,
    retire_location,
)
from pos.web.common.permissions import may_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.places.location_forms import LocationForm, countries, form_values, proposals, zones_for


def _mine() -> tuple[Place, ...]:
    """The locations the person may see here: their own, or every one; none before the first is added."""
    person, every = current_staff().person, may_chain_wide()
    return tuple(place for place in all_places(reading()) if every or place.id in person.locations)


def _one(location_id: UUID) -> Place:
    found = next((place for place in _mine() if place.id == location_id), None)
    if found is None:
        raise NotFound(NO_SUCH_LOCATION)
    return found


def _list(error: PosError | None = None) -> Response:
    session, found = reading(), _mine()
    page = render_template(
        "office/places/locations.html",
        rows=[(place, sum(desk.active for desk in all_desks(session, place.id))) for place in found],
        error=error,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/locations")
@requires(Permission.MANAGE_BOOKS)
def locations() -> Response:
    """The locations of the chain, or the person's own."""
    return _list()


def _page(form: LocationForm, kept: Place | None, status: int = 200) -> Response:
    frozen = kept is not None and is_frozen(reading(), kept.id)
    usual = habits(form.country.data or "")
    page = render_template(
        "office/places/location.html",
        form=form,
        kept=kept,
        frozen=FROZEN if frozen else (),
        habits=usual,
        zones=zones_for(usual),
        countries=countries(),
    )
    return make_response(page, status)


def _refused(form: LocationForm, kept: Place | None, error: PosError) -> Response:
    add_error(form, error)
    return _page(form, kept, error.status)


@bp.route("/settings/locations/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def new_location() -> AnyResponse:
    """A location that is not there yet; its country proposes what is usual there."""
    if request.method == "GET":
        country = request.args.get("country", "")[:2].upper()
        if country not in countries():
            country = ""
        form = LocationForm(None, location_id=str(new_id()), **proposals(country, habits(country)))
        form.offer()
        return _page(form, None)
    form = LocationForm(request.form)
    form.offer()
    if not form.validate():
        return _page(form, None, 422)
    try:
        location_id = parse_id(form.location_id.data, field="location_id")
        add_location(location_id=location_id, facts=form.typed(None, frozen=()), person=current_staff().person)
    except PosError as error:
        return _refused(form, None, error)
    return redirect(url_for("office.location", location_id=location_id, done="added"), 303)


@bp.route("/settings/locations/<uuid:location_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_BOOKS)
def location(location_id: UUID) -> AnyResponse:
    """What one location is set to."""
    kept = _one(location_id)
    facts: LocationFacts = facts_of(kept)
    frozen = FROZEN if is_frozen(reading(), location_id) else ()
    given = request.form if request.method == "POST" else None
    values = form_values(facts)
    form = LocationForm(given, location_id=str(location_id), **values | {"seen": facts.state_token})
    form.offer()
    if request.method == "GET":
        return _page(form, kept)
    for name in frozen:  # shown as facts: a form of an older page may still send them
        form[name].process(None, values[name])
    if not form.validate():
        return _page(form, kept, 422)
    try:
        edit_location(
            location_id=location_id,
            facts=form.typed(facts, frozen=frozen),
            seen=form.seen.data or "",
            person=current_staff().person,
        )
    except PosError as error:
        return _refused(form, kept, error)
    return redirect(url_for("office.location", location_id=location_id, done="saved"), 303)


@bp.post("/settings/locations/<uuid:location_id>/<any(retire, reopen):action>")
@requires(Permission.MANAGE_BOOKS, chain_wide=True)
def open_or_retire(location_id: UUID, action: str) -> AnyResponse:
    """Retire a location, or open it again."""
    try:
        (retire_location if action == "retire" else bring_back_location)(
            location_id=location_id, person=current_staff().person
        )
    except Conflict as error:
        return _list(error)
    return redirect(url_for("office.locations", done=action), 303)
