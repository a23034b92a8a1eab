"""Signing in to the office by address and password."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.errors import PosError, SignInNeeded
from pos.services.auth import CodeNeeded, Opened, sign_in_by_code, sign_in_by_password, sign_out
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.common.sessions import (
    KNOWN_COOKIE,
    cookie,
    give_cookie,
    give_device,
    setting_up,
    staff_or_none,
    take_cookie,
)
from pos.web.office.blueprint import bp


def next_path() -> str:
    """Where to go after signing in: only inside the office."""
    path = request.values.get("next", "")
    return path if path.startswith("/office/") and "//" not in path and "\\" not in path else url_for("office.today")


def _must_set_up() -> bool:
    try:
        return setting_up() is not None
    except SignInNeeded:
        return False


def _page(email: str = "", error: PosError | None = None, status: int = 200) -> Response:
    page = render_template("office/sign_in.html", email=email, error=error, next_path=next_path())
    return make_response(page, status)


@bp.get("/sign-in")
@public
def sign_in() -> AnyResponse:
    """The door; whoever is signed in goes through, or to the second factor that they must set up first."""
    if cookie("office") and _must_set_up():
        return redirect(url_for("office.required_factor", next=next_path()), 303)
    return redirect(next_path(), 303) if staff_or_none() else _page()


@bp.post("/sign-in")
@public
@limiter.limit("20 per minute")
def create_sign_in() -> AnyResponse:
    """Sign in."""
    email = request.form.get("email", "")[:320]
    try:
        opened = sign_in_by_password(
            email=email,
            password=request.form.get("password", "")[:200],
            address=request.remote_addr or "",
            device=request.cookies.get(KNOWN_COOKIE),
            old_cookie=cookie("office"),
        )
    except PosError as error:
        return _page(email, error, error.status)
    return _code_page(opened.token) if isinstance(opened, CodeNeeded) else _let_in(opened)


def _code_page(token: str, error: PosError | None = None, status: int = 200) -> Response:
    page = render_template("office/team/code.html", token=token, error=error, next_path=next_path())
    return make_response(page, status)


@bp.post("/sign-in/code")
@public
@limiter.limit("20 per minute")
def finish_sign_in() -> AnyResponse:
    """Sign in with the code that is asked for after the password."""
    token = request.form.get("token", "")[:100]
    try:
        opened = sign_in_by_code(
            token=token,
            code=request.form.get("code", "")[:40],
            device=request.cookies.get(KNOWN_COOKIE),
            old_cookie=cookie("office"),
        )
    except PosError as error:
        return _code_page(token, error, error.status) if error.field == "code" else _page("", error, error.status)
    return _let_in(opened)


def _let_in(opened: Opened) -> AnyResponse:
    response = redirect(next_path(), 303)
    give_cookie(response, "office", opened.cookie)
    if opened.device:
        give_device(response, KNOWN_COOKIE, opened.device, path="/office", secure=settings().secure)
    return response


@bp.post("/sign-out")
@public
def end_sign_in() -> AnyResponse:
    """Leave the office."""
    value = cookie("office")
    if value:
        sign_out(value)
    response = redirect(url_for("office.sign_in"), 303)
    take_cookie(response, "office")
    return response
