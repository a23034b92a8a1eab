"""How a call of the API finds the function that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pos.dev.stripe_simulator.context import Context
from pos.dev.stripe_simulator.contract.sources import Route, every_route
from pos.dev.stripe_simulator.state.store import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose parameters have been checked; `ids` are the identifiers in its path, in order.

    `files` are the uploads of a multipart request: name of the field → file name and content.
    """

    world: Context
    ids: tuple[str, ...]
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


Handler = Callable[[Call], Json]
HANDLERS: dict[tuple[str, str], Handler] = {}


def handles(verb: str, path: str) -> Callable[[Handler], Handler]:
    """Register the function that answers a verb and a path such as `/v1/refunds/{}`."""

    def register(handler: Handler) -> Handler:
        HANDLERS[verb, path] = handler
        return handler

    return register


class RouteBook:
    """Every call the installed SDK can make, looked up by verb and path; make it with `route_book`."""

    def __init__(self) -> None:
        self._by_size: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}
        # Fewer placeholders first, so `/v1/charges/search` is not taken for a charge called "search".
        for route in sorted(every_route(), key=lambda route: route.path.count("{")):
            pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "([^/]+)", re.escape(route.path)))
            self._by_size.setdefault((route.verb, route.path.count("/")), []).append((pattern, route))

    def find(self, verb: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """The route and the identifiers in the path; None when Stripe has no such call."""
        for pattern, route in self._by_size.get((verb, path.count("/")), []):
            if match := pattern.fullmatch(path):
                return route, match.groups()
        return None


@cache
def route_book() -> RouteBook:
    """The one book of this process: the SDK does not change under it."""
    return RouteBook()
