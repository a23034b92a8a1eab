"""How long the register's search of clients takes, by what is typed.

.venv/bin/python -m bench.search [--clients 100000] [--database postgresql://… (empty); without it a SQLite file]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, text
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.address import normal_url
from pos.core.database.base import engine_options, prepare_engine
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.clients.queries import search
from pos.domain.clients.registration import search_text, sort_key
from pos.migrations.runner import migrate

GIVEN = (
    "Ana Søren Łukasz Yıldız Đorđe Jean-Luc Maria José Petra Ingrid Zoë Björn Åse Mehmet Olga Chloé Liam Emma".split()
)
FAMILY = "Núñez O’Brien Kowalski Yılmaz Đorđević Müller Schmidt Dubois García Rossi Jensen Smith Brown Wilson".split()
# Frequent, two words, rare, nobody, numbers in any spelling.
TYPED = (
    "a",
    "ana",
    "o'brien",
    "smith ana",
    "muller",
    "zzzz",
    "massage oil",
    "Ana 555-0101",
    "+1 (503) 010-1234",
    "c999@exam",
)


def clients(count: int) -> Iterator[dict[str, Any]]:
    """Clients with the names, addresses and numbers that people have."""
    chosen, now = random.Random(13), clock.now()
    for number in range(count):
        given, family = chosen.choice(GIVEN), f"{chosen.choice(FAMILY)}-{chosen.choice(FAMILY)}"
        email, phone = f"c{number}@example.com", f"+1503{chosen.randrange(10**7):07d}"
        yield {
            "id": new_id(), "given_name": given, "family_name": family, "email": email, "phone": phone, "locale": "en",
            "search_text": search_text(given, family, email, phone), "sort_key": sort_key(given, family), "created_at": now,
        }  # fmt: skip


def main() -> None:
    """Fill a database and print the times."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clients", type=int, default=100_000)
    options.add_argument("--database")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = normal_url(given.database or f"sqlite:///{folder}/search.db")
        engine = create_engine(url, **engine_options(url))
        prepare_engine(engine)
        migrate(engine, Path(folder))
        with Session(engine) as session:
            rows = list(clients(given.clients))
            for start in range(0, len(rows), 5_000):
                session.execute(insert(Client), rows[start : start + 5_000])
            session.commit()
            session.execute(text("ANALYZE"))
            session.commit()
            print(f"{len(rows)} clients, {engine.dialect.name}; milliseconds: typed, found, median, most of 20")
            for typed in TYPED:
                times, found = [], 0
                for _ in range(20):
                    begin = time.perf_counter()
                    found = len(search(session, typed))
                    session.expunge_all()
                    times.append((time.perf_counter() - begin) * 1000)
                print(f"{typed:20} {found:3} {statistics.median(times):7.1f} {max(times):7.1f}")
        engine.dispose()


if __name__ == "__main__":
    main()
