"""A clinic with three years behind it: 10,000 to 1,000,000 sale lines and up to 100,000 clients; `pos verify` holds.

Most lines are cash sales written in bulk (bulk_sales.py). Packages, credits used, gift cards, refunds, shifts, and the
closings of days and months are made by the product's own services, on the days on which they happened. The days are every
third of three years, whatever the size, so that sizes differ in trade and not in time.

    .venv/bin/python -m bench.history --lines 100000 --clients 10000 [--database postgresql://…|sqlite:///…] [--verify]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from bench.bulk_sales import BulkSale, BulkSales, Sold
from bench.search import clients
from pos.app import create_app
from pos.core import clock
from pos.core.config import read_settings
from pos.core.database.address import normal_url
from pos.core.database.base import db, engine, reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.dev.demo import clinic as demo
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.catalogue.queries import Picked, menu
from pos.domain.clients.models import Client
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import all_places, desk_place
from pos.domain.sales.cart_options import Gift, Stored
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.sales.models import SaleLine
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Role
from pos.domain.stored_value.models import GiftCard
from pos.domain.till.models import Drawer
from pos.domain.till.shifts import current_shift
from pos.reports.verify import verify
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.ring_up import RingUpSale, RungUp, ring_up
from pos.services.day_totals import sum_days
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift, expected_in, open_shift

SECRET = "a-secret-for-a-bench-and-nothing-else-at-all"
FIRST = date(2024, 1, 2)
DAYS = tuple(FIRST + timedelta(days=3 * number) for number in range(365))
LAST = DAYS[-1]
_INSERTED_AT_ONCE = 5_000
# Lines made by services on a day: a package, a credit used, a gift card, an article paid with it.
_SERVED_A_DAY = 4


class Manager(NamedTuple):
    """Who gives money back."""

    id: UUID
    role: Role


@dataclass(frozen=True)
class Built:
    """What a bench needs of the clinic that was built; no lists, whose memory would be taken for the application's."""

    location_id: UUID
    desks: tuple[UUID, ...]
    receptionist: UUID
    client_count: int
    sale_lines: int


class History:
    """Trade at the first desk of the demo's first clinic. The clock of the process is held at each day in turn."""

    def __init__(self, *, client_count: int, seed: int = 13) -> None:
        self.chance = random.Random(seed)
        with clock.at(moment(FIRST, 6)):
            made = demo.build(secret=SECRET, readers={})
            self.clients = made.clients + add_clients(client_count - len(made.clients))
        self.location_id, self.desks, self.desk = made.maple, made.desks[:2], made.desks[0]
        session = reading()
        self.menu = menu(session, desk_place(session, self.desk).place, FIRST)
        names = {one.name: one.id for one in session.scalars(select(Staff))}
        self.receptionist, self.manager = names["Ana Ruiz"], Manager(names["Maya Chen"], Role.MANAGER)
        self.therapists = list(session.scalars(select(Staff.id).where(Staff.treats)))
        self.visits = [one for group in self.menu.services for one in group.variants]
        self.owners: list[UUID] = []
        self.lines = 0
        db.session.remove()

    def trade(self, line_count: int) -> None:
        """So many lines, spread evenly over the days."""
        for number, day in enumerate(DAYS, start=1):
            self._day(day, line_count * number // len(DAYS) - self.lines)

    def _day(self, day: date, line_count: int) -> None:
        with clock.at(moment(day, 9)):
            shift = open_shift(desk_id=self.desk, staff_id=self.receptionist, float_minor=100_00)
            drawer = reading().scalars(select(Drawer.id).where(Drawer.desk_id == self.desk)).one()
        with clock.at(moment(day, 10)):
            self._served()
        bulk = BulkSales(self.location_id, self.desk, self.receptionist, drawer_id=drawer, prefix="MS")
        bulk.write(self._sales(day, line_count - _SERVED_A_DAY), shift.shift_id)
        with clock.at(moment(day, 20)):
            open_now = current_shift(reading(), self.desk)
            assert open_now is not None
            counted = expected_in(reading(), open_now)
            close_shift(
                desk_id=self.desk, staff_id=self.receptionist, counted_minor=counted, confirmed_minor=counted
            )  # fmt: skip
        with clock.at(moment(day + timedelta(days=1), 4)):
            close_periods(self.location_id)
        db.session.remove()

    def _served(self) -> None:
        """What services do on a day: a package, a credit used, a gift card, an article paid with it, sometimes a refund."""
        chance = self.chance
        buyer = chance.choice(self.clients)
        self._ring(buyer, self._line(chance.choice(self.menu.packages)))
        self.owners.append(buyer)
        hour = next(one for one in self.visits if one.minutes == 60)
        self._ring(self.owners.pop(0) if len(self.owners) > 90 else self.owners[0], self._line(hour))
        card_sale = self._ring(buyer, self._gift(50_00))
        card = reading().scalars(select(GiftCard.id).where(GiftCard.sale_id == card_sale.sale_id)).one()
        article = self._line(chance.choice(self.menu.retail))
        paid = self._ring(buyer, article, stored=(Stored("gift_card", card),))
        if chance.random() < 0.1:
            choice = RefundChoice(paid.sale_id)
            refund(RefundCommand(new_id(), choice, "The lid was broken", self.manager, self.desk))

    def _line(self, item: Picked) -> CartLineRequest:
        therapist = self.chance.choice(self.therapists) if item.kind == "variant" else None
        return CartLineRequest(new_id(), item.item_id, therapist_id=therapist)

    def _gift(self, minor: int) -> CartLineRequest:
        return CartLineRequest(new_id(), GIFT_CARD_ITEM, gift=Gift(minor))

    def _ring(self, client_id: UUID, *lines: CartLineRequest, stored: tuple[Stored, ...] = ()) -> RungUp:
        wanted = CartRequest(lines, stored=stored)
        place = desk_place(reading(), self.desk).place
        due = price_request(reading(), place, wanted, client_id=client_id, day=place.today()).due_minor
        self.lines += len(lines)
        return ring_up(RingUpSale(new_id(), self.desk, self.receptionist, due, client_id=client_id, wanted=wanted))

    def _sales(self, day: date, line_count: int) -> Iterator[BulkSale]:
        """Sales of one to five lines: a visit, its add-ons, an article; a third of them with a tip."""
        chance, left = self.chance, line_count
        while left > 0:
            size = min(left, chance.choice((1, 2, 2, 3, 3, 4, 5)))
            picked = [chance.choice(self.visits)]
            picked += [chance.choice((*self.menu.add_ons, *self.menu.retail)) for _ in range(size - 1)]
            therapist = chance.choice(self.therapists)
            items = [
                Sold(one.item_id, one.kind, one.name, one.price_minor, None if one.kind == "retail" else therapist)
                for one in picked
            ]
            at = moment(day, 10) + timedelta(seconds=chance.randrange(9 * 3600))
            yield BulkSale(at, day, items, chance.choice((0, 0, 10_00)), chance.choice(self.clients))
            left -= size
            self.lines += size

    @property
    def built(self) -> Built:
        """What a bench needs of it."""
        return Built(self.location_id, self.desks, self.receptionist, len(self.clients), self.lines)


def moment(day: date, hour: int) -> datetime:
    """An hour of a day at the clinic."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.zone("America/New_York"))


def add_clients(count: int) -> tuple[UUID, ...]:
    """So many clients more, written in bulk."""
    rows = list(clients(max(0, count)))

    @unit_of_work
    def work(session: Session) -> None:
        for start in range(0, len(rows), _INSERTED_AT_ONCE):
            session.execute(insert(Client), rows[start : start + _INSERTED_AT_ONCE])

    work()
    return tuple(row["id"] for row in rows)


def application(url: str, folder: Path) -> Flask:
    """The application on a database; cards and mails are off."""
    env = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "WORKER_THREAD": "off"}
    return create_app(read_settings(env, instance_dir=folder))


def built_before() -> Built | None:
    """What a bench needs of the clinic that stands in the database already; None where there is none."""
    session = reading()
    place = session.scalars(select(Location).where(Location.slug == "maple-street")).first()
    if place is None:
        return None
    desks = tuple(session.scalars(select(Desk.id).where(Desk.location_id == place.id).order_by(Desk.name)))
    person = session.scalars(select(Staff.id).where(Staff.name == "Ana Ruiz")).one()
    clients = session.scalar(select(func.count()).select_from(Client)) or 0
    lines = session.scalar(select(func.count()).select_from(SaleLine)) or 0
    db.session.remove()
    return Built(place.id, desks, person, clients, lines)


def build(line_count: int, client_count: int) -> Built:
    """Fill the empty database of the application whose context is pushed, and let it know how much it holds."""
    history = History(client_count=client_count)
    history.trade(line_count)
    with clock.at(moment(LAST + timedelta(days=1), 10)):
        for place in all_places(reading()):
            sum_days(place)
    with engine().connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return history.built


def asked(about: str | None, *, times: int) -> argparse.Namespace:
    """What a bench of several clinics is asked for: `sizes` as lines and clients, `times`, and a `database` for each."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", nargs="+", type=_size, default=[(10_000, 1_000), (1_000_000, 100_000)], metavar="LINES/CLIENTS"
    )
    parser.add_argument("--times", type=int, default=times)
    parser.add_argument(
        "--database", nargs="+", default=[], help="one for each size, filled if it is empty; without, SQLite files"
    )
    return parser.parse_args()


def _size(text: str) -> tuple[int, int]:
    line_count, client_count = text.split("/")
    return int(line_count), int(client_count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--database", help="an empty one that is kept; without it a SQLite file that is removed")
    parser.add_argument("--verify", action="store_true", help="check every invariant afterwards")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tp-history-") as folder:
        app = application(normal_url(given.database or f"sqlite:///{folder}/history.sqlite3"), Path(folder))
        with app.app_context():
            began = time.perf_counter()
            made = build(given.lines, given.clients)
            print(f"{made.sale_lines:,} sale lines, {made.client_count:,} clients: {time.perf_counter() - began:.1f} s")
            if given.verify:
                began = time.perf_counter()
                results = verify(reading(), lambda _done, _whole: None)
                print(f"{len(results)} checks: {time.perf_counter() - began:.1f} s")
                if broken := [f"{one.key}: {one.first}" for one in results if not one.holds]:
                    sys.exit("\n".join(broken))


if __name__ == "__main__":
    main()
