"""The price list: every item at each of the person's locations, many prices changed at once from one day on."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Invalid, NotFound, PosError
from pos.core.i18n.message import Message
from pos.core.ids import parse_id
from pos.core.messages.catalogue import PRICES_WRONG
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.messages.imports import FILE_MISSING
from pos.core.money import parse_amount, plain
from pos.domain.catalogue.price_list import Cell, ListedPrice, listed_items, listed_prices
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.reports.exporters import write_csv
from pos.services.catalogue.price_list import PriceChange, WrongPrices, change_prices, take_back_price
from pos.services.imports.price_file import MOST_BYTES, PriceFile, price_sheet, read_price_file
from pos.web.common.downloads import CSV, file_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, typed_first_day


def _field(item_id: UUID, place: Place) -> str:
    return f"price-{item_id}-{place.slug}"


def _shown(price: ListedPrice, place: Place) -> str:
    return "" if price.price_minor is None else plain(price.price_minor, place.currency)


def _page(
    error: PosError | None = None, wrong: Mapping[Cell, Message] | None = None, found: PriceFile | None = None
) -> Response:
    places, session = own_places(), reading()
    prices, wrong = listed_prices(session, places), wrong or {}
    typed: Mapping[str, str] = request.form if request.method == "POST" else {}
    if found is not None:
        slugs = {place.id: place for place in places}
        typed = {
            _field(one.item_id, slugs[one.location_id]): _shown(ListedPrice(one.price_minor), slugs[one.location_id])
            for one in found.changes
        }
    rows = []
    for item in listed_items(session):
        cells = []
        for place in places:
            price = prices.get((item.item_id, place.id), ListedPrice())
            name, shown = _field(item.item_id, place), _shown(price, place)
            cells.append((place, price, name, shown, typed.get(name, shown), wrong.get((item.item_id, place.id))))
        rows.append((item, cells))
    page = render_template(
        "office/catalogue/prices.html",
        rows=rows,
        own_places=places,
        today=places[0].today(),
        from_text=typed.get("from_on", places[0].today().isoformat()),
        error=error,
        found=found,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/prices")
@requires(Permission.MANAGE_CATALOGUE)
def prices() -> Response:
    """Today's price of every item at each location, and the next one."""
    return _page()


def _price(text: str, place: Place) -> int | None:
    clean = text[:40].strip()
    return parse_amount(clean, place.currency, field="price") if clean else None


def _typed_changes() -> tuple[list[PriceChange], dict[Cell, Message]]:
    """The cells that say something else than what was shown, and those that say no amount."""
    changes: list[PriceChange] = []
    wrong: dict[Cell, Message] = {}
    for item in listed_items(reading()):
        for place in own_places():
            name = _field(item.item_id, place)
            typed, shown = request.form.get(name), request.form.get(f"was-{name}", "")
            if typed is None or typed.strip() == shown.strip():
                continue
            try:
                minor, seen = _price(typed, place), _price(shown, place)
            except Invalid as error:
                wrong[item.item_id, place.id] = error.sentence
                continue
            if minor != seen:
                changes.append(PriceChange(item.item_id, place.id, seen, minor))
    return changes, wrong


@bp.post("/settings/prices")
@requires(Permission.MANAGE_CATALOGUE)
def save_prices() -> AnyResponse:
    """Save the prices that were changed, all from one day on: all of them or none."""
    changes, wrong = _typed_changes()
    if wrong:
        return _page(Invalid(PRICES_WRONG(count=len(wrong)), field="prices"), wrong)
    try:
        count = change_prices(changes=changes, from_on=typed_first_day(), person=current_staff().person)
    except WrongPrices as error:
        return _page(error, error.cells)
    except Invalid as error:
        return _page(error)
    return redirect(url_for("office.prices", done="saved", count=count), 303)


@bp.post("/settings/prices/take-back")
@requires(Permission.MANAGE_CATALOGUE)
def take_back() -> AnyResponse:
    """Take a price back before its day."""
    place = next((one for one in own_places() if one.slug == request.form.get("location", "")), None)
    if place is None:
        raise NotFound(NO_SUCH_LOCATION)
    try:
        take_back_price(
            item_id=parse_id(request.form.get("item"), field="item"), location_id=place.id, from_on=typed_first_day(),
            person=current_staff().person,
        )  # fmt: skip
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.prices", done="taken-back"), 303)


@bp.get("/settings/prices.csv")
@requires(Permission.MANAGE_CATALOGUE)
def prices_file() -> Response:
    """The price list as a file that can be brought in again."""
    sheet = price_sheet(reading(), own_places())
    return file_answer(lambda out: write_csv(sheet, out, for_spreadsheet=True), name="prices.csv", media_type=CSV)


@bp.post("/settings/prices/file")
@requires(Permission.MANAGE_CATALOGUE)
def look_at_prices() -> Response:
    """Fill the price list with the prices of a file; nothing is saved until somebody has looked at them and saves."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(FILE_MISSING, field="file")
        found = read_price_file(reading(), own_places(), sent.read(MOST_BYTES + 1))
    except Invalid as error:
        return _page(error)
    return _page(found=found)
