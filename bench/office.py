"""What a manager waits for, at a small clinic and at one with three years behind it: milliseconds of each page and file.

A page is asked for within one process; the first time is left out. Of a file: its first bytes, and rows a second, also as a
share of what the driver and `csv` alone reach with the same number of columns in the same run.

    .venv/bin/python -m bench.office [--sizes 10000/1000 1000000/100000] [--times 5] [--database postgresql://…]…
"""

from __future__ import annotations

import csv
import io
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.history import FIRST, LAST, Built, application, asked, build, built_before, moment
from pos.core import clock
from pos.core.database.address import normal_url
from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.domain.staff import credentials
from pos.domain.staff.permissions import Role

# As the settings of a new installation say.
BASE = "http://127.0.0.1:8000"
_MONTH = f"from={LAST.replace(day=1)}&to={LAST}"
_YEARS = f"from={FIRST}&to={LAST}"
PAGES = {
    "today": "/office/",
    "sales, a month": f"/office/sales?{_MONTH}",
    "sales, three years": f"/office/sales?{_YEARS}",
    "owed, now": "/office/money/owed",
    "owed, a past day": f"/office/money/owed?on={FIRST + timedelta(days=500)}",
    "journal, a month": f"/office/money?{_MONTH}",
    "tips, three years": f"/office/money/tips?{_YEARS}",
    "clients": "/office/clients?q=smith",
}
FILES = {"sales.csv, three years": f"/office/sales.csv?{_YEARS}", "sales.xlsx, a month": f"/office/sales.xlsx?{_MONTH}"}


def signed_in(built: Built) -> str:
    """Hire a manager for the bench; returns the cookie of their sign-in."""

    @unit_of_work
    def work(session: Session) -> str:
        person = credentials.hire(
            session, name="Mona", role=Role.MANAGER, locations=(built.location_id,), secret="bench"
        )
        return credentials.open_session(session, staff_id=person.id, face="office")

    return work()


def page_times(http: FlaskClient, address: str, times: int) -> list[float]:
    """Milliseconds of each answer but the first."""
    found = []
    for _ in range(times + 1):
        began = time.perf_counter()
        answer = http.get(address, base_url=BASE)
        found.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return found[1:]


def file_times(http: FlaskClient, address: str) -> tuple[float, float, int, int]:
    """Milliseconds to the first bytes, seconds to the last, rows and columns of a file; a workbook has no rows here."""
    began = time.perf_counter()
    with http.get(address, base_url=BASE) as answer:
        parts = iter(answer.response)
        content = [next(parts)]
        first = (time.perf_counter() - began) * 1000
        content += parts
    whole = b"".join(part.encode() if isinstance(part, str) else part for part in content)
    took = time.perf_counter() - began
    if not address.partition("?")[0].endswith(".csv"):
        return first, took, 0, 0
    rows = list(csv.reader(io.StringIO(whole.decode("utf-8-sig")), delimiter=";" if b";" in whole[:200] else ","))
    return first, took, len(rows), len(rows[0])


def floor(rows: int, columns: int) -> float:
    """Rows a second of the driver and `csv` alone, with so many columns of `sale_lines`."""
    names = ("name", "quantity", "unit_minor", "net_minor", "tax_minor", "list_minor", "kind", "position")
    wanted = ", ".join(names[number % len(names)] for number in range(columns))
    began = time.perf_counter()
    with engine().connect() as connection:
        found = connection.execution_options(stream_results=True).execute(
            text(f"SELECT {wanted} FROM sale_lines LIMIT {rows}")  # names and numbers of this module
        )
        writer = csv.writer(io.StringIO())
        for portion in found.partitions(2_000):
            writer.writerows(portion)
    return rows / (time.perf_counter() - began)


def measure(url: str, folder: Path, sizes: tuple[int, int], times: int) -> dict[str, float]:
    """Print the times of a clinic, and give them by name."""
    app = application(url, folder)
    found: dict[str, float] = {}
    with app.app_context(), clock.at(moment(LAST + timedelta(days=1), 10)):
        built = built_before() or build(*sizes)
        cookie = signed_in(built)
        http = app.test_client()
        http.set_cookie("tp_office", cookie, path="/office", domain="127.0.0.1")
        print(f"{built.sale_lines:,} sale lines, {built.client_count:,} clients", flush=True)
        for name, address in PAGES.items():
            row = page_times(http, address, times)
            found[name] = statistics.median(row)
            print(f"  {name:24} {found[name]:9.1f} {max(row):9.1f}", flush=True)
        for name, address in FILES.items():
            first, took, rows, columns = file_times(http, address)
            found[name] = first
            speed = f"{rows / took:9,.0f} rows/s, {rows / took / floor(rows, columns):.2f} of the floor" if rows else ""
            print(f"  {name:24} {first:9.1f} first bytes {took:7.2f} s {speed}", flush=True)
    return found


def main() -> None:
    given = asked(__doc__, times=5)
    all_found = []
    for number, size in enumerate(given.sizes):
        with tempfile.TemporaryDirectory(prefix="tp-office-") as name:
            url = normal_url(given.database[number] if given.database else f"sqlite:///{name}/office.sqlite3")
            all_found.append(measure(url, Path(name), size, given.times))
    for name, base in all_found[0].items():
        print(f"{name:26} " + " ".join(f"{found[name] / base:7.2f}" for found in all_found[1:]))


if __name__ == "__main__":
    main()
