"""Promo codes: the list, one code's terms, and what prices become with it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.core.ids import new_id
from pos.core.messages.catalogue import NO_SUCH_PROMO_CODE
from pos.domain.catalogue.queries import menu
from pos.domain.locations.queries import Place
from pos.domain.promotions import queries
from pos.domain.promotions.rules import PromoTerms, cuts
from pos.domain.staff.permissions import Permission
from pos.services.checkout.promo_codes import write_promo
from pos.web.common.permissions import may_chain_wide, need_chain_wide, requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.packages.forms import add_error
from pos.web.office.request_args import own_places
from pos.web.office.settings.promo_code_forms import PromoForm, form_values

_SHOWN = 6


@dataclass(frozen=True)
class Example:
    """What one item costs without the code and with it, as displayed."""

    name: str
    before_minor: int
    after_minor: int


def _is_seen(terms: PromoTerms) -> bool:
    return terms.location_id is None or terms.location_id in {place.id for place in own_places()}


def _need_own(terms: PromoTerms) -> None:
    """Refuse terms of every location, and a key that belongs to such a code or to another location's."""
    before = queries.by_key(reading(), terms.promo_id)
    if before is not None and not _is_seen(before):
        raise NotFound(NO_SUCH_PROMO_CODE)
    if terms.location_id is None or (before is not None and before.location_id is None):
        need_chain_wide()


def _examples(terms: PromoTerms) -> list[Example]:
    place = next((one for one in own_places() if _holds_at(terms, one)), None)
    if place is None:
        return []
    sold = [item for item in menu(reading(), place, place.today()).all() if terms.holds_for(item.item_id)]
    found = [(item, cuts(terms, [(item.item_id, item.price_minor)])[0]) for item in sold[:_SHOWN]]
    return [Example(item.name, item.price_minor, item.price_minor - cut) for item, cut in found]


def _holds_at(terms: PromoTerms, place: Place) -> bool:
    return terms.currency == place.currency and terms.location_id in (None, place.id)


@bp.get("/settings/promo-codes")
@requires(Permission.SEE_REPORTS)
def promo_codes() -> str:
    """Every code with what it has given."""
    names = {place.id: place.name for place in own_places()}
    rows = [(one, queries.given(reading(), one.promo_id)) for one in queries.listed(reading()) if _is_seen(one)]
    return render_template("office/settings/promo_codes.html", rows=rows, names=names, today=own_places()[0].today())


def _form(kept: PromoTerms | None) -> PromoForm:
    given, places = (request.form if request.method == "POST" else None), own_places()
    values = form_values(kept) if kept else {"from_on": places[0].today(), "active": True}
    form = PromoForm(given, promo_id=str(kept.promo_id if kept else new_id()), **values)
    menus = [menu(reading(), place, place.today()) for place in places]
    form.offer(places, menus, is_chain_wide=may_chain_wide() or (kept is not None and kept.location_id is None))
    return form


def _page(form: PromoForm, kept: PromoTerms | None, shown: PromoTerms | None = None, status: int = 200) -> Response:
    displayed = shown or kept
    page = render_template(
        "office/settings/promo_code.html",
        form=form,
        kept=kept,
        displayed=displayed,
        is_typed=shown is not None,
        examples=_examples(displayed) if displayed else [],
        given=queries.given(reading(), kept.promo_id) if kept else 0,
        currency=displayed.currency if displayed else own_places()[0].currency,
    )
    return make_response(page, status)


def _save(form: PromoForm, kept: PromoTerms | None) -> AnyResponse:
    """Show or save what was typed."""
    if not form.validate():
        return _page(form, kept, status=422)
    try:
        terms = form.typed(own_places())
        if kept is not None and terms.promo_id != kept.promo_id:
            raise NotFound(NO_SUCH_PROMO_CODE)
        _need_own(terms)
        if "look" in request.form:
            return _page(form, kept, shown=terms)
        write_promo(terms, person=current_staff().person)
    except PosError as error:
        add_error(form, error)
        return _page(form, kept, status=error.status)
    return redirect(url_for("office.promo_code", promo_id=terms.promo_id, done="saved"), 303)


@bp.route("/settings/promo-codes/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE)
def new_promo_code() -> AnyResponse:
    """A code that is not there yet."""
    form = _form(None)
    return _page(form, None) if request.method == "GET" else _save(form, None)


@bp.route("/settings/promo-codes/<uuid:promo_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE)
def promo_code(promo_id: UUID) -> AnyResponse:
    """One code: its terms, and what prices become with it."""
    kept = queries.promo(reading(), promo_id)
    if not _is_seen(kept):
        raise NotFound(NO_SUCH_PROMO_CODE)
    form = _form(kept)
    return _page(form, kept) if request.method == "GET" else _save(form, kept)
