"""`python -m pos.dev.stripe_simulator`: the simulator as a process of its own, on the loopback address only."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from pos.dev.stripe_simulator.objects import terminal
from pos.dev.stripe_simulator.state.clock import SystemClock
from pos.dev.stripe_simulator.wsgi import SECRET_KEY, WEBHOOK_SECRET, build_app


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: request lines would drown the demo's own output."""

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        """A fault cut the line: close the socket without an answer, or a kept-alive caller would wait for one."""
        self.close_connection = True


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; prints one line with the address once it listens."""
    parser = argparse.ArgumentParser(prog="python -m pos.dev.stripe_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=12111, help="0 picks a free one")
    parser.add_argument("--state", type=Path, help="SQLite file; without it nothing outlives the process")
    parser.add_argument("--webhook-url", help="where events are delivered; without it they are only listed")
    parser.add_argument("--webhook-secret", default=WEBHOOK_SECRET)
    parser.add_argument("--secret-key", default=SECRET_KEY)
    parser.add_argument("--reader", action="append", default=[], metavar="LABEL", help="have a reader of this name")
    parser.add_argument("--ahead", type=float, default=0.0, metavar="SECONDS", help="how far its clock runs ahead")
    chosen = parser.parse_args(arguments)
    if not chosen.secret_key.startswith("sk_test_simulator_"):
        parser.error("--secret-key must begin with sk_test_simulator_, so that it can never be mistaken for a real one")

    server = make_server("127.0.0.1", chosen.port, _no_app, threaded=True, request_handler=_Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    app = build_app(
        chosen.state,
        secret_key=chosen.secret_key,
        webhook_url=chosen.webhook_url,
        webhook_secret=chosen.webhook_secret,
        public_url=address,
        clock=SystemClock(chosen.ahead),
    )
    server.app = app
    known = {reader["label"] for reader in app.world.store.all("terminal.reader")}
    for label in chosen.reader:
        if label not in known:
            terminal.register(app.world, label)
    app.postbox.start()
    signal.signal(signal.SIGTERM, _interrupt)
    sys.stdout.write(f"Simulated Stripe at {address} (no money moves)\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
        app.close()
    return 0


def _no_app(environ: object, start_response: object) -> list[bytes]:
    raise RuntimeError("asked before the simulator was ready")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
