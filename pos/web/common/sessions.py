"""Sign-in cookies: one each for the desk, the office and the client, looked up once per request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import g, request
from werkzeug.wrappers import Response as AnyResponse

from pos.core import clock
from pos.core.app_context import settings
from pos.core.database.base import reading, reading_connection
from pos.core.database.storage_errors import optional_write
from pos.core.errors import SecondFactorNeeded, SignInNeeded
from pos.core.messages.people import SECOND_FACTOR_SET_UP_FIRST, SIGN_IN_AGAIN
from pos.domain.clients.queries import by_session
from pos.domain.staff.devices import LIFETIME
from pos.domain.staff.queries import SignedIn, signed_in
from pos.services.auth import note_presence

if TYPE_CHECKING:
    from pos.domain.clients.models import Client

COOKIES = {"register": "tp_register", "office": "tp_office", "client": "tp_client"}
# The tokens of a browser: paired with the desks of a location, and known to an office account.
DEVICE_COOKIE = "tp_device"
KNOWN_COOKIE = "tp_known"
# Where each cookie is sent; the client's also to receipts and the account, so to the whole site.
PATHS = {"register": "/register", "office": "/office", "client": "/"}
# The header of what a page asks by itself, without a person.
BY_ITSELF = "X-By-Itself"
# Presence is written at most this often, so that reading pages costs no write.
_NOTED_EVERY = timedelta(minutes=1)


def give_cookie(response: AnyResponse, kind: str, value: str, *, lifetime: timedelta | None = None) -> None:
    """Put a sign-in cookie on a response: HttpOnly, SameSite=Lax, Secure behind https."""
    response.set_cookie(
        COOKIES[kind],
        value,
        max_age=lifetime,
        path=PATHS[kind],
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
    )


def give_device(response: AnyResponse, name: str, token: str, *, path: str, secure: bool) -> None:
    """Put the long-lived token of a browser on a response."""
    response.set_cookie(name, token, max_age=LIFETIME, path=path, httponly=True, samesite="Lax", secure=secure)


def take_cookie(response: AnyResponse, kind: str) -> None:
    """Take a sign-in cookie back."""
    response.delete_cookie(COOKIES[kind], path=PATHS[kind], httponly=True, samesite="Lax", secure=settings().secure)


def cookie(kind: str) -> str | None:
    """The sign-in cookie of a kind, as sent."""
    return request.cookies.get(COOKIES[kind])


def _looked_up(face: str | None = None) -> SignedIn | None:
    face = face or str(g.get("face", "office"))
    cache: dict[str, SignedIn | None] = g.setdefault("staff_sessions", {})
    if face not in cache:
        value, found = cookie(face), None
        if value:
            with reading_connection() as connection:
                found = signed_in(connection, value, face)
        # What a page asks by itself does not say that somebody is still there.
        if found and value and BY_ITSELF not in request.headers and clock.now() - found.seen_at > _NOTED_EVERY:
            with optional_write("presence"):
                note_presence(value)
        cache[face] = found
    return cache[face]


def staff_or_none(face: str | None = None) -> SignedIn | None:
    """Who is signed in at a face (by default the one of this blueprint), if anybody.

    Whoever must set up a second factor first is nobody yet: only `setting_up` knows them.
    """
    found = _looked_up(face)
    return None if found is None or found.must_set_up else found


def current_staff(face: str | None = None) -> SignedIn:
    """Who is signed in at a face; raises SignInNeeded, and SecondFactorNeeded for whoever must set one up first."""
    found = _looked_up(face)
    if found is None:
        raise SignInNeeded(SIGN_IN_AGAIN)
    if found.must_set_up:
        raise SecondFactorNeeded(SECOND_FACTOR_SET_UP_FIRST)
    return found


def setting_up() -> SignedIn | None:
    """Who is signed in to the office and must set up a second factor first; None for everybody else who is signed in.

    Raises SignInNeeded.
    """
    found = _looked_up("office")
    if found is None:
        raise SignInNeeded(SIGN_IN_AGAIN)
    return found if found.must_set_up else None


def current_client() -> Client | None:
    """The signed-in client, if any."""
    if "client" not in g:
        value = cookie("client")
        g.client = by_session(reading(), value) if value else None
    client: Client | None = g.client
    return client
