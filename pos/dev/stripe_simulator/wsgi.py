"""The simulator as a WSGI application: the API, the pages and `/_sim/…` over one world."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.wrappers import Request, Response

from pos.dev.stripe_simulator.admin import Admin
from pos.dev.stripe_simulator.context import Context, Settings
from pos.dev.stripe_simulator.objects.dispatch import Api
from pos.dev.stripe_simulator.pages.views import Pages
from pos.dev.stripe_simulator.state.clock import Clock, SystemClock
from pos.dev.stripe_simulator.state.store import Store
from pos.dev.stripe_simulator.webhook_delivery import Postbox, Send, send_over_http

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECRET_KEY = "sk_test_simulator_key"  # noqa: S105 - known to everybody: it opens nothing but the simulator
WEBHOOK_SECRET = "whsec_simulator"  # noqa: S105 - as above
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LONGEST_BODY = 6_000_000


class Simulator:
    """A WSGI application; `world` and `postbox` are open to tests that hold it in process."""

    def __init__(self, world: Context, *, check_answers: bool) -> None:
        self.world = world
        self.postbox = world.postbox
        self._api = Api(world, check_answers=check_answers)
        self._admin = Admin(world)
        self._pages = Pages(world)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = _LONGEST_BODY
        try:
            response = self._respond(request)
        except HTTPException as error:
            response = Response(f"{error.code}: {error.description}\n", error.code or 500, mimetype="text/plain")
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.startswith(("/v1/", "/v2/")):
            return self._api.respond(request)
        _only_from_here(request)
        if request.path.startswith("/_sim/"):
            return self._admin.respond(request)
        return self._pages.respond(request)

    def close(self) -> None:
        """Stop delivering and let go of the state file."""
        self.postbox.stop()
        self.world.store.close()


def _only_from_here(request: Request) -> None:
    # The desk has no login: other sites open in the same browser must not be able to press its buttons.
    if urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
        raise Forbidden("The simulator answers on the loopback address only.")
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin not in {None, request.host_url.rstrip("/")}:
        raise Forbidden("That came from another site.")


def build_app(
    state: Path | None = None,
    *,
    clock: Clock | None = None,
    secret_key: str = SECRET_KEY,
    webhook_url: str | None = None,
    webhook_secret: str = WEBHOOK_SECRET,
    public_url: str = "http://127.0.0.1:12111",
    send: Send = send_over_http,
    check_answers: bool = False,
) -> Simulator:
    """A simulator over a state file (None: in memory). Events are delivered by `postbox.flush()` or `postbox.start()`."""
    time = clock or SystemClock()
    store = Store(state)
    settings = Settings(secret_key, webhook_url, webhook_secret, public_url.rstrip("/"))
    postbox = Postbox(store, time, webhook_url, webhook_secret, send)
    return Simulator(Context(store, time, settings, postbox), check_answers=check_answers)
