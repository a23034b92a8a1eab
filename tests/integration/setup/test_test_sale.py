"""A test sale: real entries that come to nothing, papers marked and numbered apart, nothing frozen by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, NeedsApproval, NotFound
from pos.core.ids import new_id
from pos.domain.ledger.models import Closing, JournalEntry, Posting
from pos.domain.locations.queries import Place, desks, place, places
from pos.domain.receipts import credit_notes
from pos.domain.receipts import repository as receipts
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.staff.limit_rules import Limit, Limits
from pos.domain.staff.models import Staff
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person
from pos.domain.staff.role_limits import set_limits
from pos.domain.till.models import Shift, ZReport
from pos.reports.period import Scope
from pos.reports.sales.sales_totals import by_day, totals
from pos.reports.verify import verify
from pos.services.checkout.ring_up import RingUpSale, RungUp, ring_up
from pos.services.locations.location_facts import facts_of
from pos.services.locations.locations import edit_location, is_frozen
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.setup.answers import read_answers
from pos.services.setup.open_clinic import open_clinic
from pos.services.setup.test_sale import MadeTestSale, items_to_sell, make_test_sale
from pos.services.till.close_period import close_periods
from pos.services.till.shifts import close_shift, open_shift
from tests.support.setup_answers import example

pytestmark = pytest.mark.usefixtures("frozen")


class Opened:
    """A clinic that was just set up, and its owner."""

    def __init__(self) -> None:
        given, staff = example()
        owner_id = open_clinic(read_answers(given | {"tax_service": "8"}, staff))
        [self.place] = places(reading())
        self.desk_id = desks(reading(), self.place.id)[0].id
        self.owner = Person(owner_id, "Ruth Okafor", Role.OWNER, frozenset({self.place.id}))
        self.item_id = items_to_sell(reading(), self.place)[0].item_id

    def test(self, sale_id: UUID | None = None) -> MadeTestSale:
        return make_test_sale(
            sale_id=sale_id or new_id(), desk_id=self.desk_id, item_id=self.item_id, person=self.owner
        )

    def sell(self, cash_minor: int = 60_00, *, is_test: bool = False) -> RungUp:
        line = CartLineRequest(line_id=new_id(), item_id=self.item_id)
        wanted = CartRequest((line,))
        return ring_up(RingUpSale(new_id(), self.desk_id, self.owner.id, cash_minor, wanted=wanted, is_test=is_test))

    def now(self) -> Place:
        return place(reading(), self.place.id)


@pytest.fixture
def opened(context: Flask) -> Opened:
    return Opened()


def failing() -> list[str]:
    return [result.key for result in verify(reading()) if not result.holds]


def count(model: type) -> int:
    return reading().scalar(select(func.count()).select_from(model)) or 0


def test_test_sale_is_marked_voided_and_numbered_apart(opened: Opened) -> None:
    sale_id = new_id()
    made = opened.test(sale_id)
    assert (made.receipt, made.note, made.z_number) == ("TEST-RIV-000001", "TEST-RIV-CN-000001", 1)
    receipt, note = receipts.of_sale(reading(), sale_id), credit_notes.of_refund(reading(), made.refund_id)
    assert {one.document["watermark"] for one in (receipt, note)} == {"TEST – not a sale"}
    z = reading().scalars(select(ZReport)).one().document
    assert (z["sales"], z["total_minor"], z["tests"]) == (1, 59_40, {"count": 1, "minor": 59_40})
    assert (z["receipts"]["count"], z["running_minor"]) == (0, 0)
    assert z["tax_id"] == ""  # no number, so nothing of its name
    assert [(one["event"], one["minor"]) for one in z["corrections"]] == [("void", 59_40)]
    sums = reading().execute(select(Posting.account_key, func.sum(Posting.amount_minor)).group_by(Posting.account_key))
    assert {minor for _, minor in sums} == {0}
    assert opened.test(sale_id).receipt == made.receipt
    assert opened.test().receipt == "TEST-RIV-000002"
    assert (count(ZReport), count(JournalEntry), failing()) == (2, 4, [])


def test_test_sale_in_open_drawer_leaves_it_open_and_first_receipt_is_number_one(opened: Opened) -> None:
    open_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, float_minor=50_00)
    assert opened.test().z_number is None
    sold = opened.sell()
    assert sold.receipt_label == "RIV-000001"
    state = void_sale(VoidSale(new_id(), sold.sale_id, "Wrong client", opened.owner, opened.desk_id))
    assert credit_notes.of_refund(reading(), state.refund_id).label == "RIV-CN-000001"
    closed = close_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, counted_minor=50_00, left_minor=50_00)
    assert (closed.expected_minor, closed.over_short_minor) == (50_00, 0)
    scope = Scope((opened.place,), opened.place.today(), opened.place.today())
    (figures,) = totals(scope, by_day(reading(), scope))
    assert (figures.sales, figures.takings_minor, figures.back) == (2, 118_80, {"cash": 118_80})
    with pytest.raises(Conflict):
        opened.test()
    assert failing() == []


def test_test_sale_freezes_nothing_and_first_sale_does(opened: Opened) -> None:
    opened.test()
    before = facts_of(opened.now())
    corrected = replace(before, currency="EUR", receipt_prefix="HBR", tax_inclusive=True, time_zone="Europe/Berlin")
    edit_location(location_id=opened.place.id, facts=corrected, seen=before.state_token, person=opened.owner)
    made = opened.test()
    assert made.receipt == "TEST-HBR-000002"
    assert receipts.of_sale(reading(), made.sale_id).document["totals"][-1]["amount"].startswith("€")
    with clock.at(clock.now() + timedelta(days=2)):
        assert close_periods(opened.place.id)[0]
        assert set(reading().scalars(select(Closing.running_minor))) == {0}
        assert failing() == []
        open_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, float_minor=0)
        assert is_frozen(reading(), opened.place.id)
        assert opened.sell(55_00).receipt_label == "HBR-000001"
        facts = facts_of(opened.now())
        wanted = replace(facts, currency="USD")
        with pytest.raises(Invalid) as refused:
            edit_location(location_id=opened.place.id, facts=wanted, seen=facts.state_token, person=opened.owner)
        assert refused.value.field == "currency"
        assert failing() == []


def test_test_sale_keeps_what_lies_in_the_drawer(opened: Opened) -> None:
    open_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, float_minor=80_00)
    close_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, counted_minor=80_00, left_minor=80_00)
    assert opened.test().z_number == 2
    last = reading().scalars(select(Shift).order_by(Shift.opened_at.desc(), Shift.id.desc())).first()
    assert last is not None
    assert (last.float_minor, last.left_minor, last.state) == (80_00, 80_00, "closed")
    assert failing() == []


def test_test_sale_of_nothing_or_elsewhere_is_refused(opened: Opened) -> None:
    with pytest.raises(Invalid) as refused:
        make_test_sale(sale_id=new_id(), desk_id=opened.desk_id, item_id=new_id(), person=opened.owner)
    assert refused.value.field == "item"
    stranger = replace(opened.owner, locations=frozenset())
    with pytest.raises(NotFound):
        make_test_sale(sale_id=new_id(), desk_id=opened.desk_id, item_id=opened.item_id, person=stranger)
    assert (count(Shift), count(JournalEntry)) == (0, 0)


def test_test_sale_by_manager_whose_role_voids_nothing_alone_is_made(opened: Opened) -> None:
    def limit(session: Session) -> None:
        nothing = Limits({Limit.VOID: 0, Limit.DIFFERENCE: 0, Limit.CASH_REFUND: 0, Limit.REFUND: 0})
        set_limits(session, opened.place.id, Role.MANAGER, nothing)
        session.get_one(Staff, opened.owner.id).role = "manager"

    unit_of_work(limit)()
    opened.owner = replace(opened.owner, role=Role.MANAGER)
    assert (opened.test().note, failing()) == ("TEST-RIV-CN-000001", [])
    # What was really sold asks as before.
    open_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, float_minor=0)
    sold = opened.sell(59_40)
    with pytest.raises(NeedsApproval):
        void_sale(VoidSale(new_id(), sold.sale_id, "Wrong client", opened.owner, opened.desk_id))


def test_verify_finds_a_test_sale_that_was_not_voided(opened: Opened) -> None:
    open_shift(desk_id=opened.desk_id, staff_id=opened.owner.id, float_minor=0)
    unit_of_work(lambda session: receipts.ensure_series(session, opened.place.id, receipts.TEST_SERIES))()
    opened.sell(59_40, is_test=True)
    assert failing() == ["test_sales"]
