"""The memory of the web process as `pos serve` runs it, while it answers what takes most: MB after it, and the most so far.

The pages and files of an office, each asked for twice over HTTP, one after the other, in a clinic with years behind it. What
an answer takes is not all given back to the system, so the order matters: the largest stand last.

    .venv/bin/python -m bench.memory [--sizes 1000000/100000] [--database URL…]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench.history import FIRST, LAST, SECRET, application, asked, build, built_before, moment
from bench.office import signed_in
from bench.sales import free_port
from pos.core import clock
from pos.core.database.base import normal_url

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


def memory(pid: int, what: str) -> float:
    """MB of a process: `VmRSS` now, `VmHWM` the most it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def served(url: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a server; the command that starts it starts the process that answers."""
    base = f"http://127.0.0.1:{free_port()}"
    told = {"INSTANCE_DIR": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET, "BASE_URL": base}
    process = subprocess.Popen(
        [sys.executable, "-m", "pos.cli", "serve", "--port", base.rpartition(":")[2]],
        env=os.environ | told | {"WORKER_THREAD": "off", "PAYMENTS_MODE": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                urlopen(f"{base}/register/sign-in", timeout=5).close()
                break
            except URLError:
                if process.poll() is not None:
                    raise RuntimeError("the server stopped at once") from None
                time.sleep(0.05)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        yield base, int(children[0])
    finally:
        process.terminate()
        process.wait(20)


def measure(url: str, folder: Path, size: tuple[int, int]) -> None:
    """Print what each answer leaves in a process that serves one clinic."""
    app = application(url, folder)
    with app.app_context(), clock.at(moment(LAST + timedelta(days=1), 10)):
        built = built_before() or build(*size)
        lines = built.sale_lines
    with app.app_context():  # by the clock of the server
        cookie = signed_in(built)
    with served(url, folder) as (base, pid):
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
