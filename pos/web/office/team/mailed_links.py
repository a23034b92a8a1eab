"""Without being signed in: a forgotten password, and the page under a mailed link."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.errors import Invalid, PosError
from pos.domain.staff.permissions import Permission
from pos.services.staff.mailed_links import choose_sign_in, person_invited, request_reset
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.common.template_context import page_translator
from pos.web.office.blueprint import bp


def _forgotten(email: str = "", error: PosError | None = None, *, is_sent: bool = False) -> Response:
    page = render_template("office/team/forgotten.html", email=email, error=error, is_sent=is_sent)
    return make_response(page, error.status if error else 200)


@bp.get("/forgotten")
@public
def forgotten_password() -> Response:
    """Where a link for a new password is asked for."""
    return _forgotten()


@bp.post("/forgotten")
@public
@limiter.limit("10 per minute")
def ask_for_reset() -> Response:
    """Mail a link; the answer is the same for an address nobody here has."""
    email = request.form.get("email", "")[:320]
    try:
        request_reset(email=email, address=request.remote_addr or "", locale=page_translator().locale.language)
    except PosError as error:
        return _forgotten(email, error)
    return _forgotten(email, is_sent=True)


def _choosing(token: str, error: PosError | None = None) -> Response:
    try:
        person, kind = person_invited(token)
    except Invalid as over:
        page = render_template("office/team/set_sign_in.html", token=token, invited=None, error=over)
        return make_response(page, 404)
    page = render_template(
        "office/team/set_sign_in.html",
        token=token,
        invited=person,
        wants_password=person.may(Permission.OWN),
        wants_pin=kind == "invite" and person.may(Permission.RING_UP),
        error=error,
    )
    response = make_response(page, error.status if error else 200)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/set-sign-in/<token>")
@public
def choose_own_sign_in(token: str) -> Response:
    """The page under a mailed link; looking at it does not use the link up, as programs that read mail do."""
    return _choosing(token[:100])


@bp.post("/set-sign-in/<token>")
@public
@limiter.limit("20 per minute")
def keep_own_sign_in(token: str) -> AnyResponse:
    """Keep the password and PIN that were chosen; the link is used up."""
    form = request.form
    try:
        person = choose_sign_in(
            token=token[:100], password=form.get("password", "")[:200], pin=form.get("pin", "")[:40].strip()
        )
    except PosError as error:
        return _choosing(token[:100], error)
    if person.may(Permission.OWN):
        return redirect(url_for("office.sign_in", chosen=1), 303)
    return redirect(url_for("register.sign_in"), 303)
