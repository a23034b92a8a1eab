"""The application as `pos serve` runs it, with the garbage collector told what lives long."""

from __future__ import annotations

import gc
import os
import sys

# Start-up makes some hundred thousand objects, nearly all for as long as the process lives: looking through them again and
# again found nothing and took a quarter of a second.
gc.disable()

import ctypes  # noqa: E402  (the collector is off first)
import platform  # noqa: E402  (the collector is off first)

import click  # noqa: E402  (the collector is off first)
from flask import Flask  # noqa: E402  (the collector is off first)

from pos.app import create_app  # noqa: E402  (the collector is off first)
from pos.core.app_context import settings, settings_of  # noqa: E402  (the collector is off first)
from pos.core.database.in_use import START, hold  # noqa: E402  (the collector is off first)
from pos.core.errors import NotConfigured  # noqa: E402  (the collector is off first)
from pos.core.ids import new_token  # noqa: E402  (the collector is off first)
from pos.services.setup.setup_link import make_setup_link  # noqa: E402  (the collector is off first)


def _print_setup_address(app: Flask) -> None:
    """On an empty database, say where the clinic is set up; of the processes of one start only the first says it."""
    with app.app_context():
        token = make_setup_link(started_by=os.environ.get(START) or new_token(128))
        if token:
            click.echo("No clinic is set up here yet. Set it up in a browser, at this address that works once:")
            click.echo(f"  {settings().base_url}/setup/{token}")
            click.echo("or in another terminal with `pos init`.")


# Of glibc's malloc.h: how many arenas there may be.
_M_ARENA_MAX = -8


def _share_one_arena() -> None:
    """Let all threads allocate from one arena. Each would get its own and keep what a large report needed: 20 MB after a few
    of them. Under the interpreter's lock they seldom wait for it. Other libraries than glibc have no arenas."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def served_app() -> Flask:
    """The application; what start-up made is set aside from garbage collection for good, then collection begins."""
    _share_one_arena()
    try:
        app = create_app()
        hold(settings_of(app))
    except NotConfigured as error:  # a sentence, not a stack trace
        sys.exit(f"{error.field or 'Settings'}: {error.sentence}")
    _print_setup_address(app)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
    return app
