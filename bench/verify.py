"""`pos verify` over books of 10⁴, 10⁵ and 10⁶ postings: seconds, postings per second, and whether the cost is linear.

Each sale is a cash sale of one treatment with a tip: sale, line, tender, receipt, entry and four postings, as the till would
have written them, with the hashes it would have computed; so every invariant has rows to read and holds.

    .venv/bin/python -m bench.verify [--sizes 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from bench.bulk_sales import BulkSale, BulkSales, Sold
from pos.app import create_app
from pos.core.config import read_settings
from pos.core.database.base import db, reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.catalogue.models import Item, Service
from pos.domain.ledger.posting import open_books
from pos.domain.locations.models import Desk, Location
from pos.domain.receipts.repository import open_series
from pos.domain.staff import credentials as staff
from pos.domain.staff.permissions import Role
from pos.domain.till.models import Drawer
from pos.reports.verify import verify
from pos.services.till.shifts import open_shift

SECRET = "a-secret-for-a-bench-and-nothing-else-at-all"
POSTINGS_PER_SALE = 4
START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def log(text: str) -> None:
    print(text, flush=True)


class Books:
    """A location whose sales are written in bulk."""

    def __init__(self) -> None:
        self.place, self.desk, self.item = new_id(), new_id(), new_id()
        self.staff_id: UUID = new_id()
        self.drawer: UUID = new_id()
        self.shift: UUID = new_id()

    def open(self) -> None:
        """The clinic, its desk and its open drawer."""

        @unit_of_work
        def rows(session: Session) -> None:
            session.add(
                Location(
                    id=self.place,
                    slug="bench",
                    name="Bench",
                    clinic_name="Bench",
                    address_lines=[],
                    country="US",
                    locale="en_US",
                    currency="USD",
                    time_zone="UTC",
                    cutoff_hour=0,
                    tax_inclusive=False,
                    tax_method="invoice",
                    tax_label="Tax",
                    receipt_prefix="BN",
                    receipt_note="",
                    position=0,
                    active=True,
                )
            )
            session.flush()
            session.add(Desk(id=self.desk, location_id=self.place, name="Desk"))
            service = Service(id=new_id(), name="Trigger point", short_name="Trigger point")
            session.add(service)
            session.flush()
            session.add(
                Item(
                    id=self.item,
                    kind="variant",
                    name="Trigger point 60",
                    service_id=service.id,
                    minutes=60,
                    tax_category="service",
                )
            )
            open_books(session, self.place)
            open_series(session, self.place)
            session.flush()
            person = staff.hire(session, name="Bench", role=Role.OWNER, locations=(self.place,), secret=SECRET)
            self.staff_id = person.id

        rows()
        self.shift = open_shift(desk_id=self.desk, staff_id=self.staff_id, float_minor=0).shift_id
        self.drawer = reading().query(Drawer.id).filter(Drawer.desk_id == self.desk).scalar()
        reading().rollback()

    def sell(self, count: int) -> None:
        """Write `count` sales: 118.00 cash for a treatment of 100.00, its tax of 8.00 and a tip of 10.00."""
        bulk = BulkSales(self.place, self.desk, self.staff_id, drawer_id=self.drawer, prefix="BN")
        item = Sold(self.item, "variant", "Trigger point 60", 100_00)
        moments = (START + timedelta(seconds=number) for number in range(1, count + 1))
        bulk.write((BulkSale(at, at.date(), (item,), tip_minor=10_00) for at in moments), self.shift)


def measure(postings: int) -> tuple[float, float]:
    """Build books of so many postings in a fresh SQLite file and check them; seconds of each. Exits when a check fails."""
    with tempfile.TemporaryDirectory(prefix="tp-verify-") as folder:
        env = {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "SECRET_KEY": SECRET, "WORKER_THREAD": "off"}
        app = create_app(read_settings(env, instance_dir=Path(folder)))
        with app.app_context():
            started = time.perf_counter()
            books = Books()
            books.open()
            books.sell(postings // POSTINGS_PER_SALE)
            built = time.perf_counter() - started
            steps: list[tuple[float, int]] = []
            started = time.perf_counter()
            results = verify(reading(), lambda done, _whole: steps.append((time.perf_counter(), done)))
            took = time.perf_counter() - started
            if broken := [f"{result.key}: {result.first}" for result in results if not result.holds]:
                sys.exit("\n".join(broken))
            spent = {results[n].key: steps[n + 1][0] - steps[n][0] for n in range(len(results))}
            slowest = sorted(spent.items(), key=lambda item: -item[1])[:4]
            log("   slowest: " + ", ".join(f"{key} {seconds:.2f} s" for key, seconds in slowest))
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
    return built, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="POSTINGS")
    sizes = parser.parse_args().sizes
    # What the checks cost on books of one sale is paid once, whatever the size; growth is read off what comes on top.
    _, fixed = measure(POSTINGS_PER_SALE)
    log(f"start-up: {fixed:.3f} s, taken off in the last two columns; where growth is linear the ratio there is 1.00")
    log(f"{'postings':>10} {'built':>9} {'verify':>9} {'postings/s':>12} {'µs each':>9} {'ratio':>7}")
    before = 0.0
    for size in sizes:
        built, took = measure(size)
        each = 1e6 * max(0.0, took - fixed) / size
        ratio = f"{each / before:.2f}" if before else "–"
        log(f"{size:>10,} {built:>7.1f} s {took:>7.2f} s {size / took:>12,.0f} {each:>9.1f} {ratio:>7}")
        before = each


if __name__ == "__main__":
    main()
