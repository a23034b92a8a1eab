"""Opening balances from another system: a file is looked at first, brought in by whoever saw its totals, and taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.hashing import sha256_hex
from pos.core.i18n.sanitize import printable
from pos.core.ids import new_id, parse_id
from pos.core.messages.imports import (
    CONTROL_TOTAL_MISSING,
    FILE_NOT_THE_ONE_SEEN,
)
from pos.domain.operations.queries import imports_of
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import names
from pos.services.imports.import_balances import import_balances, undo_import
from pos.services.imports.parse_balances import (
    COLUMNS,
    MOST_BYTES,
    NEEDED,
    BalanceFile,
    read_balances,
)
from pos.web.common.packed_file import pack, sent_file, unpack
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_ids, own_places, requested_place

SHOWN_ROWS, SHOWN_ERRORS = 20, 100


def _page(error: PosError | None = None, **looked: Any) -> Response:
    place, session = requested_place(), reading()
    page = render_template(
        "office/settings/imports.html",
        place=place,
        own_places=own_places(),
        imports=imports_of(session, place.id),
        people=names(session),
        columns=COLUMNS,
        needed=NEEDED,
        error=error,
        found=looked.get("found"),
        packed=looked.get("packed", ""),
        import_id=new_id(),
        shown_rows=SHOWN_ROWS,
        shown_errors=SHOWN_ERRORS,
    )
    found: BalanceFile | None = looked.get("found")
    wrong = found is not None and (found.errors or not found.rows)
    return make_response(page, error.status if error else 422 if wrong else 200)


@bp.get("/settings/imports")
@requires(Permission.MANAGE_BOOKS)
def imports() -> Response:
    """What was brought in, and where to begin."""
    return _page()


@bp.post("/settings/imports")
@requires(Permission.MANAGE_BOOKS)
def preview_import() -> Response:
    """Read a file and say what it would bring in: control totals, rows, and what is wrong in which row."""
    place = requested_place()
    try:
        content, name = sent_file(MOST_BYTES)
        packed = pack(content)
        found = read_balances(reading(), place, content, printable(name, 200) or "balances.csv")
        return _page(found=found, packed=packed)
    except PosError as error:
        return _page(error)


@bp.post("/settings/imports/confirm")
@requires(Permission.MANAGE_BOOKS)
def confirm_import() -> AnyResponse:
    """Bring in the file that was looked at: the same bytes, with the totals that were shown."""
    place, form = requested_place(), request.form
    try:
        content = unpack(form.get("packed", ""), MOST_BYTES)
        if sha256_hex(content) != form.get("sha256", ""):
            raise Conflict(FILE_NOT_THE_ONE_SEEN)
        import_balances(
            import_id=parse_id(form.get("import_id"), field="import_id"),
            location_id=place.id,
            content=content,
            name=printable(form.get("name", ""), 200) or "balances.csv",
            staff_id=current_staff().person.id,
            credits=_total("credits"),
            value_minor=_total("value_minor"),
        )
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.imports", location=place.slug, done="imported"), 303)


def _total(field: str) -> int:
    text = request.form.get(field, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(CONTROL_TOTAL_MISSING, field="file")
    return int(text)


@bp.post("/settings/imports/<uuid:import_id>/undo")
@requires(Permission.MANAGE_BOOKS)
def undo_balances(import_id: UUID) -> AnyResponse:
    """Take the balances of an import out again, while nothing of it is used."""
    try:
        undo_import(import_id=import_id, location_ids=own_ids(), staff_id=current_staff().person.id)
    except Conflict as error:
        return _page(error)
    return redirect(url_for("office.imports", location=requested_place().slug, done="undone"), 303)
