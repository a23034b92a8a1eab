"""Who may use a route. Every route declares it; the factory refuses to start with one that does not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, g, redirect, request, url_for

from pos.core.database.base import reading
from pos.core.errors import NotAllowed, SignInNeeded
from pos.core.messages.people import HOLDS_AT_EVERY_LOCATION, ROLE_WITHOUT_PERMISSION, SIGN_IN_TO_SEE
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import works_everywhere
from pos.web.common.sessions import current_client, current_staff, setting_up

V = TypeVar("V", bound=Callable[..., Any])
_MARK = "__tenderpoint_guard__"
_CHAIN_MARK = "__tenderpoint_chain_wide__"


def guard_of(view: Callable[..., Any]) -> str | None:
    """What a view declared: `public`, `client`, `staff`, `factor`, `signed`, or a permission."""
    return getattr(view, _MARK, None)


def _mark(view: Callable[..., Any], name: str) -> None:
    setattr(view, _MARK, name)


def public(view: V) -> V:
    """Anybody may use this route."""
    _mark(view, "public")
    return view


def signed_by_sender(view: V) -> V:
    """The route proves the sender itself (webhooks)."""
    _mark(view, "signed")
    return view


def is_chain_wide(view: Callable[..., Any]) -> bool:
    """Whether a view declared that it is for owners and for whoever works at every location."""
    return bool(getattr(view, _CHAIN_MARK, False))


def may_chain_wide() -> bool:
    """Whether the signed-in person may see and change what holds at every location; a request that only reads asks once."""
    if "chain_wide" in g:
        return bool(g.chain_wide)
    found = works_everywhere(reading(), current_staff().person)
    if request.method == "GET":
        g.chain_wide = found
    return found


def need_chain_wide() -> None:
    """Refuse whoever may not; for a route where the thing decides and not the route. Raises NotAllowed."""
    if not may_chain_wide():
        raise NotAllowed(HOLDS_AT_EVERY_LOCATION)


def requires(permission: Permission, *, chain_wide: bool = False) -> Callable[[V], V]:
    """Only staff whose role includes the permission; raises SignInNeeded or NotAllowed.

    `chain_wide`: the route shows or changes what belongs to no single location; owners, and whoever works at every one.
    """

    def decorate(view: V) -> V:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = current_staff().person
            if not person.may(permission):
                raise NotAllowed(ROLE_WITHOUT_PERMISSION, permission=permission.value)
            if chain_wide:
                need_chain_wide()
            return view(*args, **kwargs)

        _mark(guarded, permission.value)
        setattr(guarded, _CHAIN_MARK, chain_wide)
        return cast(V, guarded)

    return decorate


def factor_to_set_up(view: V) -> V:
    """Only whoever must set up a second factor before anything else; others who are signed in go on to the office."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return redirect(url_for("office.today"), 303) if setting_up() is None else view(*args, **kwargs)

    _mark(guarded, "factor")
    return cast(V, guarded)


def client_only(view: V) -> V:
    """Only a signed-in client."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_client() is None:
            raise SignInNeeded(SIGN_IN_TO_SEE)
        return view(*args, **kwargs)

    _mark(guarded, "client")
    return cast(V, guarded)


def set_interface_of(blueprint: Blueprint, face: str) -> None:
    """Say which staff sign-in (`register` or `office`) the routes of a blueprint look at."""

    @blueprint.before_request
    def _set_interface() -> None:
        g.face = face


def check_every_route_is_guarded(app: Flask) -> None:
    """Refuse to start when a view was written without saying who may use it."""
    bare = sorted(name for name, view in app.view_functions.items() if guard_of(view) is None)
    if bare:
        raise RuntimeError(f"these routes do not say who may use them: {', '.join(bare)}")
