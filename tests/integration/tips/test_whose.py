"""Every tip belongs to somebody: by the lines, by choice or in the pool; given back, moved, shared out and paid out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core.audit import AuditEvent
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NotFound,
)
from pos.core.ids import new_id
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Sale
from pos.domain.staff.models import StaffLocation
from pos.domain.till.shifts import MovementRequest
from pos.domain.tips.models import TipAllocation
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.cash_movements import record_movement
from pos.services.tips import (
    MoveTip,
    SharePool,
    move_tip,
    share_out,
)
from tests.conftest import NOON
from tests.integration.tips.conftest import owed, pooled
from tests.support.books import failing
from tests.support.clinic import Clinic, Colleague, line

TODAY = NOON.date()
FIFTEEN = Tip(percent=Decimal(15))


def give(books: Clinic, sale_id: UUID, tip: int) -> None:
    wanted = RefundChoice(sale_id, positions=(), tip_minor=tip)
    with books.app.app_context():
        refund(RefundCommand(new_id(), wanted, "Wrong tip", books.manager, books.usd.desk))


def pay(books: Clinic, to: UUID, minor: int) -> None:
    movement = MovementRequest(new_id(), "tip_paid_out", minor, "Friday", to)
    with books.app.app_context():
        record_movement(desk_id=books.usd.desk, staff_id=books.manager.id, wanted=movement)


def moving(books: Clinic, sale_id: UUID, from_id: UUID | None, to_id: UUID | None, minor: int) -> MoveTip:
    return MoveTip(new_id(), sale_id, from_id, to_id, minor, "Vera treated her", books.manager.id)


def sharing(books: Clinic, *among: UUID, shown: int, by_value: bool = False) -> SharePool:
    return SharePool(new_id(), books.usd.location_id, TODAY, frozenset(among), by_value, shown, books.manager.id)


def run(books: Clinic, command: MoveTip | SharePool) -> None:
    with books.app.app_context():
        if isinstance(command, MoveTip):
            move_tip(command)
        else:
            share_out(command)


def test_tip_without_therapist_goes_to_pool(books: Clinic) -> None:
    books.sell(line("trigger_60"), tip=FIFTEEN)
    assert (owed(books), pooled(books)) == ({}, [15_00])
    assert books.balance(books.usd, "tips_payable") == -15_00
    assert failing(books) == {}


def test_tip_of_two_therapists_is_split_by_price(books: Clinic, vera: Colleague) -> None:
    books.sell(line("trigger_60", therapist=books.therapist), line("foot_60", therapist=vera), tip=FIFTEEN)
    with books.read() as session:
        assert session.scalars(select(Sale.tip_minor)).one() == 26_25
    # 26.25 by 100.00 and 75.00
    assert (owed(books), pooled(books)) == ({books.therapist.id: 15_00, vera.id: 11_25}, [])
    assert failing(books) == {}


def test_tip_recipient_chosen_at_desk_gets_it(books: Clinic, vera: Colleague) -> None:
    books.sell(line("trigger_60"), tip=replace(FIFTEEN, staff_id=vera.id))
    assert owed(books) == {vera.id: 15_00}
    with pytest.raises(Invalid, match="does not work here"):
        books.sell(line("trigger_60"), tip=replace(FIFTEEN, staff_id=books.eur_receptionist.id))


def test_tip_absent_writes_no_allocation(books: Clinic) -> None:
    books.sell(line("trigger_60", therapist=books.therapist))
    with books.read() as session:
        assert session.scalars(select(TipAllocation)).all() == []


def test_tip_refunded_or_voided_is_taken_from_its_recipients(books: Clinic, vera: Colleague) -> None:
    both = line("trigger_60", therapist=books.therapist), line("foot_60", therapist=vera)
    first, second = (books.sell(*both, tip=FIFTEEN).sale_id for _ in range(2))
    give(books, first, 10_00)
    assert owed(books) == {books.therapist.id: 30_00 - 5_71, vera.id: 22_50 - 4_29}
    give(books, first, 16_25)
    assert owed(books) == {books.therapist.id: 15_00, vera.id: 11_25}
    with books.app.app_context():
        void_sale(VoidSale(new_id(), second, "Rung up twice", books.manager, books.usd.desk))
    assert (owed(books), books.balance(books.usd, "tips_payable")) == ({}, 0)
    assert failing(books) == {}


def test_tip_moved_with_reason_changes_recipient(books: Clinic, vera: Colleague) -> None:
    theo = books.therapist.id
    sale_id = books.sell(line("trigger_60", therapist=books.therapist), tip=FIFTEEN).sale_id
    entry = books.postings(sale_id)
    moved = moving(books, sale_id, theo, vera.id, 10_00)
    for _ in range(2):
        run(books, moved)
    assert owed(books) == {theo: 5_00, vera.id: 10_00}
    run(books, moving(books, sale_id, theo, None, 5_00))
    assert (owed(books), pooled(books)) == ({vera.id: 10_00}, [5_00])
    with pytest.raises(AlreadyUsedKey):
        run(books, replace(moved, amount_minor=1_00))
    for wrong, field in (
        (moving(books, sale_id, theo, vera.id, 1), "amount"),
        (moving(books, sale_id, vera.id, theo, 0), "amount"),
        (moving(books, sale_id, vera.id, vera.id, 1), "to"),
        (moving(books, sale_id, vera.id, books.eur_receptionist.id, 1), "to"),
        (replace(moving(books, sale_id, vera.id, theo, 1), reason=" "), "reason"),
    ):
        with pytest.raises((Invalid, Conflict)) as refused:
            run(books, wrong)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        run(books, moving(books, new_id(), theo, vera.id, 1))
    # What is given back afterwards comes from those who have it now.
    give(books, sale_id, 15_00)
    assert (owed(books), pooled(books)) == ({}, [])
    assert books.postings(sale_id) == entry
    assert failing(books) == {}
    with books.read() as session:
        notes = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "tips.moved").order_by(AuditEvent.at)
        ).all()
    assert [(note.actor_id, note.detail["reason"]) for note in notes] == [(books.manager.id, "Vera treated her")] * 2


def test_tip_pool_is_shared_out_once(books: Clinic, vera: Colleague) -> None:
    theo = books.therapist.id
    sale_id = books.sell(line("trigger_60"), tip=FIFTEEN).sale_id
    books.sell(line("trigger_60", therapist=books.therapist), line("foot_60", therapist=vera))
    with pytest.raises(Conflict, match="has changed"):
        run(books, sharing(books, theo, shown=14_00))
    with pytest.raises(Invalid, match="works here"):
        run(books, sharing(books, books.eur_receptionist.id, shown=15_00))
    with pytest.raises(Invalid, match="who shares"):
        run(books, sharing(books, shown=15_00))
    shared = sharing(books, theo, vera.id, shown=15_00, by_value=True)
    for _ in range(2):
        run(books, shared)
    assert (owed(books), pooled(books)) == ({theo: 8_57, vera.id: 6_43}, [])
    with pytest.raises(Conflict, match="nothing in the pool"):
        run(books, sharing(books, theo, shown=0))
    # Given back after it was shared: the pool is owed it, and sharing again takes it from the same people.
    give(books, sale_id, 15_00)
    assert pooled(books) == [-15_00]
    assert failing(books) == {}
    run(books, replace(shared, action_id=new_id(), expected_minor=-15_00))
    assert (owed(books), pooled(books)) == ({}, [])
    assert failing(books) == {}


def test_tip_payout_above_owed_is_refused(books: Clinic, vera: Colleague) -> None:
    books.sell(line("trigger_60", therapist=books.therapist), tip=FIFTEEN)
    with pytest.raises(Invalid, match=r"Only 0\.00 USD"):
        pay(books, vera.id, 1)
    with pytest.raises(Invalid, match=r"Only 15\.00 USD"):
        pay(books, books.therapist.id, 15_01)
    pay(books, books.therapist.id, 15_00)
    assert owed(books) == {}
    with pytest.raises(Invalid, match=r"Only 0\.00 USD"):
        pay(books, books.therapist.id, 1)
    assert failing(books) == {}


def test_tip_payout_to_former_staff_is_paid(books: Clinic, vera: Colleague) -> None:
    books.sell(line("trigger_60", therapist=vera), tip=FIFTEEN)
    books.write(
        lambda s: [s.delete(row) for row in s.scalars(select(StaffLocation).where(StaffLocation.staff_id == vera.id))]
    )
    pay(books, vera.id, 15_00)
    assert owed(books) == {}


@pytest.mark.parametrize("paid_out", [False, True])
def test_tip_move_of_pool_already_shared_out_is_refused(books: Clinic, vera: Colleague, paid_out: bool) -> None:
    theo = books.therapist.id
    sale_id = books.sell(line("trigger_60"), tip=FIFTEEN).sale_id
    run(books, sharing(books, theo, vera.id, shown=15_00))
    if paid_out:
        pay(books, vera.id, 7_50)
        pay(books, theo, 7_50)
    before = owed(books)
    with pytest.raises(Conflict, match=r"shared out: only 0\.00 of this tip is left") as refused:
        run(books, moving(books, sale_id, None, vera.id, 15_00))
    assert (refused.value.status, refused.value.field) == (409, "amount")
    assert (owed(books), pooled(books)) == (before, [])
    # Of a later tip of that date only what is in the pool can be moved.
    books.sell(line("trigger_60"), tip=Tip(amount_minor=4_00))
    with pytest.raises(Conflict, match=r"only 4\.00 of this tip is left"):
        run(books, moving(books, sale_id, None, vera.id, 4_01))
    run(books, moving(books, sale_id, None, vera.id, 4_00))
    assert pooled(books) == []
    assert failing(books) == {}


def test_tip_move_of_tip_already_paid_out_is_refused(books: Clinic, vera: Colleague) -> None:
    theo = books.therapist.id
    sale_id = books.sell(line("trigger_60", therapist=books.therapist), tip=FIFTEEN).sale_id
    pay(books, theo, 10_00)
    with pytest.raises(Conflict, match=r"paid out to them: only 5\.00 of this tip is still owed"):
        run(books, moving(books, sale_id, theo, vera.id, 15_00))
    run(books, moving(books, sale_id, theo, vera.id, 5_00))
    assert (owed(books), failing(books)) == ({vera.id: 5_00}, {})


def test_tip_refunded_after_pool_payout_is_deducted_from_next_tips(books: Clinic, vera: Colleague) -> None:
    theo = books.therapist.id
    sale_id = books.sell(line("trigger_60"), tip=FIFTEEN).sale_id
    run(books, sharing(books, theo, vera.id, shown=15_00))
    pay(books, vera.id, 7_50)
    give(books, sale_id, 15_00)
    assert (owed(books), pooled(books), failing(books)) == ({theo: 7_50}, [-15_00], {})
    run(books, sharing(books, theo, vera.id, shown=-15_00))
    assert (owed(books), pooled(books), failing(books)) == ({vera.id: -7_50}, [], {})
    books.sell(line("trigger_60", therapist=vera), tip=FIFTEEN)
    assert (owed(books), failing(books)) == ({vera.id: 7_50}, {})
    with pytest.raises(Invalid, match=r"Only 7\.50"):
        pay(books, vera.id, 7_51)
