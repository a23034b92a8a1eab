"""The page at which an empty installation becomes a clinic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.errors import Invalid, PosError
from pos.core.i18n.message import Message
from pos.core.i18n.sanitize import printable
from pos.domain.locations.country_habits import habits
from pos.services.imports.import_catalogue import MOST_BYTES, RowOutcome
from pos.services.locations.location_facts import country_names
from pos.services.setup.answers import WrongAnswers, read_answers
from pos.services.setup.open_clinic import WrongCatalogue
from pos.services.setup.questions import QUESTIONS, with_proposals
from pos.services.setup.setup_link import require_setup_link, use_setup_link
from pos.web.common.packed_file import pack, sent_file
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.common.sessions import give_cookie
from pos.web.common.template_context import page_language

bp = Blueprint("setup", __name__, url_prefix="/setup")


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {one.name: values.get(one.name, "")[: one.most * 2] for one in QUESTIONS}


def _page(
    token: str, given: dict[str, str], wrong: Mapping[str, Message], status: int = 200, *, packed: str = "",
    rows: Sequence[RowOutcome] = (),
) -> Response:  # fmt: skip
    countries = sorted(country_names(page_language()).items(), key=lambda pair: pair[1])
    page = render_template(
        "setup/page.html",
        token=token,
        questions=QUESTIONS,
        given=given,
        wrong=wrong,
        countries=countries,
        time_zones=habits(given["country"].upper()).time_zones,
        packed=packed,
        rows=rows,
    )
    return make_response(page, status)


def _sent_catalogue() -> tuple[bytes | None, str, str]:
    """The file that was chosen now or before, as a form field carries it, and its name; nothing where there is none."""
    try:
        content, name = sent_file(MOST_BYTES, "catalogue_file")
        return content, pack(content), printable(name, 200)
    except Invalid:
        return None, "", ""


@bp.get("/<token>")
@public
@limiter.limit("60 per minute")
def start(token: str) -> Response:
    """Ask for names and the country, then everything else with what is usual there."""
    require_setup_link(token)
    given = _given(request.args)
    known = given["country"].strip() and given["location_name"].strip()
    return _page(token, with_proposals(given) if known else given, {})


@bp.post("/<token>")
@public
@limiter.limit("20 per minute")
def finish(token: str) -> AnyResponse:
    """Open the clinic and sign its owner in to the office, where set-up goes on with the receipts; the address ends."""
    require_setup_link(token)
    given, file, packed = _given(request.form), None, ""
    given["tax_inclusive"] = given["tax_inclusive"] or "no"
    given["catalogue"] = given["catalogue"] or "none"
    try:
        if given["catalogue"] == "file":
            file, packed, given["catalogue_file"] = _sent_catalogue()
        _owner_id, value = use_setup_link(token=token, answers=read_answers(given, catalogue_file=file))
    except WrongAnswers as error:
        # A file that is refused is chosen again; one beside other wrong answers is kept.
        kept = "" if "catalogue_file" in error.wrong else packed
        rows = error.rows if isinstance(error, WrongCatalogue) else ()
        return _page(token, given, error.wrong, error.status, packed=kept, rows=rows)
    except PosError as error:
        return _page(token, given, {error.field or "": error.sentence}, error.status, packed=packed)
    response = redirect(url_for("office.receipt_settings"), 303)
    give_cookie(response, "office", value)
    return response
