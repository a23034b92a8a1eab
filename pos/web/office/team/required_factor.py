"""The second factor that a role needs, set up right after the password: until it is there, the office has no other page."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.database.base import reading
from pos.core.errors import PosError
from pos.domain.staff import second_factors
from pos.domain.staff.queries import Person
from pos.services.staff.second_factor import begin_second_factor, prove_second_factor
from pos.web.common.permissions import factor_to_set_up
from pos.web.common.security import limiter
from pos.web.common.sessions import cookie, setting_up
from pos.web.office.blueprint import bp
from pos.web.office.sign_in import next_path
from pos.web.office.team.own_sign_in import code_image


def _person() -> Person:
    found = setting_up()
    assert found is not None  # the guard of the route
    return found.person


def _page(error: PosError | None = None, codes: list[str] | None = None) -> Response:
    page = render_template(
        "office/team/required_factor.html",
        secret=second_factors.secret_to_prove(reading(), _person().id),
        codes=codes,
        error=error,
        next_path=next_path(),
    )
    return make_response(page, error.status if error else 200)


@bp.get("/second-factor")
@factor_to_set_up
def required_factor() -> Response:
    """What to do, step by step."""
    return _page()


@bp.get("/second-factor/code.svg")
@factor_to_set_up
def required_factor_image() -> Response:
    """The secret as a QR code for an authenticator app."""
    return code_image(_person())


@bp.post("/second-factor/begin")
@factor_to_set_up
def begin_required_factor() -> AnyResponse:
    """Make the secret."""
    begin_second_factor(person=_person())
    return redirect(url_for("office.required_factor", next=next_path()), 303)


@bp.post("/second-factor/prove")
@factor_to_set_up
@limiter.limit("20 per minute")
def prove_required_factor() -> Response:
    """Turn it on by its first code; this answer shows the recovery codes, and nothing shows them again."""
    try:
        code = request.form.get("code", "")[:40]
        return _page(codes=prove_second_factor(code=code, cookie=cookie("office"), person=_person()))
    except PosError as error:
        return _page(error)
