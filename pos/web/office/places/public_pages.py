"""Opening hours, closed days, the words of the shop and the legal pages of a location."""

from __future__ import annotations

from babel.dates import get_day_names
from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.locations.public_details import (
    LEGAL_PAGES,
    PublicDetails,
    parse_closed_days,
    parse_spans,
    public_details,
    written_closed_days,
    written_spans,
)
from pos.domain.staff.permissions import Permission
from pos.services.locations.public_pages import set_public_details
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place

_TEXTS = ("headline", "introduction", *LEGAL_PAGES)


def _values(kept: PublicDetails) -> dict[str, str]:
    hours = {f"hours_{weekday}": written_spans(spans) for weekday, spans in enumerate(kept.hours)}
    texts = {name: getattr(kept, name) for name in _TEXTS}
    return hours | texts | {"closed_days": written_closed_days(kept.closed_days)}


def _typed() -> PublicDetails:
    form = request.form
    return PublicDetails(
        tuple(parse_spans(form.get(f"hours_{weekday}", "")[:200], f"hours_{weekday}") for weekday in range(7)),
        parse_closed_days(form.get("closed_days", "")),
        **{name: form.get(name, "") for name in _TEXTS},
    )


def _page(error: PosError | None = None) -> Response:
    place = requested_place()
    values = _values(public_details(reading(), place.id))
    names = get_day_names("wide", locale=page_translator().locale)
    page = render_template(
        "office/places/public_pages.html",
        place=place,
        own_places=own_places(),
        values=values | ({name: request.form.get(name, "") for name in values} if error else {}),
        weekdays=[names[weekday] for weekday in range(7)],
        error=error,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/public-pages")
@requires(Permission.MANAGE_BOOKS)
def public_pages() -> Response:
    """What the public reads of a location."""
    return _page()


@bp.post("/settings/public-pages")
@requires(Permission.MANAGE_BOOKS)
def change_public_pages() -> AnyResponse:
    """Save what the public reads."""
    place = requested_place()
    try:
        set_public_details(location_id=place.id, details=_typed(), person=current_staff().person)
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.public_pages", location=place.slug, done="saved"), 303)
