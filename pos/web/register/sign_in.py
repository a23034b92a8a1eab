"""Signing in at a desk: the browser remembers its desk, a PIN says who is there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.errors import Invalid, PosError
from pos.core.ids import parse_id
from pos.core.messages.people import DESK_MISSING
from pos.domain.locations.queries import desks
from pos.domain.staff.devices import location_of
from pos.services.auth import needs_pairing, sign_in_by_pin, sign_out
from pos.web.common.json_body import Body
from pos.web.common.permissions import public
from pos.web.common.security import limiter
from pos.web.common.sessions import (
    DEVICE_COOKIE,
    cookie,
    give_cookie,
    staff_or_none,
    take_cookie,
)
from pos.web.register.blueprint import bp

DESK_COOKIE = "tp_desk"


def _remembered_desk() -> UUID | None:
    try:
        return parse_id(request.values.get("desk") or request.cookies.get(DESK_COOKIE) or None)
    except Invalid:
        return None


def _device() -> str | None:
    return request.cookies.get(DEVICE_COOKIE)


def _page(error: PosError | None = None, status: int = 200) -> Response:
    paired = location_of(reading(), _device())
    page = render_template(
        "register/sign_in.html",
        desks=desks(reading(), paired[1] if paired else None),
        needs_pairing=needs_pairing() and paired is None,
        chosen=_remembered_desk(),
        error=error,
        next_path=_next_path(),
    )
    return make_response(page, status)


def _next_path() -> str:
    """Where to go after signing in: only inside the register."""
    path = request.values.get("next", "")
    return path if path.startswith("/register") and "//" not in path and "\\" not in path else "/register/"


@bp.get("/sign-in")
@public
def sign_in() -> Response:
    """Choose the desk once, then only the PIN."""
    return _page()


@bp.post("/sign-in")
@public
@limiter.limit("30 per minute")
def create_sign_in() -> AnyResponse:
    """Sign in by PIN."""
    desk_id = _remembered_desk()
    if desk_id is None:
        return _page(Invalid(DESK_MISSING, field="desk"), 422)
    try:
        opened = sign_in_by_pin(
            desk_id=desk_id, pin=request.form.get("pin", "")[:12], device=_device(), old_cookie=cookie("register")
        )
    except PosError as error:
        return _page(error, error.status)
    response = redirect(_next_path(), 303)
    give_cookie(response, "register", opened.cookie)
    response.set_cookie(
        DESK_COOKIE,
        str(desk_id),
        max_age=timedelta(days=365),
        path="/register",
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
    )
    return response


@bp.post("/api/sign-in")
@public
@limiter.limit("30 per minute")
def switch_person() -> Response:
    """Change the person at the desk in place: a PIN and nothing else; the ticket on the screen stays."""
    before = staff_or_none()
    desk_id = before.desk_id if before and before.desk_id else _remembered_desk()
    if desk_id is None:
        raise Invalid(DESK_MISSING, field="desk")
    opened = sign_in_by_pin(
        desk_id=desk_id, pin=Body().text("pin", most=12), device=_device(), old_cookie=cookie("register")
    )
    person = opened.person
    response = jsonify({"staff_id": str(person.id), "name": person.name, "role": person.role.value})
    give_cookie(response, "register", opened.cookie)
    return response


@bp.post("/sign-out")
@public
def end_sign_in() -> AnyResponse:
    """Lock the desk; the ticket on it stays."""
    value = cookie("register")
    if value:
        sign_out(value)
    response = redirect(url_for("register.sign_in"), 303)
    take_cookie(response, "register")
    return response
