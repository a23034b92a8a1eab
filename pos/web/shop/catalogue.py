"""The shop window: the clinics, their packages compared, their single prices."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import NotFound
from pos.domain.catalogue.queries import menu
from pos.domain.locations.public_details import public_details
from pos.domain.locations.queries import Place, place_by_slug, places
from pos.domain.payments.attempt_states import AWAITED
from pos.services.payments.payment_state import payment_state
from pos.web.common.permissions import public
from pos.web.common.template_context import SITE_NAME
from pos.web.shop import policy_texts
from pos.web.shop.blueprint import bp
from pos.web.shop.offers import offers_of
from pos.web.shop.order_tokens import order_of_token

ORDER_IN_SESSION = "order"


def shop_name(found: tuple[Place, ...]) -> str:
    """What the shop calls itself where no single clinic is meant."""
    names = {place.clinic_name for place in found}
    return names.pop() if len(names) == 1 else SITE_NAME


def unfinished_order() -> str | None:
    """The token of this browser's order that still waits for its money, if there is one."""
    token: str | None = session.get(ORDER_IN_SESSION)
    if token is None:
        return None
    try:
        order_id: UUID = order_of_token(token)
        if payment_state(reading(), order_id).state in AWAITED:
            return token
    except NotFound:
        pass
    session.pop(ORDER_IN_SESSION)
    return None


@bp.get("/")
@public
def index() -> str | Response:
    """The clinics, or the only one."""
    found = places(reading())
    if len(found) == 1:
        return redirect(url_for("shop.packages", slug=found[0].slug))
    return render_template("shop/index.html", places=found, site_name=shop_name(found))


@bp.get("/shop/")
@public
def shop() -> Response:
    """The same, under the name people try."""
    return redirect(url_for("shop.index"))


@bp.get("/shop/<slug>/")
@public
def packages(slug: str) -> str:
    """A clinic's packages and single prices."""
    place = place_by_slug(reading(), slug)
    day = place.today()
    sold = menu(reading(), place, day)
    return render_template(
        "shop/catalogue.html",
        place=place,
        site_name=place.clinic_name,
        several=len(places(reading())) > 1,
        menu=sold,
        offers=offers_of(place, sold, day),
        online=settings().payments.on,
        unfinished=unfinished_order(),
        sentences=policy_texts,
        details=public_details(reading(), place.id),
    )
