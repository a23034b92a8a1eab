"""A test sale: one item for cash at a desk's own drawer, marked, and voided in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.base import reading
from pos.core.database.unit_of_work import run_within, unit_of_work
from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.ids import new_id
from pos.core.messages.general import NO_SUCH_LOCATION
from pos.core.messages.installation import NO_TEST_AFTER_SALES, TEST_ITEM_MISSING
from pos.core.messages.sales import NO_SUCH_SALE
from pos.domain.catalogue.queries import menu
from pos.domain.catalogue.services_and_items import KINDS
from pos.domain.locations.models import Location
from pos.domain.locations.queries import Place, desk_place
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.refunds import repository as refunds
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.staff.queries import Person
from pos.domain.till.shifts import current_shift, drawer_of, left_in
from pos.services.checkout.price_cart import price_request
from pos.services.checkout.ring_up import RingUpSale, RungUp, ring_up
from pos.services.refunds.void_sale import VoidSale, void_sale_within
from pos.services.till.shifts import ShiftClosed, count_and_close, open_shift

REASON = "Test sale"


@dataclass(frozen=True)
class ItemToSell:
    """What a test sale may sell: it costs something here today."""

    item_id: UUID
    name: str
    price_minor: int


@dataclass(frozen=True)
class MadeTestSale:
    """A test sale that was made: its papers, and the Z report where the drawer was opened and closed for it."""

    sale_id: UUID
    refund_id: UUID
    receipt: str
    note: str
    z_number: int | None = None


def items_to_sell(session: Session, place: Place) -> list[ItemToSell]:
    """What can be sold as a test at a location, in the order of the register."""
    found = menu(session, place, place.today()).all()
    return [
        ItemToSell(one.item_id, one.name, one.price_minor) for one in found if one.kind in KINDS and one.price_minor
    ]


@unit_of_work
def make_test_sale(session: Session, *, sale_id: UUID, desk_id: UUID, item_id: UUID, person: Person) -> MadeTestSale:
    """Sell one item for its exact price in cash, and void it: real entries, papers and a Z that come to nothing.

    A drawer that is closed is opened with what lies in it and closed again. The same key again answers the same. Raises
    NotFound, Invalid naming the field, Conflict where something was sold at the location already.
    """
    desk = desk_place(session, desk_id)
    place = desk.place
    if place.id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    # Nobody changes the currency or the prefix meanwhile, or begins the series of tests.
    session.execute(select(Location.id).where(Location.id == place.id).with_for_update())
    if voided := refunds.of_sale(session, sale_id):
        return _made(session, sale_id, voided[0].id)
    if receipts.was_ever_sold(session, place.id):
        raise Conflict(NO_TEST_AFTER_SALES)
    if item_id not in {one.item_id for one in items_to_sell(session, place)}:
        raise Invalid(TEST_ITEM_MISSING, field="item")
    receipts.ensure_series(session, place.id, receipts.TEST_SERIES)
    was_open = current_shift(session, desk_id) is not None
    left = 0 if was_open else left_in(session, drawer_of(session, desk).id)
    if not was_open:
        run_within(session, open_shift, desk_id=desk_id, staff_id=person.id, float_minor=left, confirmed_minor=left)
    wanted = CartRequest(lines=(CartLineRequest(line_id=new_id(), item_id=item_id),))
    due = price_request(session, place, wanted, client_id=None, day=place.today()).due_minor
    command = RingUpSale(
        sale_id=sale_id, desk_id=desk_id, staff_id=person.id, cash_tendered_minor=due, wanted=wanted,
        confirmed_cash_minor=due, is_test=True,
    )  # fmt: skip
    rung_up: RungUp = run_within(session, ring_up, command)
    refund_id = new_id()
    void_sale_within(session, VoidSale(refund_id, rung_up.sale_id, REASON, person, desk_id, is_test=True))
    z_number = None
    if not was_open:
        closed: ShiftClosed = run_within(
            session, count_and_close, desk_id=desk_id, staff_id=person.id, counted_minor=left, counts=None,
            left_minor=left, note="", approval_id=None, confirmed_minor=left,
        )  # fmt: skip
        z_number = closed.z_number
    audit.note(session, "sale.tested", actor_id=person.id, location_id=place.id, subject_id=sale_id)
    return _made(session, sale_id, refund_id, z_number)


def _made(session: Session, sale_id: UUID, refund_id: UUID, z_number: int | None = None) -> MadeTestSale:
    receipt, note = receipts.of_sale(session, sale_id), credit_notes.of_refund(session, refund_id)
    return MadeTestSale(sale_id, refund_id, receipt.label, note.label, z_number)


def made_test_sale(sale_id: UUID, location_ids: frozenset[UUID]) -> MadeTestSale:
    """A test sale of one of some locations; raises NotFound for any other sale."""
    session = reading()
    receipt = receipts.of_sale(session, sale_id)
    voided = refunds.of_sale(session, sale_id)
    if receipt.series != receipts.TEST_SERIES or receipt.location_id not in location_ids or not voided:
        raise NotFound(NO_SUCH_SALE)
    return _made(session, sale_id, voided[0].id)
