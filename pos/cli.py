"""The `pos` command."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click

from pos.kernel.errors import NotConfigured, PosError
from pos.kernel.settings import read_settings

INSTANCE = Path("instance")
THREADS = 8


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tenderpoint: point of sale and package sales for trigger point and massage clinics.

    Settings come from the environment; `pos settings` lists them. Exit codes: 0 done, 1 something was found or refused,
    2 wrong usage or settings.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _settings_or_stop() -> None:
    """Check the settings in this process, so that a wrong one is a sentence and not a stack trace."""
    try:
        read_settings(os.environ, instance_dir=INSTANCE)
    except NotConfigured as error:
        click.echo(f"{error.field or 'Settings'}: {error.sentence}", err=True)
        sys.exit(2)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--workers", default=1, show_default=True, help="Web processes. With several, run `pos worker` beside them."
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve the app. One process does it all; with several the outbox is left to `pos worker`."""
    _settings_or_stop()
    if workers > 1:
        os.environ["WORKER_THREAD"] = "off"
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "pos.app:create_app",
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
    """Carry out the outbox: mails, paper, webhooks, and a sweep over open payments. Beside several web processes."""
    _settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    from pos.app import create_app
    from pos.worker import run

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(create_app(), stop)


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables. `pos serve` does it at its start as well."""
    _settings_or_stop()
    os.environ["WORKER_THREAD"] = "off"
    from pos.app import create_app

    create_app()
    click.echo("The database is up to date.")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulator(arguments: tuple[str, ...]) -> None:
    """The simulated Stripe alone, on this machine only; see `pos simulator --help`."""
    sys.exit(subprocess.call([sys.executable, "-m", "pos.simulator", *arguments]))  # noqa: S603  (our own module)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Throw the demo's data away and begin anew.")
@click.option("--folder", type=click.Path(path_type=Path), default=INSTANCE / "demo", show_default=True)
def demo(port: int, reset: bool, folder: Path) -> None:
    """A clinic to try: two locations, staff, weeks of trade, simulated card readers and checkout."""
    from pos.demo.run import run_demo

    bar = _Bar()
    logging.getLogger().setLevel(logging.WARNING)
    try:
        run_demo(folder.absolute(), port, reset=reset, progress=bar, say=click.echo)
    except (PosError, RuntimeError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


class _Bar:
    """A progress bar on a terminal, a line now and then in a pipe."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, done: int, whole: int) -> None:
        percent = 100 * done // max(whole, 1)
        if sys.stdout.isatty():
            filled = percent * 30 // 100
            click.echo(f"\r  [{'#' * filled}{' ' * (30 - filled)}] {percent:3d} %", nl=done >= whole)
        elif percent // 25 > self._last // 25 or self._last < 0:
            click.echo(f"  {percent} %")
        self._last = percent


if __name__ == "__main__":
    main()
