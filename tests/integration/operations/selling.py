"""A desk in a process of its own: `python -m tests.integration.operations.selling URL FOLDER FILE DESK`.

At each line `go` of its standard input it rings up sales as fast as it can, at the time of the test's world, until the next
line comes. It says how many it has sold in all after the first of them, and at their end. It rests while a backup is
checked, so that the history stays short.
"""

from __future__ import annotations

import pickle
import select
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from pos.app import create_app
from pos.core import clock
from pos.core.config import read_settings
from pos.core.errors import NoCreditLeft
from tests.conftest import NOON, SECRET_KEY
from tests.support.clinic import Clinic, line


def main() -> None:
    """Sell at one desk."""
    url, folder, file, desk = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    env = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "WORKER_THREAD": "off", "BASE_URL": "http://localhost"}
    with clock.at(NOON):
        kept: Clinic = pickle.loads(file.read_bytes())
        world = replace(kept, app=create_app(read_settings(env, instance_dir=folder)))
        sold = 0
        # Without a buffer: a line that was read ahead is one that `select` does not see.
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as orders:
            _say("ready")
            while orders.readline() == b"go\n":
                sold += _sell(world, world.usd.desks[desk], package=sold % 5 == 0)
                _say(sold)
                while not select.select([orders], [], [], 0)[0]:
                    sold += _sell(world, world.usd.desks[desk], package=sold % 5 == 0)
                orders.readline()
                _say(sold)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _sell(world: Clinic, desk: UUID, *, package: bool) -> int:
    """An add-on, and by turns a package with a visit on it; returns how many sales it was at least."""
    world.sell(line("oil"), line("cupping"), desk=desk)
    if not package:
        return 1
    world.sell(line("three"), client=world.ana, desk=desk)
    with suppress(NoCreditLeft):  # the client's other visit, at another desk, was a moment faster
        world.sell(line("trigger_60"), client=world.ana, desk=desk)
    return 2


if __name__ == "__main__":
    main()
