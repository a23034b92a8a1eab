"""An application on a port of this machine, for a browser that a test drives."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

_App = Callable[..., Any]
# Scripts that tests have beside an application, by path. A page that imports one is handed it in a fifth of the time that
# Playwright takes to hand over half a megabyte.
beside: dict[str, bytes] = {}


def with_scripts_beside(app: _App) -> _App:
    """The application, and the scripts of the tests."""

    def answer(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        script = beside.get(environ["PATH_INFO"])
        if script is None:
            answered: Iterable[bytes] = app(environ, start)
            return answered
        kept = ("Cache-Control", "max-age=31536000, immutable")
        start("200 OK", [("Content-Type", "text/javascript"), ("Content-Length", str(len(script))), kept])
        return [script]

    return answer


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(app: _App, port: int = 0) -> Iterator[BaseWSGIServer]:
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def on_loopback(app: _App, port: int = 0) -> Iterator[str]:
    """Serve a WSGI application while the block runs, on a free port unless one is named; gives its address, without a
    slash at the end.
    """
    with _serving(with_scripts_beside(app), port) as server:
        yield f"http://localhost:{server.server_port}"


def _nothing(_environ: object, start: Callable[..., object]) -> list[bytes]:
    start("503 Service Unavailable", [("Content-Length", "0")])
    return []


@cache
def _kept_server() -> BaseWSGIServer:
    """A server that stays until the process ends, and serves the application of one test after another."""
    until_exit = ExitStack()
    atexit.register(until_exit.close)
    return until_exit.enter_context(_serving(_nothing))


@contextmanager
def at_one_address(app: _App) -> Iterator[str]:
    """`on_loopback` at the address that the tests of this process had before, where a kept browser has the files already."""
    server = _kept_server()
    if server.app is not _nothing:  # two are served at once
        with on_loopback(app) as address:
            yield address
        return
    server.app = with_scripts_beside(app)
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.app = _nothing
