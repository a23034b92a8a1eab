"""One clinic and one simulated Stripe for all faults of a module, each of them on the morning it was built.

Left as earlier faults made them, both grow: the sweeps and checks after the last fault read what all before it sold.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pos.core.database.base import db
from pos.domain.ledger import posting
from tests.support.cards import Till
from tests.web.permissions.conftest import shared_till

__all__ = ["shared_till"]


@pytest.fixture(scope="module")
def _rewind(shared_till: Till, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], None]]:
    """Put the clinic's file, Stripe's memory and its clock back to how they were built."""
    app, stripe = shared_till.clinic.app, shared_till.stripe
    with app.app_context():
        own = Path(str(db.engine.url.database))
    kept, began = tmp_path_factory.mktemp("morning") / own.name, stripe.clock.now()
    memory = stripe.simulator.world.store._db

    def close() -> None:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()

    close()
    shutil.copyfile(own, kept)
    with closing(sqlite3.connect(":memory:")) as morning:
        memory.backup(morning)

        def rewind() -> None:
            close()
            for end in ("-wal", "-shm"):
                own.with_name(own.name + end).unlink(missing_ok=True)
            shutil.copyfile(kept, own)
            posting._seen_accounts.clear()  # the process remembers which accounts there are
            morning.backup(memory)
            stripe.clock.advance(began - stripe.clock.now())

        yield rewind


@pytest.fixture
def rewound_till(shared_till: Till, _rewind: Callable[[], None]) -> Till:
    """The shared clinic as it was built."""
    _rewind()
    return shared_till
