"""Commands that run: the app, the worker, the simulated Stripe, the demo clinic."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import click

from pos.cli.common import (
    Bar,
    created,
    main,
    settings_or_stop,
)
from pos.cli.language import say
from pos.core.config import INSTANCE
from pos.core.database.in_use import START, hold
from pos.core.errors import PosError
from pos.core.messages.command import general as words

THREADS = 8


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--workers", default=1, show_default=True, help="Web processes. With several, run `pos worker` beside them."
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve the app. One process does it all; with several the outbox is left to `pos worker`."""
    settings_or_stop()
    if workers > 1:
        os.environ["WORKER_THREAD"] = "off"
    os.environ[START] = secrets.token_hex(16)
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "pos.serve:served_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,
    ).serve()


@main.command()
def worker() -> None:
    """Carry out the outbox: mails, paper, webhooks, and a polling job over open payments. Beside several web processes."""
    hold(settings_or_stop())
    os.environ["WORKER_THREAD"] = "off"
    from pos.worker import run

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(created(), stop)


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables. `pos serve` does it at its start as well."""
    settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    created()
    say(words.DATABASE_UP_TO_DATE)


def _need_development_tools() -> None:
    """End with a sentence where `pos.dev` is not installed: the wheel has neither demo nor simulated Stripe."""
    if find_spec("pos.dev") is None:
        say(words.NO_DEVELOPMENT_TOOLS, err=True)
        sys.exit(2)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulator(arguments: tuple[str, ...]) -> None:
    """The simulated Stripe alone, on this machine only; see `pos simulator --help`."""
    if (mode := os.environ.get("PAYMENTS_MODE", "").strip()) not in ("", "simulator"):
        say(words.NO_SIMULATOR_IN_MODE(mode=mode), err=True)
        sys.exit(2)
    _need_development_tools()
    sys.exit(subprocess.call([sys.executable, "-m", "pos.dev.stripe_simulator", *arguments]))  # noqa: S603  (our own module)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Throw the demo's data away and begin anew.")
@click.option("--folder", type=click.Path(path_type=Path), default=INSTANCE / "demo", show_default=True)
def demo(port: int, reset: bool, folder: Path) -> None:
    """A clinic to try: two locations, staff, weeks of trade, simulated card readers and checkout."""
    _need_development_tools()
    from pos.dev.demo.run import run_demo

    bar = Bar()
    logging.getLogger().setLevel(logging.WARNING)
    try:
        run_demo(folder.absolute(), port, reset=reset, progress=bar, say=click.echo)
    except PosError as error:
        say(error.sentence, err=True)
        sys.exit(1)
    except RuntimeError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
