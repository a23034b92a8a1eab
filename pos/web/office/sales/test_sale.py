"""The test sale of a new clinic: one item, marked, voided at once, with the papers it left."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.core.ids import new_id, parse_id
from pos.domain.locations.queries import desks
from pos.domain.receipts.repository import was_ever_sold
from pos.domain.staff.permissions import Permission
from pos.services.setup.test_sale import items_to_sell, made_test_sale, make_test_sale
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_ids, own_places, requested_place


def _page(error: PosError | None = None) -> Response:
    place, session, w = requested_place(), reading(), page_translator()
    made = request.args.get("made", "")
    page = render_template(
        "office/sales/test_sale.html",
        place=place,
        own_places=own_places(),
        items=[
            (one.item_id, f"{one.name}, {w.money(one.price_minor, place.currency)}")
            for one in items_to_sell(session, place)
        ],
        desks=[(one.id, one.name) for one in desks(session, place.id)],
        sold_before=was_ever_sold(session, place.id),
        made=made_test_sale(parse_id(made), own_ids()) if made else None,
        chosen={name: request.form.get(name, "") for name in ("item", "desk")},
        sale_id=str(new_id()),
        error=error,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/test-sale")
@requires(Permission.MANAGE_BOOKS)
def test_sale() -> Response:
    """What a test sale does, and the papers of the one just made."""
    return _page()


@bp.post("/test-sale")
@requires(Permission.MANAGE_BOOKS)
def sell_and_void() -> AnyResponse:
    """Make a test sale."""
    place, form = requested_place(), request.form
    try:
        made = make_test_sale(
            sale_id=parse_id(form.get("sale_id"), field="sale_id"),
            desk_id=parse_id(form.get("desk"), field="desk"),
            item_id=parse_id(form.get("item"), field="item"),
            person=current_staff().person,
        )
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.test_sale", location=place.slug, made=str(made.sale_id)), 303)
