"""How a clinic's figures grow with its trade, on both databases, and how they stand beside another checkout: one run.

For each database and size, the 95th percentile in milliseconds of what a receptionist and a manager wait for (within one
process, the first answer left out), the median of the processor time that the process needs for it, and its memory. Each is
given as a ratio to the smallest size too, and with --beside to the same in another checkout, which is built and measured by
its own code; it needs a bench.history of its own. Files have a bench of their own.

    .venv/bin/python -m bench.scale [--sizes 10000/1000 100000/10000 1000000/100000] [--times 20] [--beside FOLDER]
        [--only sqlite|postgresql] [--database URL…, one for each size, built before] [--beside-database URL…]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
BASE = "http://127.0.0.1:8000"
TYPED = ("maria lopes", "smith ana", "garcía", "o'brien", "aromatherapy", "+1503010", "c999@exam", "zzzz")


def p95(times: list[float]) -> float:
    """The time that 95 of 100 stay within."""
    return statistics.quantiles(times, n=20)[-1]


def measure(url: str, times: int) -> dict[str, float]:
    """What one clinic takes, by the code of the checkout that is on the path."""
    from bench.history import FIRST, LAST, application, built_before, moment  # of that checkout
    from pos.core import clock
    from pos.core.database.unit_of_work import unit_of_work
    from pos.domain.staff import credentials
    from pos.domain.staff.permissions import Role

    month, years = f"from={LAST.replace(day=1)}&to={LAST}", f"from={FIRST}&to={LAST}"
    pages = {
        "today": "/office/",
        "sales, a month": f"/office/sales?{month}",
        "sales, three years": f"/office/sales?{years}",
        "items by page, three years": f"/office/reports/sales-by-item?{years}",
        "owed, a past day": f"/office/money/owed?on={FIRST + timedelta(days=500)}",
        "tips, three years": f"/office/money/tips?{years}",
        "clients, found": "/office/clients?search=smith",
    }
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="tp-scale-") as folder:
        app = application(url, Path(folder))
        with app.app_context(), clock.at(moment(LAST + timedelta(days=1), 10)):
            built = built_before()
            assert built is not None

            @unit_of_work
            def sign_in(session: Any) -> tuple[str, str]:
                mona = credentials.hire(
                    session, name="Mona", role=Role.MANAGER, locations=(built.location_id,), secret="bench"
                )
                at_desk = {"staff_id": built.receptionist, "face": "register", "desk_id": built.desks[0]}
                return credentials.open_session(session, staff_id=mona.id, face="office"), credentials.open_session(
                    session, **at_desk
                )

            office, register = sign_in()
            http = app.test_client()
            http.set_cookie("tp_office", office, path="/office", domain="127.0.0.1")
            http.set_cookie("tp_register", register, path="/register", domain="127.0.0.1")
            http.set_cookie("tp_desk", str(built.desks[0]), path="/register", domain="127.0.0.1")

            def timed(address: str, **query: str) -> tuple[float, float]:
                began, used = time.perf_counter(), time.process_time()
                answer = http.get(address, base_url=BASE, query_string=query or None)
                assert answer.status_code == 200, (address, answer.status_code)
                return (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000

            def note(name: str, rows: list[tuple[float, float]]) -> None:
                found[name] = p95([waited for waited, _ in rows])
                found[f"{name}, processor"] = statistics.median(used for _, used in rows)

            for typed in TYPED:
                timed("/register/api/search", q=typed)
            note("search", [timed("/register/api/search", q=TYPED[n % len(TYPED)]) for n in range(5 * times)])
            for name, address in pages.items():
                timed(address)
                note(name, [timed(address) for _ in range(times)])
    # Kilobytes, as Linux gives it.
    found["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def run_in(checkout: Path, *command: str) -> str:
    """Run this file, or a module of the bench, with the code of a checkout; gives what it printed."""
    env = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, *command], cwd=checkout, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def clinics(kind: str, folder: Path, names: list[str]) -> Iterator[list[str]]:
    """An empty database for each name."""
    if kind == "sqlite":
        yield [f"sqlite:///{folder}/{name}.sqlite3" for name in names]
        return
    import psycopg

    from bench.sales import postgres

    with postgres() as url:
        with psycopg.connect(url, autocommit=True) as server:
            for name in names:
                server.execute(f"CREATE DATABASE {name}")  # names of this module
        yield [url.replace("/postgres?", f"/{name}?") for name in names]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", nargs="+", default=["10000/1000", "100000/10000", "1000000/100000"])
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--beside", type=Path)
    options.add_argument("--only", choices=("sqlite", "postgresql"))
    options.add_argument("--database", nargs="+", default=[])
    options.add_argument("--beside-database", nargs="+", default=[])
    options.add_argument("--measure", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.times)))
        return
    checkouts = [("here", HERE, given.database)]
    if given.beside:
        checkouts.append(("beside", given.beside.resolve(), given.beside_database))
    for kind in (given.only,) if given.only else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="tp-scale-") as folder:
            names = [f"{where}{number}" for where, *_ in checkouts for number in range(len(given.sizes))]
            with contextlib.contextmanager(clinics)(kind, Path(folder), names) as empty:
                report(kind, checkouts, given.sizes, empty, given.times)


def report(
    kind: str, checkouts: list[tuple[str, Path, list[str]]], sizes: list[str], empty: list[str], times: int
) -> None:
    """Build and measure the clinics of one kind of database, and print what was found."""
    found: dict[tuple[str, int], dict[str, float]] = {}
    for number, size in enumerate(sizes):
        lines, clients = size.split("/")
        for at, (where, checkout, given) in enumerate(checkouts):
            url = given[number] if given else empty[at * len(sizes) + number]
            if not given:
                build = ("--lines", lines, "--clients", clients, "--database", url)
                print(f"{kind}, {where}: {run_in(checkout, '-m', 'bench.history', *build).strip()}", flush=True)
            told = run_in(checkout, str(Path(__file__).resolve()), "--measure", url, "--times", str(times))
            mine = found[where, number] = json.loads(told.splitlines()[-1])
            print(f"{kind}, {where}, {size}: milliseconds and the ratio to the smallest size", flush=True)
            for name, value in mine.items():
                grown = f"{value / found[where, 0][name]:7.2f}" if number else ""
                other = f"{value / found['here', number][name]:9.2f} of here" if where != "here" else ""
                print(f"  {name:28} {value:10.1f} {grown} {other}", flush=True)


if __name__ == "__main__":
    main()
