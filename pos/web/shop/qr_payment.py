"""Pages behind the QR code of a desk: the redirect to Stripe Checkout, and the return page."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from pos.core.database.base import reading
from pos.domain.locations.queries import place_by_slug, places
from pos.services.payments.qr_payment import page_of_code
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.shop.blueprint import bp
from pos.web.shop.catalogue import shop_name

_LONGEST = 16


@bp.get("/p/<code>")
@public
@limiter.limit("20 per minute")
def typed_code(code: str) -> Response:
    """The short address beside the QR code: leads to Stripe's page while that is open."""
    typed = code.replace("-", "").upper()
    address = page_of_code(typed) if len(typed) <= _LONGEST else None
    if address:
        return redirect(address, 303)
    page = render_template("shop/qr_payment.html", site_name=shop_name(places(reading())), outcome="over", place=None)
    return make_response(page, 404)


@bp.get("/shop/<slug>/at-desk")
@public
def at_desk(slug: str) -> str:
    """Where Stripe's page leads back to; only the desk says for certain that it is paid."""
    place = place_by_slug(reading(), slug)
    outcome = "paid" if "paid" in request.args else "left"
    return render_template("shop/qr_payment.html", site_name=place.clinic_name, outcome=outcome, place=place)
