"""What a bookkeeping program calls the accounts of a location, and its settings."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import NotFound, PosError
from pos.domain.bookkeeping.queries import written_terms
from pos.domain.staff.permissions import Permission
from pos.reports.bookkeeping.programs import PROGRAMS, program_of
from pos.reports.bookkeeping.readiness import program_accounts
from pos.services.bookkeeping.program_accounts import set_program_accounts
from pos.web.common.permissions import requires
from pos.web.common.sessions import current_staff
from pos.web.office.blueprint import bp
from pos.web.office.request_args import own_places, requested_place

_MOST = 250


def _typed(beginning: str) -> dict[str, str]:
    return {
        name.removeprefix(beginning): text[:_MOST] for name, text in request.form.items() if name.startswith(beginning)
    }


def _page(error: PosError | None = None) -> Response:
    place = requested_place()
    with_accounts = [one for one in PROGRAMS.values() if one.account_word]
    program = program_of(request.args.get("program", with_accounts[0].key)[:40])
    if not program.account_word:
        program = with_accounts[0]
    settings = program.with_defaults(written_terms(reading(), place.id, program.key)[1])
    page = render_template(
        "office/bookkeeping/accounts.html",
        place=place,
        own_places=own_places(),
        programs=with_accounts,
        program=program,
        lines=program_accounts(reading(), place, program),
        settings=settings,
        error=error,
        typed_accounts=_typed("account."),
        typed_settings=_typed("setting."),
    )
    return make_response(page, error.status if error else 200)


@bp.get("/money/bookkeeping/accounts")
@requires(Permission.EXPORT_LEDGER)
def program_accounts_page() -> Response:
    """The accounts of a location, each with what a program calls it."""
    return _page()


@bp.post("/money/bookkeeping/accounts")
@requires(Permission.MANAGE_BOOKS)
def save_program_accounts() -> AnyResponse:
    """Keep what a program calls them, and its settings."""
    place, program = requested_place(), program_of(request.args.get("program", "")[:40])
    try:
        set_program_accounts(
            location_id=place.id,
            staff_id=current_staff().person.id,
            program_key=program.key,
            accounts=_typed("account."),
            settings=_typed("setting."),
        )
    except NotFound:
        raise
    except PosError as error:
        return _page(error)
    return redirect(url_for("office.bookkeeping", location=place.slug, program=program.key), 303)
