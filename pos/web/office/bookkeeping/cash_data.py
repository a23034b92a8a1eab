"""The cash data of a location in Germany for a tax auditor: days chosen, and the file (DSFinV-K)."""

from __future__ import annotations

from flask import Response, make_response, render_template

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.staff.permissions import Permission
from pos.reports.bookkeeping.dsfinvk.closings import closing_count
from pos.reports.bookkeeping.dsfinvk.rows import address_of
from pos.services.bookkeeping.cash_data import MOST_DAYS, cash_data_name, is_for, write_cash_data
from pos.web.common.downloads import file_answer
from pos.web.common.permissions import requires
from pos.web.office.blueprint import bp
from pos.web.office.bookkeeping.page import asked_days
from pos.web.office.request_args import format_days, own_places, requested_place


def _page(refused: PosError | None = None) -> Response:
    place = requested_place()
    asked = asked_days(place)
    scope = asked.scope
    page = render_template(
        "office/bookkeeping/cash_data.html",
        place=place,
        own_places=own_places(),
        is_here=is_for(place),
        has_tax_number=bool(place.tax_id),
        has_postal_code=bool(address_of(place.address_lines)[1]),
        asked=asked,
        days_words=format_days(scope) if scope else "",
        closings=closing_count(reading(), place, scope.from_on, scope.to_on) if scope else 0,
        is_too_long=bool(scope and scope.days > MOST_DAYS),
        refused=refused,
    )
    return make_response(page, refused.status if refused else 422 if asked.error else 200)


@bp.get("/money/bookkeeping/cash-data")
@requires(Permission.MANAGE_BOOKS)
def cash_data() -> Response:
    """What the file is, and the days to make it of."""
    return _page()


@bp.get("/money/bookkeeping/cash-data.zip")
@requires(Permission.MANAGE_BOOKS)
def cash_data_file() -> Response:
    """The file of the days in the address."""
    place = requested_place()
    asked = asked_days(place)
    if asked.scope is None:
        return _page()
    first, last = asked.scope.from_on, asked.scope.to_on
    try:
        return file_answer(
            lambda out: write_cash_data(place, first, last, out),
            name=cash_data_name(place, first, last),
            media_type="application/zip",
        )
    except PosError as error:
        return _page(error)
