"""A page of a credit statement over 10,000 moves and its sums, beside the bare driver reading the same rows.

.venv/bin/python -m bench.statement [--moves 10000]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.sales import SECRET, Shop, log, postgres
from pos.app import create_app
from pos.core.config import read_settings
from pos.core.database.base import db, engine, reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.credits.statement import statement, totals

LOOKS = 21
_PAGE = "SELECT * FROM credit_moves WHERE lot_id = {} ORDER BY seq DESC LIMIT 50 OFFSET {}"
_SUMS = "SELECT count(*), sum(delta), sum(value_minor) FROM credit_moves WHERE lot_id = {}"


@unit_of_work
def fill(session: Session, moves: int) -> UUID:
    """Holds and releases in one lot, as a busy desk could leave them over the years; returns the lot."""
    lot = session.scalars(select(CreditLot).limit(1)).one()
    at = datetime(2026, 1, 1, 9, tzinfo=UTC)
    session.execute(
        insert(CreditMove),
        [
            {
                "id": new_id(), "lot_id": lot.id, "seq": lot.seq + number, "kind": "hold" if number % 2 else "release",
                "delta": -1 if number % 2 else 1, "balance_after": lot.remaining - number % 2, "key": f"bench:{number}",
                "business_on": (at + timedelta(days=number // 100)).date(), "at": at + timedelta(minutes=number),
            }
            for number in range(1, moves + 1)
        ],
    )  # fmt: skip
    return lot.id


def median_ms(look: Callable[[], object]) -> float:
    """Milliseconds of the middle one of some looks."""
    took = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        look()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000


def run_engine(name: str, url: str, folder: Path, moves: int) -> None:
    """Both figures on one database, at the first page and at the last."""
    env = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "WORKER_THREAD": "off", "BASE_URL": "http://127.0.0.1"}
    app = create_app(read_settings(env, instance_dir=folder))
    with app.app_context():
        Shop(1).build()
        lot_id = fill(moves)
        driver = engine().raw_connection()
        key = f"'{lot_id if name == 'postgresql' else lot_id.hex}'"

        def bare(offset: int) -> None:
            cursor = driver.cursor()
            for text in (_PAGE.format(key, offset), _SUMS.format(key)):
                cursor.execute(text)
                cursor.fetchall()

        def ours(offset: int) -> None:
            totals(reading(), [lot_id])
            statement(reading(), [lot_id], limit=50, offset=offset)
            reading().rollback()

        for page, offset in (("first", 0), ("last", moves - 50)):
            mine, floor = median_ms(partial(ours, offset)), median_ms(partial(bare, offset))
            log(f"{name}, {page} page of {moves} moves: {mine:.1f} ms, floor {floor:.1f} ms, ratio {mine / floor:.1f}")
        driver.close()
        db.session.remove()
        for pool in db.engines.values():
            pool.dispose()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=10_000)
    moves = parser.parse_args().moves
    with tempfile.TemporaryDirectory() as folder:
        run_engine("sqlite", f"sqlite:///{folder}/tenderpoint.sqlite3", Path(folder), moves)
        with postgres() as url:
            run_engine("postgresql", url, Path(folder), moves)


if __name__ == "__main__":
    main()
