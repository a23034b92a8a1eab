"""Services and items: the list in the order of the register, one service, one item."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid
from pos.core.i18n.message import Message
from pos.core.ids import new_id, parse_id
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.domain.catalogue.price_list import listed_prices
from pos.domain.catalogue.services_and_items import (
    KeptItem,
    KeptService,
    kept_item,
    kept_items,
    kept_service,
    kept_services,
)
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.staff.permissions import Permission
from pos.services.catalogue.menu_order import move_on_menu
from pos.services.catalogue.services_and_items import (
    retire_item,
    retire_service,
    write_item,
    write_service,
)
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.catalogue.item_forms import ItemForm, ServiceForm, typed_prices
from pos.web.office.packages.forms import add_error
from pos.web.office.request_args import own_places

_STEPS = {"up": -1, "down": 1}
_MOST_DIGITS = 4  # of a place on the register


@bp.get("/settings/items")
@requires(Permission.SEE_REPORTS)
def items() -> str:
    """Every service with its durations, every add-on and retail article."""
    session = reading()
    return render_template(
        "office/catalogue/items.html",
        categories=tax_category_names(session),
        services=kept_services(session),
        add_ons=kept_items(session, ("add_on",)),
        retail=kept_items(session, ("retail",)),
        priced={
            item_id for (item_id, _), price in listed_prices(session, own_places()).items()
            if price.price_minor is not None or price.next_minor is not None
        },
    )  # fmt: skip


def _service_page(form: ServiceForm, kept: KeptService | None, status: int = 200) -> Response:
    page = render_template(
        "office/catalogue/service.html", form=form, kept=kept, categories=tax_category_names(reading())
    )
    return make_response(page, status)


def _service_form(kept: KeptService | None) -> ServiceForm:
    given = request.form if request.method == "POST" and "name" in request.form else None
    if kept is None:
        return ServiceForm(given, service_id=str(new_id()))
    terms = kept.terms
    return ServiceForm(
        given, service_id=str(kept.service_id), seen=kept.state_token,
        name=terms.name, short_name=terms.short_name, description=terms.description,
    )  # fmt: skip


def _save_service(form: ServiceForm, kept: KeptService | None) -> AnyResponse:
    if not form.validate():
        return _service_page(form, kept, 422)
    try:
        key = kept.service_id if kept else parse_id(form.service_id.data, field="service_id")
        seen = (form.seen.data or "") if kept else None
        write_service(service_id=key, terms=form.typed(), person=current_staff().person, seen=seen)
    except (Invalid, Conflict) as error:
        add_error(form, error)
        return _service_page(form, kept, error.status)
    return redirect(url_for("office.service", service_id=key, done="saved" if kept else "added"), 303)


@bp.route("/settings/services/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def new_service() -> AnyResponse:
    """A service that is not there yet."""
    form = _service_form(None)
    return _service_page(form, None) if request.method == "GET" else _save_service(form, None)


@bp.route("/settings/services/<uuid:service_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def service(service_id: UUID) -> AnyResponse:
    """One service: its texts and its durations."""
    kept = kept_service(reading(), service_id)
    form = _service_form(kept)
    return _service_page(form, kept) if request.method == "GET" else _save_service(form, kept)


@bp.post("/settings/services/<uuid:service_id>/<any(retire, offer):action>")
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def change_service(service_id: UUID, action: str) -> AnyResponse:
    """Stop selling a service with its durations, or offer it again."""
    kept = kept_service(reading(), service_id)
    try:
        retire_service(service_id=service_id, person=current_staff().person, retired=action == "retire")
    except (Invalid, Conflict) as error:
        form = _service_form(kept)
        add_error(form, error)
        return _service_page(form, kept, error.status)
    return redirect(url_for("office.service", service_id=service_id, done=action), 303)


def _item_page(
    form: ItemForm, kind: str, kept: KeptItem | None, of: KeptService | None, *, status: int = 200,
    wrong_prices: Mapping[str, Message] | None = None,
) -> Response:  # fmt: skip
    page = render_template(
        "office/catalogue/item.html", form=form, kind=kind, kept=kept, of=of, own_places=own_places(),
        wrong_prices=wrong_prices or {}, typed=request.form if request.method == "POST" else {},
    )  # fmt: skip
    return make_response(page, status)


def _categories(kept: KeptItem | None) -> dict[str, str]:
    """The tax categories an item may have: those in use, and the one it has."""
    names = tax_category_names(reading())
    used = tax_category_names(reading(), active=True)
    return used | ({kept.terms.tax_category: names[kept.terms.tax_category]} if kept else {})


def _item_form(kind: str, kept: KeptItem | None, of: KeptService | None) -> ItemForm:
    given = request.form if request.method == "POST" and "tax_category" in request.form else None
    if kept is None:
        beside = next((one.terms.tax_category for one in of.durations), None) if of else None
        form = ItemForm(given, item_id=str(new_id()), tax_category=beside or {"variant": "service"}.get(kind, kind))
    else:
        terms = kept.terms
        form = ItemForm(
            given, item_id=str(kept.item_id), seen=kept.state_token, name=terms.name, minutes=terms.minutes,
            tax_category=terms.tax_category, key=terms.key, code=terms.code,
        )  # fmt: skip
    form.offer(kind, _categories(kept))
    if kept is not None and form.minutes is not None:
        del form.minutes  # another duration is another item
    return form


def _save_item(form: ItemForm, kind: str, kept: KeptItem | None, of: KeptService | None) -> AnyResponse:
    prices, wrong = typed_prices(own_places()) if kept is None else ({}, {})
    if not form.validate() or wrong:
        return _item_page(form, kind, kept, of, wrong_prices=wrong, status=422)
    try:
        key = kept.item_id if kept else parse_id(form.item_id.data, field="item_id")
        write_item(
            item_id=key, terms=form.typed(kind, of.service_id if of else None), person=current_staff().person,
            seen=(form.seen.data or "") if kept else None, prices=prices,
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        add_error(form, error)
        return _item_page(form, kind, kept, of, status=error.status)
    if of is not None:
        return redirect(url_for("office.service", service_id=of.service_id, done="duration"), 303)
    return redirect(url_for("office.item", item_id=key, done="saved" if kept else "added"), 303)


def _service_of(kind: str) -> KeptService | None:
    if kind != "variant":
        return None
    return kept_service(reading(), parse_id(request.args.get("service"), field="service"))


@bp.route("/settings/items/new/<any(variant, add_on, retail):kind>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def new_item(kind: str) -> AnyResponse:
    """An item that is not there yet, with its prices from today."""
    of = _service_of(kind)
    form = _item_form(kind, None, of)
    return _item_page(form, kind, None, of) if request.method == "GET" else _save_item(form, kind, None, of)


def _kept_with_service(item_id: UUID) -> tuple[KeptItem, KeptService | None]:
    kept = kept_item(reading(), item_id)
    return kept, kept_service(reading(), kept.terms.service_id) if kept.terms.service_id else None


@bp.route("/settings/items/<uuid:item_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def item(item_id: UUID) -> AnyResponse:
    """One item."""
    kept, of = _kept_with_service(item_id)
    form = _item_form(kept.terms.kind, kept, of)
    if request.method == "GET":
        return _item_page(form, kept.terms.kind, kept, of)
    return _save_item(form, kept.terms.kind, kept, of)


@bp.post("/settings/items/<uuid:item_id>/<any(retire, offer):action>")
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def change_item(item_id: UUID, action: str) -> AnyResponse:
    """Stop selling an item everywhere, or offer it again."""
    kept, of = _kept_with_service(item_id)
    try:
        retire_item(item_id=item_id, person=current_staff().person, retired=action == "retire")
    except (Invalid, Conflict) as error:
        form = _item_form(kept.terms.kind, kept, of)
        add_error(form, error)
        return _item_page(form, kept.terms.kind, kept, of, status=error.status)
    return redirect(url_for("office.item", item_id=item_id, done=action), 303)


@bp.post("/settings/items/move")
@requires(Permission.MANAGE_CATALOGUE, chain_wide=True)
def move_item() -> AnyResponse:
    """Move a service, an item or a plan on the register: up, down, or to a place where it was dropped."""
    form, person = request.form, current_staff().person
    way, place, key = form.get("way", ""), form.get("place", ""), parse_id(form.get("key"), field="key")
    if way in _STEPS:
        move_on_menu(key=key, step=_STEPS[way], person=person)
    elif place.isascii() and place.isdecimal() and len(place) <= _MOST_DIGITS and int(place):
        move_on_menu(key=key, place=int(place), person=person)
    else:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="way")
    page = "plans" if form.get("of") == "plans" else "items"
    return redirect(url_for(f"office.{page}", done="moved", moved=str(key)) + f"#row-{key}", 303)
