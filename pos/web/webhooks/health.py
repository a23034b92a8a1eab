"""Whether this process answers, and whether it can work: for a supervisor or a proxy. Two words, no secrets, no sign-in."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from pos.core.app_context import running
from pos.reports.readiness import tables_revision
from pos.web.common.permissions import public

bp = Blueprint("health", __name__)
# Where the application keeps the revision that it brought its database to.
REVISION = "revision"


def _answer(word: str, status: int = 200) -> Response:
    return Response(f"{word}\n", status, content_type="text/plain; charset=utf-8")


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers; the database is not asked, so that its trouble does not end the process."""
    return _answer("ok")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """The database answers and has the tables of this version; 503 otherwise. Not logged: whoever asks sees it."""
    try:
        found = tables_revision()
    except SQLAlchemyError:
        return _answer("the database does not answer", 503)
    if found != running().helpers.get(REVISION):
        return _answer("the database is of another version", 503)
    return _answer("ok")
