"""A small clinic business to test in, and the verbs a test needs to get to the point.

A guide. Ask for the fixture `clinic` (type `Clinic`); the clock stands at `NOON` of tests/conftest.py.

* Places: `clinic.usd` (tax on top, 8 %, two desks) and `clinic.eur` (tax inside, 19 %, one desk). Each is a `Site` with
  `location_id`, `desks`, `desk` (the first), `currency`, `shift_ids`. Every drawer is open with a float of 100.00.
  Other taxes: `build_clinic(usd=TaxHabit("10", inclusive=True, method="line"))`.
* Items by name: `clinic.items["trigger_60"]`; see SERVICES, ADD_ONS, RETAIL and PLANS below for names and prices.
* Staff: `clinic.receptionist`, `.therapist`, `.manager` (all at `usd`), `.eur_receptionist`, `.owner`, `.bookkeeper` (both).
  Each is a `Colleague` with `id`, `name`, `role`, `pin`; manager, owner and bookkeeper have `email` and `password` too.
* Clients: `clinic.ana`, `clinic.ben` (keys).
* Actions: `clinic.sell(line("trigger_60"), client=clinic.ana)` rings up a sale paid with exact cash; `cash=`, `tip=`,
  `discount=`, `site=`, `desk=`, `sale_id=` say otherwise. `clinic.buy("ten", clinic.ana)` sells a package and returns
  the key of its lot.
  `clinic.command(…)` only builds the `RingUpSale`; `clinic.due(…)` says what it would cost.
* Looking: `with clinic.read() as session`, `clinic.postings(sale_id)` (account → signed minor units, a drawer's key
  shortened to `cash_drawer`), `clinic.lot(lot_id)`. Writing by hand: `clinic.write(lambda session: …)`.
* At the faces: `clinic.desk_cookie(person)`, `clinic.office_cookie(person)` sign somebody in and return the cookie's value.

All verbs push the application context themselves, so a test with `app.test_client()` needs no other fixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.database.base import engine
from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.locations.queries import desk_place
from pos.domain.sales.carts import CartLineRequest, CartRequest, Tip
from pos.domain.sales.pricing import Discount, Exemption
from pos.domain.staff import credentials as staff
from pos.domain.staff.permissions import Role
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.ring_up import RingUpSale, RungUp, ring_up

T = TypeVar("T")

FLOAT_MINOR = 100_00
PRICES_FROM = date(2026, 1, 1)

# service: (name, {minutes: price})
SERVICES: dict[str, tuple[str, dict[int, int]]] = {
    "trigger": ("Trigger point therapy", {30: 55_00, 45: 78_00, 60: 100_00, 90: 140_00}),
    "swedish": ("Combination: trigger point + Swedish", {60: 95_00, 90: 135_00}),
    "foot": ("Foot massage", {30: 45_00, 60: 75_00}),
}
ADD_ONS = {
    "aromatherapy": ("Aromatherapy", 12_00),
    "hot_compress": ("Hot compress", 10_00),
    "cupping": ("Cupping", 20_00),
}
RETAIL = {"oil": ("Massage oil", 18_00), "ball": ("Trigger-point ball", 9_50)}
# plan: (name, sessions, bonus sessions, price, months, add-ons that come free); all of 60 minutes trigger point.
PLANS: dict[str, tuple[str, int, int, int, int, tuple[str, ...]]] = {
    "three": ("3 × 60 min", 3, 0, 285_00, 6, ()),
    "five": ("5 × 60 min", 5, 0, 460_00, 12, ("aromatherapy", "hot_compress")),
    "ten": ("10 × 60 min", 10, 0, 900_00, 12, ("aromatherapy", "hot_compress")),
    "buy_5_get_1": ("Buy 5 get 1", 5, 1, 425_00, 12, ()),
}


@dataclass(frozen=True)
class TaxHabit:
    """The tax of a site: one rate for services and goods, on top or inside, rounded on the `invoice` or per `line`.

    `point`: packages are taxed at their `sale`, or at the `redemption` of each session. `second` is the rate of a second tax
    on the same net: the site's taxes are then GST and QST, with their numbers.
    """

    percent: str
    inclusive: bool = False
    method: str = "invoice"
    point: str = "sale"
    second: str = ""


USD_TAX = TaxHabit("8")
EUR_TAX = TaxHabit("19", inclusive=True)


@dataclass(frozen=True)
class Site:
    """A location with its desks and their open shifts."""

    location_id: UUID
    slug: str
    currency: str
    desks: tuple[UUID, ...]
    shift_ids: tuple[UUID, ...]

    @property
    def desk(self) -> UUID:
        """The first desk."""
        return self.desks[0]


@dataclass(frozen=True)
class Colleague:
    """A member of staff and how they sign in."""

    id: UUID
    name: str
    role: Role
    pin: str
    email: str | None = None
    password: str | None = None


@dataclass(frozen=True)
class LineRequest:
    """A line of a ticket by the item's name in the world."""

    item: str
    quantity: int = 1
    credit: str = "auto"
    discount: Discount | None = None
    therapist_id: UUID | None = None
    exemption: Exemption | None = None


def line(
    item: str,
    quantity: int = 1,
    *,
    credit: str | UUID = "auto",
    discount: Discount | None = None,
    therapist: Colleague | None = None,
    exemption: Exemption | None = None,
) -> LineRequest:
    """Ask for an item: `line("trigger_60")`, `line("oil", 2)`, `line("trigger_60", credit="none")`."""
    return LineRequest(item, quantity, str(credit), discount, therapist.id if therapist else None, exemption)


@dataclass(frozen=True)
class Clinic:
    """The business: see the guide at the top of this file."""

    app: Flask
    usd: Site
    eur: Site
    items: dict[str, UUID]
    receptionist: Colleague
    therapist: Colleague
    manager: Colleague
    eur_receptionist: Colleague
    owner: Colleague
    bookkeeper: Colleague
    ana: UUID
    ben: UUID

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session of its own, never committed."""
        with self.app.app_context(), Session(engine()) as session:
            yield session

    def count(self, kind: type[Any]) -> int:
        """How many rows a table has."""
        with self.read() as session:
            return session.scalar(select(func.count()).select_from(kind)) or 0

    def write(self, conduct: Callable[[Session], T]) -> T:
        """Run something in one unit of work."""
        with self.app.app_context():
            return unit_of_work(conduct)()

    def wanted(self, *lines: LineRequest, tip: Tip | None = None, discount: Discount | None = None) -> CartRequest:
        """The content of a ticket, under fresh line keys."""
        rows = tuple(
            CartLineRequest(
                new_id(),
                self.items[row.item],
                row.quantity,
                row.therapist_id,
                row.credit,
                row.discount,
                exemption=row.exemption,
            )
            for row in lines
        )
        return CartRequest(rows, discount, tip)

    def due(self, wanted: CartRequest, *, client: UUID | None = None, desk: UUID | None = None) -> int:
        """What a ticket costs now, tip included, in minor units."""
        with self.read() as session:
            place = desk_place(session, desk or self.usd.desk).place
            return price_request(session, place, wanted, client_id=client, day=place.today()).due_minor

    def command(
        self,
        *lines: LineRequest,
        client: UUID | None = None,
        cash: int | None = None,
        tip: Tip | None = None,
        discount: Discount | None = None,
        site: Site | None = None,
        desk: UUID | None = None,
        sale_id: UUID | None = None,
    ) -> RingUpSale:
        """The command that sells `lines` for cash; exact cash unless `cash` says otherwise."""
        at = desk or (site or self.usd).desk
        wanted = self.wanted(*lines, tip=tip, discount=discount)
        return RingUpSale(
            sale_id=sale_id or new_id(),
            desk_id=at,
            staff_id=(self.receptionist if at in self.usd.desks else self.eur_receptionist).id,
            cash_tendered_minor=self.due(wanted, client=client, desk=at) if cash is None else cash,
            client_id=client,
            wanted=wanted,
        )

    def ring_up(self, command: RingUpSale) -> RungUp:
        """Ring up a command."""
        with self.app.app_context():
            return ring_up(command)

    def sell(
        self,
        *lines: LineRequest,
        client: UUID | None = None,
        cash: int | None = None,
        tip: Tip | None = None,
        discount: Discount | None = None,
        site: Site | None = None,
        desk: UUID | None = None,
        sale_id: UUID | None = None,
    ) -> RungUp:
        """Sell `lines` for cash, exact unless `cash` says otherwise."""
        return self.ring_up(
            self.command(
                *lines, client=client, cash=cash, tip=tip, discount=discount, site=site, desk=desk, sale_id=sale_id
            )
        )

    def buy(self, plan: str, client: UUID, *, site: Site | None = None) -> UUID:
        """Sell a package for exact cash; returns the key of its credit lot."""
        done = self.sell(line(plan), client=client, site=site)
        with self.read() as session:
            query = select(CreditLot.id).join(PurchasedPackage).where(PurchasedPackage.sale_id == done.sale_id)
            return session.scalars(query).one()

    def lot(self, lot_id: UUID) -> CreditLot:
        """A credit lot as it stands."""
        with self.read() as session:
            return session.get_one(CreditLot, lot_id)

    def postings(self, sale_id: UUID) -> dict[str, int]:
        """The journal entry of a sale: account key → signed minor units, debit positive."""
        with self.read() as session:
            rows = session.execute(
                select(Posting.account_key, Posting.amount_minor)
                .join(JournalEntry, JournalEntry.id == Posting.entry_id)
                .where(JournalEntry.subject_id == sale_id)
            )
            return {("cash_drawer" if key.startswith("cash_drawer:") else key): minor for key, minor in rows}

    def balance(self, site: Site, base: str) -> int:
        """The sum of all accounts of one meaning at a site (`package_liability`, `tax_payable`), debit positive."""
        with self.read() as session:
            rows = session.execute(
                select(Posting.account_key, Posting.amount_minor).where(Posting.location_id == site.location_id)
            )
            return sum(minor for key, minor in rows if key.partition(":")[0] == base)

    def desk_cookie(self, person: Colleague, desk: UUID | None = None) -> str:
        """Sign somebody in at a desk; returns the cookie's value."""
        at = desk or (self.eur if person is self.eur_receptionist else self.usd).desk
        return self.write(lambda s: staff.open_session(s, staff_id=person.id, face="register", desk_id=at))

    def office_cookie(self, person: Colleague) -> str:
        """Sign somebody in to the office; returns the cookie's value."""
        return self.write(lambda s: staff.open_session(s, staff_id=person.id, face="office"))
