"""Headers, CSRF, trusted hosts and rate limits for every answer."""

from __future__ import annotations

import re

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from pos.core.app_context import settings

csrf = CSRFProtect()
# Counts per process: a brake on hammering. What must hold for sure (PINs, passwords) is locked in the database. Limits stand
# on single views; there are none for all, see init_security.
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)

LARGEST_BODY = 1_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _refuse_control_characters() -> None:
    """No address of ours holds any but a pasted tab: PostgreSQL takes no NUL, and a line break would end a header."""
    if _CONTROL.search(request.path):
        raise NotFound
    if any(_CONTROL.search(value) for values in request.args.listvalues() for value in values):
        raise BadRequest
    if request.method == "POST" and "next" in request.form and _CONTROL.search(request.form["next"]):
        raise BadRequest


def init_security(app: Flask) -> None:
    """Attach it all."""
    app_settings = settings()
    app.config.update(
        SESSION_COOKIE_NAME="tp_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app_settings.secure,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=app_settings.secure,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=list(app_settings.trusted_hosts),
    )
    csrf.init_app(app)
    app.before_request(_refuse_control_characters)
    limiter.init_app(app)
    # The wrapper of a limited view checks its limits. The look before every request is for limits of all, which cost a sale
    # a thirtieth of its time to find that there are none; the one after it is for headers and for limits that count by the
    # answer, and none of these is used either.
    before_all, after_all = app.before_request_funcs[None], app.after_request_funcs[None]
    before_all[:] = [hook for hook in before_all if getattr(hook, "__self__", None) is not limiter]
    after_all[:] = [hook for hook in after_all if limiter not in getattr(hook, "args", ())]
    if app_settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask documents wrapping it this way
            app.wsgi_app, x_for=app_settings.proxies, x_proto=app_settings.proxies, x_host=app_settings.proxies
        )

    # A form at the shop may lead on to the hosted checkout; browsers apply form-action to the redirect as well.
    onward = f" {app_settings.payments.api_base or 'https://checkout.stripe.com'}" if app_settings.payments.on else ""
    always = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if app_settings.secure:
        always["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    # Codes are read by the camera of the register.
    of_register = always | {"Permissions-Policy": always["Permissions-Policy"].replace("camera=()", "camera=(self)")}

    @app.after_request
    def _headers(response: Response) -> Response:
        nonce = g.get("csp_nonce")
        scripts = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
        frames = " frame-src 'self';" if g.get("shows_frame") else ""
        policy = (
            f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
            f"font-src 'self'; connect-src 'self'; manifest-src 'self';{frames} "
            f"form-action 'self'{onward}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
        )
        path = request.path
        own = {name.lower() for name, _ in response.headers}  # what a view has said stays
        for name, value in (of_register if path.startswith("/register/") else always).items():
            if name.lower() not in own:
                response.headers.add(name, value)
        if "content-security-policy" not in own:
            response.headers.add("Content-Security-Policy", policy)
        # Money and names stay out of shared and back-button caches.
        if "cache-control" not in own and not path.startswith("/static/"):
            response.headers.add("Cache-Control", "no-store")
        return response
