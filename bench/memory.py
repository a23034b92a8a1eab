"""The memory of the web process as `pos serve` runs it, while it answers what takes most: MB after it, and the most so far.

The pages and files of an office, each asked for twice over HTTP, one after the other, in a clinic with years behind it. What
an answer takes is not all given back to the system, so the order matters: the largest stand last.

    .venv/bin/python -m bench.memory [--sizes 1000000/100000] [--database URL…]
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

from bench.history import FIRST, LAST, SECRET, application, asked, build, built_before, moment
from bench.office import signed_in
from bench.start import children, memory, served
from pos.core import clock
from pos.core.database.address import normal_url

_YEARS = f"from={FIRST}&to={LAST}"
ASKED = {
    "today": "/office/",
    "sales, a month": f"/office/sales?from={LAST.replace(day=1)}&to={LAST}",
    "sales": f"/office/sales?{_YEARS}",
    "items by page": f"/office/reports/sales-by-item?{_YEARS}",
    "owed on a past day": f"/office/money/owed?on={FIRST + timedelta(days=500)}",
    "tips": f"/office/money/tips?{_YEARS}",
    "commissions": f"/office/reports/commissions?{_YEARS}",
    "clients": "/office/clients?search=smith",
    "sales, CSV": f"/office/reports/sales.csv?location=maple-street&{_YEARS}",
    "sales of a month, XLSX": f"/office/reports/sales.xlsx?from={LAST.replace(day=1)}&to={LAST}",
    "new and returning clients": f"/office/reports/new-clients?{_YEARS}",
    "clients treated": f"/office/reports/treated-clients?{_YEARS}",
    "client value": f"/office/reports/clients?{_YEARS}",
}


def measure(url: str, folder: Path, size: tuple[int, int]) -> None:
    """Print what each answer leaves in a process that serves one clinic."""
    app = application(url, folder)
    with app.app_context(), clock.at(moment(LAST + timedelta(days=1), 10)):
        built = built_before() or build(*size)
        lines = built.sale_lines
    with app.app_context():  # by the clock of the server
        cookie = signed_in(built)
    settings = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "WORKER_THREAD": "off", "PAYMENTS_MODE": "off"}
    with served(folder, **settings) as (base, command, _):
        (pid,) = children(command)  # it starts the process that answers
        print(f"{url.partition(':')[0]}: {lines:,} sale lines; started with {memory(pid, 'VmRSS'):.0f} MB", flush=True)
        for name, path in ASKED.items():
            for _ in range(2):
                wanted = Request(f"{base}{path}", headers={"Cookie": f"tp_office={cookie}", "Accept-Encoding": "gzip"})
                with urlopen(wanted, timeout=600) as answer:
                    assert "/sign-in" not in answer.url, answer.url
                    while answer.read(65_536):
                        pass
            print(f"  {name:26} {memory(pid, 'VmRSS'):5.0f} MB, {memory(pid, 'VmHWM'):.0f} at most", flush=True)


def main() -> None:
    given = asked(__doc__, times=2)
    for number, size in enumerate(given.sizes):
        with tempfile.TemporaryDirectory(prefix="tp-memory-") as name:
            url = normal_url(given.database[number] if given.database else f"sqlite:///{name}/memory.sqlite3")
            measure(url, Path(name), size)


if __name__ == "__main__":
    main()
