"""Cash that is not in the drawer does not leave it, whichever way: each refusal says what is there and what to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.sales.carts import Tip
from pos.domain.till.shifts import MovementRequest, current_shift
from pos.services.refunds.status import RefundState
from pos.services.stored_value.gift_cards import PaidOut, cash_out
from pos.services.till.cash_movements import record_movement
from pos.services.till.shifts import expected_in
from tests.integration.refunds.conftest import Desk
from tests.integration.stored_value.test_at_the_desk import terms
from tests.support.barrier import race
from tests.support.books import book_floats, failing
from tests.support.cards import CARDS, take_cards
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import by_card, content, pay, sell_card


@pytest.fixture
def desk(clinic: Clinic) -> Desk:
    return Desk(book_floats(clinic))


def drop(world: Clinic, minor: int, *, desk: UUID | None = None) -> None:
    with world.app.app_context():
        record_movement(
            desk_id=desk or world.usd.desk,
            staff_id=world.manager.id,
            wanted=MovementRequest(new_id(), "drop", minor, "To the safe"),
        )


def in_drawer(world: Clinic, desk: UUID | None = None) -> int:
    with world.read() as session:
        shift = current_shift(session, desk or world.usd.desk)
        assert shift is not None
        return expected_in(session, shift)


def refused(action: Any) -> Conflict:
    with pytest.raises(Conflict) as refusal:
        action()
    assert refusal.value.extra["why"] == "not_enough_cash"
    return refusal.value


def test_refund_in_cash_above_drawer_is_refused(desk: Desk) -> None:
    """The issue's figures: 972.00 taken on a float of 100.00, 1,000.00 dropped; the drawer stood at −800.00 afterwards."""
    clinic = desk.clinic
    sold = clinic.sell(line("ten"), client=clinic.ana).sale_id
    drop(clinic, 1000_00)
    no = refused(lambda: desk.refund(sold, package_id=desk.package(sold)))
    assert no.sentence.startswith("There is 72.00 USD in the drawer, and 972.00 would have to come out of it.")
    assert "Pay cash in first, or give it back at another desk." in no.sentence
    assert in_drawer(clinic) == 72_00
    assert desk.found(sold).packages[0].left == 10
    with clinic.app.app_context():
        record_movement(
            desk_id=clinic.usd.desk,
            staff_id=clinic.manager.id,
            wanted=MovementRequest(new_id(), "paid_in", 900_00, "Bank"),
        )
    assert desk.refund(sold, package_id=desk.package(sold)).state == "paid_back"
    assert in_drawer(clinic) == 0
    assert failing(clinic) == {}


def test_void_of_cash_sale_above_drawer_is_refused(desk: Desk) -> None:
    clinic = desk.clinic
    sold = clinic.sell(line("trigger_60")).sale_id
    drop(clinic, 200_00)
    no = refused(lambda: desk.void(sold))
    assert no.sentence.startswith("There is 8.00 USD in the drawer, and 108.00 would")
    drop(clinic, 8_00)
    assert in_drawer(clinic) == 0
    assert "There is 0.00 USD" in refused(lambda: desk.void(sold)).sentence
    assert failing(clinic) == {}


def test_cash_sale_change_above_drawer_is_refused(desk: Desk) -> None:
    clinic = desk.clinic
    drop(clinic, 60_00)
    no = refused(lambda: clinic.sell(line("trigger_60"), cash=150_00))
    assert no.sentence.startswith("There is 40.00 USD in the drawer, and 42.00 would")
    assert "smaller note" in no.sentence
    assert clinic.sell(line("trigger_60"), cash=148_00).change_minor == 40_00
    assert in_drawer(clinic) == 148_00


@CARDS
def test_refund_failed_on_card_paid_in_cash_above_drawer_is_refused(desk: Desk) -> None:
    clinic = desk.clinic
    with take_cards(clinic) as till:
        waiting = till.charge(till.command(till.ticket(line("ten"), client=clinic.ana)))
        till.tap()
        assert till.look(waiting.order_id).state == "succeeded"
        sold = waiting.order_id
        done = desk.refund(sold, package_id=desk.package(sold), office=True)
        at_stripe = str(till.stripe.simulator.world.store.all("refund")[0]["id"])
        till.stripe.press(f"refunds/{at_stripe}/fail", reason="expired_or_canceled_card")
        assert desk.news(at_stripe)
        (part,) = done.parts
        no = refused(lambda: desk.another_way(part.part_id, "cash"))
    assert no.sentence.startswith("There is 100.00 USD in the drawer, and 972.00 would")
    assert in_drawer(clinic) == 100_00


@pytest.mark.parametrize("guarded", [True, False])
def test_refund_in_cash_two_at_once_only_one_fits_drawer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The drawer holds enough for one of them. With what was counted before the lock both are paid."""
    clinic = desk.clinic
    sales = [clinic.sell(line("trigger_60")).sale_id for _ in range(2)]
    drop(clinic, 200_00)
    commands = [desk.command(sale_id) for sale_id in sales]
    if not guarded:
        there = in_drawer(clinic)
        monkeypatch.setattr("pos.services.till.shifts.expected_in", lambda *_: there)
    outcomes = race(*(lambda command=command: desk.run(command) for command in commands))
    assert len([one for one in outcomes if isinstance(one, RefundState)]) == (1 if guarded else 2)
    assert in_drawer(clinic) == (8_00 if guarded else -100_00)
    if guarded:
        (no,) = [one for one in outcomes if isinstance(one, Conflict)]
        assert no.sentence.startswith("There is 8.00 USD in the drawer")


@pytest.mark.parametrize("kind", ["paid_out", "drop", "tip_paid_out"])
def test_movement_out_above_drawer_is_refused(desk: Desk, kind: str) -> None:
    """Also a tip that is owed: a drop has emptied the drawer since."""
    clinic = desk.clinic
    clinic.sell(line("trigger_60"), tip=Tip(amount_minor=30_00, staff_id=clinic.therapist.id))
    drop(clinic, 238_00 - 29_99)
    recipient = clinic.therapist.id if kind == "tip_paid_out" else None

    def move() -> None:
        with clinic.app.app_context():
            record_movement(
                desk_id=clinic.usd.desk,
                staff_id=clinic.manager.id,
                wanted=MovementRequest(new_id(), kind, 30_00, "Asked for", recipient),
            )

    assert refused(move).sentence.startswith("There is 29.99 USD in the drawer, and 30.00 would")
    assert in_drawer(clinic) == 29_99
    assert failing(clinic) == {}


def test_gift_card_paid_out_rounded_above_drawer_is_refused(desk: Desk) -> None:
    """8.03 on the card is 8.05 in coins: a drawer that holds 8.04 does not give it."""
    clinic = desk.clinic
    clinic.write(lambda s: setattr(s.get_one(Location, clinic.usd.location_id), "cash_rounding", "5"))
    card = sell_card(clinic, 50_00)
    terms(clinic, cash_out_minor=10_00)
    pay(clinic, content(clinic, line("foot_30"), stored=(by_card(card.card_id, 41_97),)), cash=6_65)
    drop(clinic, in_drawer(clinic) - 8_04)

    def pay_out() -> PaidOut:
        with clinic.app.app_context():
            return cash_out(
                card_id=card.card_id, action_id=new_id(), desk_id=clinic.usd.desk, staff_id=clinic.manager.id
            )

    assert refused(pay_out).sentence.startswith("There is 8.04 USD in the drawer, and 8.05 would")
    with clinic.app.app_context():
        record_movement(
            desk_id=clinic.usd.desk,
            staff_id=clinic.manager.id,
            wanted=MovementRequest(new_id(), "paid_in", 1, "A cent"),
        )
    assert pay_out().amount_minor == 8_03
    assert in_drawer(clinic) == 0
    assert failing(clinic) == {}
