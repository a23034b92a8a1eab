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
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from pos.app import create_app
from pos.core.config import read_settings
from pos.core.database.base import Base, db, reading
from pos.core.database.history import Recorder, recorder_of
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.catalogue.models import Item, Service
from pos.domain.ledger.entries import (
    GENESIS,
    EntryFacts,
    cash_drawer,
    chart_line,
    entry_hash,
)
from pos.domain.ledger.models import (
    Account,
    Chain,
    JournalEntry,
    Posting,
)
from pos.domain.ledger.posting import open_books
from pos.domain.locations.models import Desk, Location
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt, ReceiptSeries
from pos.domain.receipts.repository import open_series
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff import credentials as staff
from pos.domain.staff.permissions import Role
from pos.domain.till.models import Drawer
from pos.reports.verify import verify
from pos.services.till.shifts import open_shift

SECRET = "a-secret-for-a-bench-and-nothing-else-at-all"
POSTINGS_PER_SALE = 4
PORTION = 2_000
START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def log(text: str) -> None:
    print(text, flush=True)


PAPER: dict[str, Any] = {
    "totals": [{"amount": "$118.00", "emphasis": True}],
    "lines": [{"description": "Trigger point 60", "quantity": "1", "unit_price": "100.00", "amount": "100.00"}],
    "tenders": [{"amount": "120.00"}, {"amount": "-2.00"}],
}
"""As much of a receipt as is compared with its sale."""


def _recorders() -> dict[type[Base], Recorder]:
    found = {}
    for model in (Sale, SaleLine, Tender, Receipt):
        recorder = recorder_of(model.__table__)
        assert recorder is not None
        found[model] = recorder
    return found


RECORDERS = _recorders()


class Books:
    """A location whose sales are written in bulk."""

    def __init__(self) -> None:
        self.place, self.desk, self.item = new_id(), new_id(), new_id()
        self.staff_id: UUID = new_id()
        self.drawer: UUID = new_id()
        self.shift: UUID = new_id()
        self.previous, self.seq = GENESIS, 0

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
        self._accounts()

    def keys(self) -> tuple[tuple[str, int], ...]:
        """The postings of each sale: 118.00 cash for 100.00, 8.00 tax and a tip of 10.00."""
        amounts = {cash_drawer(self.drawer): 118_00, "service_revenue": -100_00, "tax_payable:8": -8_00}
        return tuple(sorted((amounts | {"tips_payable": -10_00}).items()))

    def _accounts(self) -> None:
        @unit_of_work
        def rows(session: Session) -> None:
            for key, _ in self.keys():
                code, name = chart_line(key)
                session.add(Account(location_id=self.place, key=key, code=code, name=name))

        rows()

    def sell(self, count: int) -> None:
        """Write `count` sales, a portion in each transaction."""
        for first in range(0, count, PORTION):
            self._portion(min(PORTION, count - first))

    @staticmethod
    def _into(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
        session.connection().execute(insert(model.__table__), rows)

    def _portion(self, count: int) -> None:
        rows: dict[type[Base], list[dict[str, Any]]] = {
            model: [] for model in (Sale, SaleLine, Tender, Receipt, JournalEntry, Posting)
        }
        lines = self.keys()
        for _ in range(count):
            self._one(rows, lines)

        @unit_of_work
        def write(session: Session) -> None:
            for model, made in rows.items():
                self._into(session, model, made)
            session.execute(update(ReceiptSeries).values(last_number=self.seq))
            session.execute(update(Chain).values(seq=self.seq, head_hash=self.previous))

        write()

    def _one(self, rows: dict[type[Base], list[dict[str, Any]]], lines: tuple[tuple[str, int], ...]) -> None:
        self.seq += 1
        sale, entry, label = new_id(), new_id(), f"BN-{self.seq:06d}"
        at = START + timedelta(seconds=self.seq)
        day = at.date()
        money = {"list_minor": 100_00, "covered_minor": 0, "discount_minor": 0, "net_minor": 100_00, "tax_minor": 8_00}
        rows[Sale].append(
            {
                "id": sale, "location_id": self.place, "desk_id": self.desk, "staff_id": self.staff_id,
                "channel": "register", "business_on": day, "completed_at": at, "currency": "USD",
                "tax_inclusive": False, "tax_method": "invoice", **money, "total_minor": 108_00, "tip_minor": 10_00,
                "content_hash": "0" * 64,
            }
        )  # fmt: skip
        rows[SaleLine].append(
            {
                "sale_id": sale, "position": 1, "item_id": self.item, "kind": "variant", "name": "Trigger point 60",
                "quantity": 1, "unit_minor": 100_00, "cover": "", "discount_reason": "", **money,
                "tax_category": "service", "tax_percent": Decimal(8), "tax_point": "sale",
            }
        )  # fmt: skip
        rows[Tender].append(
            {
                "sale_id": sale, "position": 1, "kind": "cash", "amount_minor": 118_00, "tendered_minor": 120_00,
                "change_minor": 2_00, "shift_id": self.shift,
            }
        )  # fmt: skip
        rows[Receipt].append(
            {
                "id": new_id(), "sale_id": sale, "location_id": self.place, "series": "R", "number": self.seq,
                "label": label, "business_on": day, "issued_at": at, "token": f"bench-{self.seq}",
                "document": PAPER | {"number": label},
            }
        )  # fmt: skip
        written = tuple(RECORDERS[model].item(rows[model][-1]) for model in (Sale, SaleLine, Tender, Receipt))
        facts = EntryFacts(
            self.place,
            self.seq,
            "sale",
            sale,
            label,
            day,
            at,
            self.staff_id,
            self.shift,
            None,
            "USD",
            self.previous,
            lines,
            written,
            0,
            GENESIS,
        )
        own = entry_hash(facts)
        rows[JournalEntry].append(
            {
                "id": entry, "location_id": self.place, "seq": self.seq, "event": "sale", "subject_id": sale,
                "reference": label, "business_on": day, "posted_at": at, "actor_id": self.staff_id,
                "shift_id": self.shift, "client_ref": None, "currency": "USD", "recorded": list(written),
                "log_seq": 0, "log_head": GENESIS, "previous_hash": self.previous, "hash": own,
            }
        )  # fmt: skip
        rows[Posting] += [
            {"entry_id": entry, "position": place, "location_id": self.place, "account_key": key, "amount_minor": minor}
            for place, (key, minor) in enumerate(lines, start=1)
        ]
        self.previous = own


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
