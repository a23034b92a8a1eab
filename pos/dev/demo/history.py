"""Weeks of believable trade for the demo, made the only way sales are made: through the use cases.

Card payments go through the simulator like every other; the history therefore verifies like a real one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from urllib.request import Request, urlopen
from uuid import UUID

from pos.core import clock
from pos.core.database.base import db, reading
from pos.core.ids import new_id
from pos.dev.demo.clinic import DemoClinic
from pos.dev.demo.everyday import Everyday, bring_older_credits, move_at_stripe
from pos.domain.catalogue.queries import Menu, Picked, menu
from pos.domain.credits.queries import lots_of
from pos.domain.locations.queries import DeskPlace, Place, desk_place
from pos.domain.payments.repository import reader_of
from pos.domain.sales.carts import CartLineRequest, CartRequest, Tip
from pos.domain.staff.models import Staff
from pos.domain.staff.queries import by_key, therapists
from pos.domain.till.shifts import current_shift
from pos.services.checkout.cart import open_ticket
from pos.services.checkout.place_order import ChargeTicket
from pos.services.checkout.ring_up import RingUpSale, ring_up
from pos.services.payments.terminal_payment import charge_at_desk, refresh_at_desk
from pos.services.till.shifts import close_shift, expected_in, open_shift

WEEKS = 7
FLOAT_MINOR = 15_000
NOTE_MINOR = 2_000


def notes_for(due_minor: int) -> int:
    """The cash a client hands over: the due rounded up to whole notes of 20, minor units."""
    return -(-due_minor // NOTE_MINOR) * NOTE_MINOR


def evening_count(expected_minor: int, chance: random.Random) -> tuple[int, int]:
    """What is counted in the evening and what stays in the drawer; now and then a coin is missing, minor units.

    A drawer that took no cash may hold less than the float when a coin is missing: then all of it stays.
    """
    counted = max(0, expected_minor + chance.choices([0, -100, 50, -500], [20, 1, 1, 1])[0])
    return counted, min(FLOAT_MINOR, counted)


def this_morning(place: Place) -> datetime:
    """Two hours ago, but not before the business day of now began: soon after the cut-off that is still yesterday."""
    began = datetime.combine(place.today(), time(place.cutoff_hour), clock.zone(place.time_zone))
    return max(clock.now() - timedelta(hours=2), began)


@dataclass
class _Desk:
    desk: DeskPlace
    staff_id: UUID
    reader_id: str
    menu: Menu
    therapists: list[UUID]


def _tap(api_base: str, reader_id: str) -> None:
    """The client holds a card to the simulated reader."""
    with urlopen(Request(f"{api_base}/_sim/readers/{reader_id}/tap", method="POST"), timeout=10):  # noqa: S310 - loopback
        pass


def _desk(desk_id: UUID, receptionist: str) -> _Desk:
    session = reading()
    desk = desk_place(session, desk_id)
    staff_id = session.query(Staff.id).filter(Staff.name == receptionist).scalar()
    return _Desk(
        desk,
        staff_id,
        reader_of(session, desk_id).stripe_reader_id,
        menu(session, desk.place, desk.place.today()),
        [therapist for therapist, _, _ in therapists(session, desk.place.id)],
    )


class _Trade:
    """One desk's trade, drawn from a seeded chance."""

    def __init__(self, where: _Desk, chance: random.Random, api_base: str, beside: Everyday | None = None) -> None:
        self.where, self.chance, self.api_base, self.beside = where, chance, api_base, beside
        self.float_minor = FLOAT_MINOR

    def _line(self, item: Picked) -> CartLineRequest:
        therapist = self.chance.choice(self.where.therapists) if item.kind in ("variant", "add_on") else None
        return CartLineRequest(new_id(), item.item_id, therapist_id=therapist)

    def _variant(self, minutes: int | None = None) -> Picked:
        weights = [5, 3, 2, 1, 1, 1][: len(self.where.menu.services)]
        group = self.chance.choices(self.where.menu.services, weights)[0]
        sizes = [v for v in group.variants if minutes is None or v.minutes == minutes] or list(group.variants)
        return self.chance.choice(sizes)

    def _single(self) -> Picked:
        return next(v for v in self.where.menu.services[0].variants if v.minutes == 60)

    def visit(self, client_id: UUID) -> None:
        """One client at the desk: a credit used, a package bought, or a treatment paid."""
        chance, session = self.chance, reading()
        lots = [lot for lot in lots_of(session, client_id, self.where.desk.place.id) if lot.remaining]
        lines: list[CartLineRequest]
        if lots and chance.random() < 0.8:
            lines = [self._line(self._single())]
        elif chance.random() < 0.22:
            lines = [self._line(chance.choices(self.where.menu.packages, [3, 3, 1, 4, 1])[0])]
        else:
            lines = [self._line(self._variant())]
        bought = lines[0].item_id in {p.item_id for p in self.where.menu.packages}
        if not bought and chance.random() < 0.35:
            lines.append(self._line(chance.choice(self.where.menu.add_ons)))
        if chance.random() < 0.06:
            lines.append(self._line(chance.choice(self.where.menu.retail)))
        tip = None
        if not bought and self.where.desk.place.currency == "USD" and chance.random() < 0.4:
            tip = Tip(percent=chance.choice([Decimal(10), Decimal(15), Decimal(20)]))
        wanted = CartRequest(tuple(lines), tip=tip)
        if self.beside and not bought:
            wanted = self.beside.with_reduction(wanted, client_id)
        self._pay(client_id, wanted)

    def _pay(self, client_id: UUID | None, wanted: CartRequest) -> None:
        desk_id, staff_id = self.where.desk.id, self.where.staff_id
        by_cash = self.chance.random() < 0.45
        state = open_ticket(ticket_id=new_id(), desk_id=desk_id, staff_id=staff_id, client_id=client_id, wanted=wanted)
        due_minor = state.priced.rest_minor
        if by_cash or not due_minor:
            cash = notes_for(due_minor)
            ring_up(RingUpSale(new_id(), desk_id, staff_id, cash_tendered_minor=cash, ticket_id=state.ticket_id))
            return
        payment = charge_at_desk(ChargeTicket(new_id(), desk_id, staff_id, state.ticket_id))
        _tap(self.api_base, self.where.reader_id)
        refresh_at_desk(payment.order_id)

    def serve_first_guest(self, client_id: UUID) -> None:
        """See that the client the demo's first steps ask for owns sessions and a plain package beside them."""
        by_credits = {p.plan.credits: p for p in self.where.menu.packages if p.plan is not None}
        for credits in (10, 3):
            if not any(lot.quantity == credits for lot in lots_of(reading(), client_id, self.where.desk.place.id)):
                self._pay(client_id, CartRequest((self._line(by_credits[credits]),)))
        self._pay(client_id, CartRequest((self._line(self._single()),)))

    def day(self, day: date, visits: int, clients: tuple[UUID, ...]) -> None:
        """Open the drawer in the morning, serve, close it in the evening; now and then a coin is missing."""
        desk, zone = self.where.desk, clock.zone(self.where.desk.place.time_zone)
        morning = datetime.combine(day, time(8, 50), zone)
        with clock.at(morning):
            self.open_drawer()
        minutes = sorted(self.chance.sample(range(15, 560, 5), visits))
        for minute in minutes:
            with clock.at(morning + timedelta(minutes=minute)):
                self.visit(self.chance.choice(clients))
                db.session.remove()
        if self.beside:
            with clock.at(morning + timedelta(minutes=580)):
                if gift := self.beside.gift():
                    self._pay(None, gift)
                self.beside.at_the_drawer()
                self.beside.before_closing()
                db.session.remove()
        with clock.at(morning + timedelta(minutes=600)):
            shift = current_shift(reading(), desk.id)
            assert shift is not None
            counted, left = evening_count(expected_in(reading(), shift), self.chance)
            close_shift(desk_id=desk.id, staff_id=self.where.staff_id, counted_minor=counted, left_minor=left)
        # An empty drawer is filled from the bank in the morning.
        self.float_minor = left or FLOAT_MINOR

    def open_drawer(self) -> None:
        """Open the drawer with what the evening before left in it."""
        open_shift(desk_id=self.where.desk.id, staff_id=self.where.staff_id, float_minor=self.float_minor)


def live(clinic: DemoClinic, *, api_base: str, progress: Callable[[int, int], None], weeks: int = WEEKS) -> None:
    """Let the clinics trade for `weeks` until yesterday and open this morning; `progress` hears days done and days to do."""
    chance = random.Random(7)
    where = _desk(clinic.desks[0], "Ana Ruiz")
    manager = by_key(reading(), reading().query(Staff.id).filter(Staff.name == "Maya Chen").scalar())
    beside = Everyday(where.desk, where.staff_id, manager, random.Random(11))
    maple = _Trade(where, chance, api_base, beside)
    beside.before_all(where.desk.place.today() - timedelta(days=weeks * 7))
    linden = _Trade(_desk(clinic.desks[2], "Tom Becker"), chance, api_base)
    # Each location has its own today: in the evening of New York it is the next day in Berlin.
    for done, back in enumerate(range(weeks * 7, 0, -1)):
        progress(done, weeks * 7)
        day = maple.where.desk.place.today() - timedelta(days=back)
        if day.weekday() < 6:
            maple.day(day, chance.randint(5, 9), clinic.clients[:60])
        day = linden.where.desk.place.today() - timedelta(days=back)
        if day.weekday() < 5:
            linden.day(day, chance.randint(2, 4), clinic.clients[60:])
    for trade in (maple, linden):
        with clock.at(this_morning(trade.where.desk.place)):
            trade.open_drawer()
    with clock.at(this_morning(maple.where.desk.place)):
        bring_older_credits(where.desk, manager.id)
        maple.serve_first_guest(clinic.clients[0])
    move_at_stripe(api_base)
    progress(weeks * 7, weeks * 7)
