"""The stock of retail articles: what is there at a location, deliveries and counts, one article's history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid
from pos.core.i18n.message import Message
from pos.core.ids import new_id, parse_id
from pos.core.messages import catalogue as messages
from pos.core.messages.general import CHOOSE_ONE_OF_THESE
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.domain.stock.queries import stock_moves, stock_row, stock_rows
from pos.services.catalogue.stock import MOST_PIECES, StockEntry, move_stock, set_low_level
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import keyed_pages, own_places, requested_place, requested_window

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


def stock_states() -> dict[str, tuple[str, str]]:
    """What the stock of an article is called, and how its chip looks."""
    return {
        "negative": (_("Below zero"), "bad"),
        "low": (_("Low"), "warn"),
        "enough": (_("There"), "good"),
        "not_counted": (_("Not counted"), ""),
    }


def move_words() -> dict[str, str]:
    """What happened to the stock, move by move."""
    return {
        "received": _("Received"),
        "counted": _("Counted"),
        "adjusted": _("Adjusted"),
        "sold": _("Sold"),
        "returned": _("Came back"),
    }


def _whole(text: str, refusal: Message, field: str) -> int:
    clean = text.strip().replace("−", "-")
    if not _NUMBER.fullmatch(clean):
        raise Invalid(refusal, field=field)
    return int(clean)


def _refusal(kind: str) -> Message:
    message = {
        "received": messages.STOCK_RECEIPT_OUT_OF_RANGE(most=MOST_PIECES),
        "counted": messages.STOCK_COUNT_OUT_OF_RANGE(most=MOST_PIECES),
        "adjusted": messages.STOCK_ADJUSTMENT_OUT_OF_RANGE(most=MOST_PIECES),
    }.get(kind)
    if message is None:
        raise Invalid(CHOOSE_ONE_OF_THESE, field="kind")
    return message


def _list_page(error: Invalid | Conflict | None = None, wrong: Mapping[str, Message] | None = None) -> Response:
    place = requested_place()
    wrong = dict(wrong or {})
    rows = stock_rows(reading(), place.id)
    if error and error.field in {f"pieces-{row.item_id}" for row in rows}:
        wrong[error.field or ""] = error.sentence
    page = render_template(
        "office/catalogue/stock.html",
        place=place,
        own_places=own_places(),
        rows=rows,
        states=stock_states(),
        typed=request.form if error or wrong else {},
        action_id=request.form.get("action_id") or new_id(),
        error=error,
        wrong=wrong,
    )
    return make_response(page, error.status if error else 422 if wrong else 200)


@bp.get("/settings/stock")
@requires(Permission.SEE_REPORTS)
def stock() -> Response:
    """What is there of every article at a location, what is low first."""
    return _list_page()


@bp.post("/settings/stock")
@requires(Permission.MANAGE_CATALOGUE)
def save_stock() -> AnyResponse:
    """Take in a delivery, or a count, of several articles: all of them or none."""
    place, kind = requested_place(), request.form.get("kind", "")
    entries: list[StockEntry] = []
    wrong: dict[str, Message] = {}
    try:
        refusal = _refusal(kind if kind != "adjusted" else "")
        for row in stock_rows(reading(), place.id):
            field = f"pieces-{row.item_id}"
            text = request.form.get(field, "")[:20]
            if not text.strip():
                continue
            try:
                entries.append(StockEntry(row.item_id, _whole(text, refusal, field)))
            except Invalid as error:
                wrong[field] = error.sentence
        if wrong:
            return _list_page(wrong=wrong)
        if not entries:
            raise Invalid(messages.STOCK_NUMBERS_MISSING, field="kind")
        move_stock(
            action_id=parse_id(request.form.get("action_id"), field="action_id"), location_id=place.id, kind=kind,
            entries=entries, reason=request.form.get("reason", "")[:400], person=current_staff().person,
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _list_page(error)
    return redirect(url_for("office.stock", location=place.slug, done=kind, count=len(entries)), 303)


def _article_page(item_id: UUID, error: Invalid | Conflict | None = None) -> Response:
    place, session = requested_place(), reading()
    article = stock_row(session, place.id, item_id)
    window = requested_window(datetime, UUID)
    found = stock_moves(session, place.id, item_id, window=window)
    args: dict[str, Any] = {"item_id": item_id, "location": place.slug}
    moves, pager = keyed_pages(found, window, lambda move: (move.at, move.move_id), **args)
    page = render_template(
        "office/catalogue/stock_article.html",
        place=place,
        own_places=own_places(),
        article=article,
        states=stock_states(),
        moves=moves,
        words=move_words(),
        people=names(session),
        pages=pager,
        typed=request.form if error else {},
        action_id=request.form.get("action_id") or new_id(),
        error=error,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/stock/<uuid:item_id>")
@requires(Permission.SEE_REPORTS)
def stock_article(item_id: UUID) -> Response:
    """One article at a location: what is there, and every move."""
    return _article_page(item_id)


@bp.post("/settings/stock/<uuid:item_id>")
@requires(Permission.MANAGE_CATALOGUE)
def move_stock_article(item_id: UUID) -> AnyResponse:
    """Receive, count or adjust one article."""
    place, kind = requested_place(), request.form.get("kind", "")
    try:
        pieces = _whole(request.form.get("pieces", "")[:20], _refusal(kind), f"pieces-{item_id}")
        move_stock(
            action_id=parse_id(request.form.get("action_id"), field="action_id"), location_id=place.id, kind=kind,
            entries=[StockEntry(item_id, pieces)], reason=request.form.get("reason", "")[:400],
            person=current_staff().person,
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _article_page(item_id, error)
    return redirect(url_for("office.stock_article", item_id=item_id, location=place.slug, done=kind), 303)


@bp.post("/settings/stock/<uuid:item_id>/low")
@requires(Permission.MANAGE_CATALOGUE)
def set_low_stock(item_id: UUID) -> AnyResponse:
    """Set at how many pieces an article is shown as low; empty: never."""
    place, text = requested_place(), request.form.get("low_level", "")[:20]
    try:
        level = _whole(text, _refusal("counted"), "low_level") if text.strip() else None
        set_low_level(location_id=place.id, item_id=item_id, low_level=level, person=current_staff().person)
    except (Invalid, Conflict) as error:
        return _article_page(item_id, error)
    return redirect(url_for("office.stock_article", item_id=item_id, location=place.slug, done="low"), 303)
