"""A desk in a process of its own: `python -m tests.integration.operations.selling URL FOLDER FILE DESK`.

It rings up sales as fast as it can, at the time of the test's world, until its standard input ends; then says how many.
"""

from __future__ import annotations

import pickle
import select
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pos.app import create_app
from pos.core import clock
from pos.core.config import read_settings
from pos.core.errors import NoCreditLeft
from tests.conftest import NOON, SECRET_KEY
from tests.support.clinic import Clinic, line


def main() -> None:
    """Sell at one desk: an add-on, and by turns a package with a visit on it."""
    url, folder, file, desk = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    env = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "WORKER_THREAD": "off", "BASE_URL": "http://localhost"}
    with clock.at(NOON):
        kept: Clinic = pickle.loads(file.read_bytes())
        world = replace(kept, app=create_app(read_settings(env, instance_dir=folder)))
        sold = 0
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while not select.select([sys.stdin], [], [], 0)[0]:
            world.sell(line("oil"), line("cupping"), desk=world.usd.desks[desk])
            if sold % 5 == 0:
                world.sell(line("three"), client=world.ana, desk=world.usd.desks[desk])
                with suppress(NoCreditLeft):  # the client's other visit, at another desk, was a moment faster
                    world.sell(line("trigger_60"), client=world.ana, desk=world.usd.desks[desk])
                sold += 1
            sold += 1
    sys.stdout.write(f"{sold}\n")


if __name__ == "__main__":
    main()
