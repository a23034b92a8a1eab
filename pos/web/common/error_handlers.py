"""One map from errors to answers: an HTML page for people, problem details (RFC 9457) for scripts."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from pos.core.app_context import settings
from pos.core.config import LOOPBACK
from pos.core.database.base import db
from pos.core.database.storage_errors import storage_problem
from pos.core.errors import PosError, SecondFactorNeeded, SignInNeeded
from pos.core.ids import new_token
from pos.web.common.template_context import page_text

log = logging.getLogger(__name__)

# Sign-in pages by the beginning of the path asked for.
_DOORS = {"/register": "/register/sign-in", "/office": "/office/sign-in", "/account": "/account/sign-in"}
# Where somebody sets up the second factor that their role needs.
_FACTOR_DOORS = {"/office": "/office/second-factor"}


def wants_json() -> bool:
    """Whether the caller is a script of ours or of somebody else's, not a person's page load."""
    return request.path.startswith(("/register/api/", "/hooks/")) or request.accept_mimetypes.best == "application/json"


def problem(status: int, code: str, sentence: str, **extra: Any) -> Response:
    """A problem-details answer."""
    response = jsonify({"type": f"about:blank#{code}", "code": code, "title": sentence, "status": status, **extra})
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _home() -> str:
    for beginning in ("/register", "/office", "/account"):
        if request.path.startswith(beginning):
            return beginning + "/"
    return "/"


def _page(
    status: int,
    happened: str,
    kept: str,
    todo: str,
    *,
    reference: str | None = None,
    without: str | None = None,
    home: str | None = None,
) -> tuple[str, int]:
    page = render_template(
        "_errors/error.html",
        happened=happened,
        kept=kept,
        todo=todo,
        home_href=home or _home(),
        without_href=without,
        reference=reference,
    )
    return page, status


def _is_other_name(host: str, base_url: str) -> bool:
    """Whether a host header names the same port of this machine as the base URL does, in other words."""
    right = urlsplit(base_url)
    try:
        asked = urlsplit(f"//{host}")
        return asked.hostname in LOOPBACK - {right.hostname} and asked.port == right.port
    except ValueError:
        return False


def _asked_by_other_name() -> Any:
    """Asked by a host name that TRUSTED_HOSTS does not hold.

    A page asked for by another name of this machine (localhost, 127.0.0.1) is found at the right one. Any other name is
    refused: behind a proxy that does not hand on the name, a redirect would lead back here without end.
    """
    app_settings = settings()
    right = app_settings.base_url
    is_here = app_settings.local and _is_other_name(request.environ.get("HTTP_HOST", ""), right)
    if request.method == "GET" and not wants_json() and is_here:
        query = quote(request.query_string, safe="%/?:@&=+,;~!$'()*")
        return redirect(right + quote(request.path) + (f"?{query}" if query else ""), 302)
    sentence = _(
        "This server is not known by the address that was asked for. It answers at %(address)s.", address=right
    )
    if wants_json():
        return problem(400, "unknown_host", sentence)
    return _page(400, sentence, _("Nothing was changed."), _("Open that address."), home=right + _home())


def init_problems(app: Flask) -> None:
    """Attach the map."""

    @app.errorhandler(PosError)
    def _ours(error: PosError) -> Any:
        if error.status >= 500:
            log.error("refused: %s", error.sentence, exc_info=error)
            db.session.remove()  # the page that says so reads with a connection of its own
        if wants_json():
            sentence = page_text(error.sentence)
            return problem(
                error.status, error.code, sentence, field=error.field, message=error.sentence.code, **error.extra
            )
        if isinstance(error, (SignInNeeded, SecondFactorNeeded)):
            for beginning, door in (_DOORS if isinstance(error, SignInNeeded) else _FACTOR_DOORS).items():
                if request.path.startswith(beginning):
                    query = urlencode({"next": request.full_path.rstrip("?")}, safe="/")
                    back: AnyResponse = redirect(f"{door}?{query}", 303)
                    return back
        return _page(
            error.status,
            page_text(error.sentence),
            _("Nothing was changed."),
            _("Go back and try again."),
            without=error.extra.get("without"),
        )

    @app.errorhandler(DBAPIError)
    @app.errorhandler(OSError)
    def _storage(error: DBAPIError | OSError) -> Any:
        known = storage_problem(error)
        return _unforeseen(error) if known is None else _ours(known)

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> Any:
        sentence = _("This page was open too long.")
        todo = _("Load the page again.")
        if wants_json():
            return problem(400, "csrf", f"{sentence} {todo}")
        return _page(400, sentence, _("Nothing was changed; what was saved is still there."), todo)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        status = error.code or 500
        if status < 400:
            return error
        if isinstance(error, SecurityError):
            return _asked_by_other_name()
        sentences = {
            404: _("There is nothing at this address, or it belongs to somebody else."),
            405: _("This address does not do that."),
            413: _("That is too large."),
            429: _("Too many tries in a short time. Wait a minute and try again."),
        }
        sentence = sentences.get(status, _("The request could not be understood."))
        if wants_json():
            return problem(status, f"http_{status}", sentence)
        return _page(status, sentence, _("Nothing was changed."), _("Go back, or start from the beginning."))

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Any:
        reference = new_token(40)
        log.exception("unforeseen error %s at %s %s", reference, request.method, request.path)
        sentence = _("Something went wrong on our side.")
        if wants_json():
            return problem(500, "unforeseen", sentence, reference=reference)
        kept = _("Nothing half-done was kept.")
        return _page(500, sentence, kept, _("Try again; if it stays, tell a manager this code."), reference=reference)
