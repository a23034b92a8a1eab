"""From what on an event at a location is listed for review."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.core.messages.till import REVIEW_NUMBER_OUT_OF_RANGE
from pos.core.money import parse_amount, plain, read_percent
from pos.domain.locations.queries import Place
from pos.domain.locations.review_limits import WHOLE, ReviewLimits, review_limits
from pos.domain.staff.permissions import Permission
from pos.services.locations.review_limits import set_review_limits
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place

_AMOUNTS = ("void_minor", "cash_refund_minor")


def _values(place: Place) -> dict[str, str]:
    kept = review_limits(reading(), place.id)
    amounts = {name: plain(getattr(kept, name), place.currency) for name in _AMOUNTS}
    numbers = {name: str(getattr(kept, name)) for name in WHOLE}
    return amounts | numbers | {"discount_percent": f"{kept.discount_percent.normalize():f}"}


def _whole(field: str) -> int:
    text, (least, most) = request.form.get(field, "").strip()[:20], WHOLE[field]
    if not (text.isascii() and text.isdigit()):
        raise Invalid(REVIEW_NUMBER_OUT_OF_RANGE(least=least, most=most), field=field)
    return int(text)


def _typed(place: Place) -> ReviewLimits:
    form = request.form
    amounts = {name: parse_amount(form.get(name, "")[:40], place.currency, field=name) for name in _AMOUNTS}
    percent = read_percent(form.get("discount_percent", "")[:20], field="discount_percent")
    return ReviewLimits(**amounts, discount_percent=percent, **{name: _whole(name) for name in WHOLE})


def _page(error: PosError | None = None) -> Response:
    place = requested_place()
    values = _values(place)
    page = render_template(
        "office/places/review_limits.html",
        place=place,
        own_places=own_places(),
        values={name: request.form.get(name, "") for name in values} if error else values,
        error=error,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/events-to-review")
@requires(Permission.MANAGE_BOOKS)
def review_limits_page() -> Response:
    """The limits of a location."""
    return _page()


@bp.post("/settings/events-to-review")
@requires(Permission.MANAGE_BOOKS)
def change_review_limits() -> AnyResponse:
    """Save the limits of a location."""
    place = requested_place()
    try:
        set_review_limits(location_id=place.id, limits=_typed(place), person=current_staff().person)
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.review_limits_page", location=place.slug, done="saved"), 303)
