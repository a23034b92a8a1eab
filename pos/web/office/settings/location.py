"""Settings as they stand: the facts of a location, its taxes, prices, desks and readers; ways to pay can be changed."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.core.i18n.message import Message
from pos.core.messages.installation import CASH_ROUNDING_WORDS
from pos.core.messages.sales import OFFLINE_MINUTES_OUT_OF_RANGE, OFFLINE_SALES_OUT_OF_RANGE
from pos.core.money import parse_amount
from pos.domain.catalogue.queries import menu
from pos.domain.catalogue.tax_rates import kept_rates, tax_category_names
from pos.domain.locations.offline_limits import MOST_MINUTES, MOST_SALES, OfflineLimits
from pos.domain.locations.queries import Place, desks
from pos.domain.payments.attempt_states import BANK_DEBITS
from pos.domain.payments.repository import readers_at
from pos.domain.staff.permissions import Permission
from pos.services.catalogue.location_settings import set_ways_to_pay
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


@bp.get("/settings")
@requires(Permission.SEE_REPORTS)
def setup() -> Response:
    """What a location is set to."""
    return _page()


@bp.post("/settings/ways-to-pay")
@requires(Permission.MANAGE_BOOKS)
def change_ways_to_pay() -> AnyResponse:
    """Change whether readers ask for tips and whether the page takes bank debits."""
    place = requested_place()
    try:
        set_ways_to_pay(
            location_id=place.id,
            staff_id=current_staff().person.id,
            reader_tips="reader_tips" in request.form,
            bank_debit="bank_debit" in request.form,
            offline=_offline_limits(place),
        )
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.setup", location=place.slug, _anchor="ways"), 303)


def _whole(field: str, refusal: Message) -> int:
    typed = request.form.get(field, "")[:6].strip()
    if not typed.isdecimal():
        raise Invalid(refusal, field=field)
    return int(typed)


def _offline_limits(place: Place) -> OfflineLimits:
    amount = request.form.get("offline_amount", "")[:40].strip()
    return OfflineLimits(
        _whole("offline_minutes", OFFLINE_MINUTES_OUT_OF_RANGE(most=MOST_MINUTES)),
        _whole("offline_sales", OFFLINE_SALES_OUT_OF_RANGE(most=MOST_SALES)),
        parse_amount(amount, place.currency, field="offline_amount") if amount else None,
    )


def _page(error: PosError | None = None) -> Response:
    session, place = reading(), requested_place()
    page = render_template(
        "office/settings/location.html",
        place=place,
        cash_rounding=CASH_ROUNDING_WORDS[place.cash_rounding],
        own_places=own_places(),
        rates=kept_rates(session, place.id),
        categories=tax_category_names(session),
        menu=menu(session, place, place.today()),
        desks=desks(session, place.id),
        readers={reader.desk_id: reader for reader, _ in readers_at(session, place.id)},
        payments=settings().payments.mode,
        bank_debit=BANK_DEBITS.get(place.currency),
        error=error,
        typed=request.form if error else None,
    )
    return make_response(page, error.status if error else 200)
