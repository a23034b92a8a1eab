"""The receipts of a location: note, colour and logo, beside a sample that follows what is typed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from invoices.logo import screen_address
from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.domain.locations.receipt_look import (
    LEAST_CONTRAST,
    MOST_LOGO_BYTES,
    MOST_LOGO_KB,
    MOST_LOGO_SIDE,
    Logo,
    checked_logo,
    logo_content,
)
from pos.domain.staff.permissions import Permission
from pos.services.documents.receipt_preview import preview_html
from pos.services.locations.location_facts import MOST_NOTE
from pos.services.locations.receipt_settings import look_of, set_receipt_look
from pos.web.common.pdf_responses import html_answer
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place


def _sent_logo() -> bytes | None:
    """The picture that was chosen, or the one chosen before the form was refused; None where there is neither."""
    sent = request.files.get("logo")
    if sent is not None and sent.filename:
        sent.stream.seek(0)  # a refused form reads it again
        content: bytes = sent.read(MOST_LOGO_BYTES + 1)
        return content
    packed = request.form.get("packed_logo", "")
    try:
        return b64decode(packed, validate=True) or None
    except (Base64Error, ValueError):
        return None


def _usable(content: bytes | None) -> Logo | None:
    try:
        return checked_logo(content) if content else None
    except Invalid:
        return None


def _page(error: PosError | None = None) -> Response:
    place = requested_place()
    look = look_of(place)
    kept = {"receipt_note": look.receipt_note, "accent": look.accent, "seen": look.state_token, "remove_logo": ""}
    chosen = _usable(_sent_logo()) if error else None
    g.shows_frame = True
    page = render_template(
        "office/places/receipts.html",
        place=place,
        own_places=own_places(),
        values={name: request.form.get(name, "") for name in kept} if error else kept,
        logo=screen_address(logo_content(reading(), place.logo_sha256)),
        chosen=b64encode(chosen.content).decode() if chosen else "",
        sheet=place.paper_format,
        most={"note": MOST_NOTE, "kb": MOST_LOGO_KB, "side": MOST_LOGO_SIDE, "contrast": LEAST_CONTRAST},
        error=error,
    )
    return make_response(page, error.status if error else 200)


@bp.get("/settings/receipts")
@requires(Permission.MANAGE_BOOKS)
def receipt_settings() -> Response:
    """What the receipts of a location look like."""
    return _page()


@bp.post("/settings/receipts")
@requires(Permission.MANAGE_BOOKS)
def change_receipt_settings() -> AnyResponse:
    """Save note, colour and logo."""
    place, form, sent = requested_place(), request.form, _sent_logo()
    try:
        set_receipt_look(
            location_id=place.id,
            note=form.get("receipt_note", ""),
            accent=form.get("accent", "")[:20],
            logo=checked_logo(sent) if sent else None,
            remove_logo="remove_logo" in form,
            seen=form.get("seen", ""),
            person=current_staff().person,
        )
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.receipt_settings", location=place.slug, done="saved"), 303)


def _preview(note: str, accent: str, *, logo: bytes | None, remove_logo: bool) -> Response:
    page = preview_html(
        reading(),
        requested_place(),
        note=note,
        accent=accent,
        logo=logo,
        remove_logo=remove_logo,
        paper_format=request.values.get("paper", "80mm"),
    )
    return html_answer(page, framed=True)


@bp.get("/settings/receipts/preview")
@requires(Permission.MANAGE_BOOKS)
def receipt_preview() -> Response:
    """A sample receipt as it is set."""
    look = look_of(requested_place())
    return _preview(look.receipt_note, look.accent, logo=None, remove_logo=False)


@bp.post("/settings/receipts/preview")
@requires(Permission.MANAGE_BOOKS)
def preview_receipt_settings() -> Response:
    """A sample receipt as it is typed; nothing is saved."""
    form = request.form
    return _preview(
        form.get("receipt_note", ""),
        form.get("accent", "")[:20],
        logo=_sent_logo(),
        remove_logo="remove_logo" in form,
    )
