"""A ticket is paid once: cash for one that a card is asked for is refused; card money that comes too late is given back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from pos.core.errors import Conflict, PosError
from pos.core.ids import new_id
from pos.domain.locations.queries import place
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.sales.models import Order, Sale, Ticket
from pos.domain.sales.shown_totals import ShownTotals
from pos.reports.dashboard import stuck_payments
from pos.services.checkout import complete_sale, ring_up
from pos.services.checkout.cart import TicketState, park_ticket, take_up_ticket
from pos.services.checkout.ring_up import RingUpSale, RungUp
from pos.services.jobs.event_handlers import poll_pending
from pos.services.payments import switch_method
from pos.services.payments.payment_state import PaymentState
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.reconciliation.unmatched_transactions import Decision, decide
from tests.support.barrier import race
from tests.support.books import (
    book_floats,
    checked,
    failing,
    tamper,
)
from tests.support.cards import CARDS, Till, take_cards
from tests.support.clinic import Clinic, line

pytestmark = CARDS


@pytest.fixture
def till(clinic: Clinic) -> Iterator[Till]:
    """The world with complete books and card readers."""
    with take_cards(book_floats(clinic)) as till:
        yield till


def cash(till: Till, ticket: TicketState, *, desk: int = 0, **changes: Any) -> RungUp:
    """Pay a ticket in cash at a desk."""
    command = RingUpSale(
        sale_id=new_id(),
        desk_id=till.clinic.usd.desks[desk],
        staff_id=till.clinic.receptionist.id,
        cash_tendered_minor=changes.pop("tendered", ticket.priced.rest_minor),
        ticket_id=ticket.ticket_id,
        ticket_version=changes.pop("version", None),
        shown=ShownTotals(ticket.priced.due_minor, ticket.priced.cart.credits_used),
    )
    return till.act(ring_up.ring_up, command)


def unmatched(till: Till) -> list[UnmatchedTransaction]:
    with till.clinic.read() as session:
        return list(session.scalars(select(UnmatchedTransaction).order_by(UnmatchedTransaction.found_at)))


def order_state(till: Till, order_id: UUID) -> str:
    with till.clinic.read() as session:
        return session.get_one(Order, order_id).state


def total(till: Till, kind: type[Any]) -> int:
    with till.clinic.read() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def paid_in_another_way(till: Till, ticket: TicketState) -> None:
    """The fault itself, planted: the ticket is completed while its card is asked for."""
    tamper(till.clinic, "UPDATE tickets SET state = 'completed'")
    assert till.ticket_state(ticket) == "completed"


@pytest.mark.parametrize("way", ["reader", "code", "declined", "turned to the code", "in doubt"])
@pytest.mark.parametrize("desk", [0, 1])
def test_cash_sale_ticket_with_card_payment_open_is_refused(till: Till, way: str, desk: int) -> None:
    ticket = till.ticket(line("trigger_60"))
    if way == "in doubt":
        till.stripe.arm("timeout_before", "/v1/payment_intents")
    waiting = till.charge(till.command(ticket, by_code=way == "code"))
    if way == "declined":
        till.decline()
        assert till.look(waiting.order_id).state == "declined"
    if way == "turned to the code":
        till.act(switch_method.show_code, waiting.order_id)
    for version in (None, ticket.version, ticket.version + 1):
        with pytest.raises(Conflict) as refused:
            cash(till, ticket, desk=desk, version=version)
        assert refused.value.sentence == "This ticket is being paid. Wait for the card, or cancel the payment."
    assert (total(till, Sale), till.ticket_state(ticket)) == (0, "paying")
    till.cancel(waiting.order_id)
    assert cash(till, ticket, desk=desk).total_minor == 108_00
    assert (till.charges(), failing(till.clinic)) == ([], {})


def test_parked_ticket_is_paid_only_by_desk_that_opened_it_again(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    till.act(park_ticket, ticket_id=ticket.ticket_id, desk_id=ticket.desk_id, note="")
    for take in (lambda: cash(till, ticket), lambda: till.charge(till.command(ticket))):
        with pytest.raises(Conflict, match="parked"):
            take()
    back = till.act(take_up_ticket, ticket_id=ticket.ticket_id, desk_id=till.clinic.usd.desks[1])
    waiting = till.charge(till.command(back))
    with pytest.raises(Conflict, match="being paid"):
        cash(till, ticket)
    till.tap(desk=1)
    assert till.look(waiting.order_id).state == "succeeded"
    with pytest.raises(Conflict, match="paid already"):
        cash(till, ticket)


def _two_ways(till: Till, ticket: TicketState) -> list[Any]:
    """The same ticket by card at one desk and in cash at the other, at the same moment."""
    charge = partial(till.charge, till.command(ticket))
    return race(charge, partial(cash, till, ticket, desk=1, version=ticket.version))


def test_ticket_cash_and_card_at_once_are_one_payment(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    outcomes = _two_ways(till, ticket)
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1, outcomes
    assert sum(isinstance(one, RungUp | PaymentState) for one in outcomes) == 1
    assert total(till, Sale) + total(till, Order) == 1


def test_ticket_cash_and_card_without_state_check_both_take_money(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: where a ticket being paid may be completed by cash, the card is still asked for it."""
    monkeypatch.setattr(ring_up, "require_open", lambda ticket, version: None)
    ticket = till.ticket(line("trigger_60"))
    waiting = till.charge(till.command(ticket))
    assert isinstance(cash(till, ticket, desk=1), RungUp)
    till.tap()
    assert (total(till, Sale), till.charges()) == (1, [108_00])
    # What is left to do then: the money is an unmatched payment, and looking again and again says so.
    assert {till.look(waiting.order_id).state for _ in range(3)} == {"succeeded"}
    assert [(row.why, row.amount_minor, row.state) for row in unmatched(till)] == [("paid_otherwise", 108_00, "open")]


def test_unmatched_payment_for_completed_ticket_is_refunded_by_decision(till: Till) -> None:
    clinic = till.clinic
    lot = clinic.buy("three", clinic.ana)
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=clinic.ana)
    waiting = till.charge(till.command(ticket))
    paid_in_another_way(till, ticket)
    assert "waits for a card" in failing(clinic)["waiting"]
    till.tap()

    for _ in range(3):
        state = till.look(waiting.order_id)
        assert (state.state, state.reason_code, state.paid) == ("succeeded", "paid_otherwise", None)
        assert state.sentence
        assert "Do not charge again" in state.sentence
    assert (clinic.lot(lot).remaining, clinic.lot(lot).held) == (3, 0)
    assert order_state(till, waiting.order_id) == "released"
    assert (till.cancel(waiting.order_id).state, till.again(waiting.order_id).state) == ("succeeded", "succeeded")
    assert till.act(poll_pending) == 0
    (kept,) = unmatched(till)
    assert (kept.why, kept.amount_minor, kept.currency, kept.location_id) == (
        "paid_otherwise", 21_60, "USD", clinic.usd.location_id,
    )  # fmt: skip
    assert kept.about.startswith("visa •••• ")
    assert kept.about.endswith("Ana Núñez")
    with clinic.read() as session:
        assert stuck_payments(session, (place(session, clinic.usd.location_id),)) == []
    assert failing(clinic) == {}

    done = till.act(decide, Decision(kept.id, "refund", "Paid twice", clinic.manager, clinic.usd.location_id))
    assert done == "refunded"
    (charge,) = till.stripe.simulator.world.store.all("charge")
    assert charge["amount_refunded"] == 21_60
    assert failing(clinic) == {}


def test_unmatched_payment_at_other_location_cannot_be_decided(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    tamper(till.clinic, "UPDATE tickets SET state = 'completed'")
    till.tap()
    till.look(waiting.order_id)
    (kept,) = unmatched(till)
    with pytest.raises(PosError, match="another location"):
        till.act(decide, Decision(kept.id, "refund", "Paid twice", till.clinic.owner, till.clinic.eur.location_id))


def test_order_of_completed_ticket_can_be_canceled(till: Till) -> None:
    clinic = till.clinic
    lot = clinic.buy("three", clinic.ana)
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=clinic.ana)
    waiting = till.charge(till.command(ticket))
    paid_in_another_way(till, ticket)
    assert till.cancel(waiting.order_id).state == "canceled"
    assert (clinic.lot(lot).held, till.ticket_state(ticket)) == (0, "completed")
    assert failing(clinic) == {}


def test_verify_placed_order_beside_sale_of_its_ticket_is_found(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    cash(till, ticket)
    other = till.charge(till.command(till.ticket(line("foot_60"))))
    assert checked(till.clinic)["waiting"].holds
    tamper(till.clinic, "UPDATE orders SET ticket_id = (SELECT ticket_id FROM sales LIMIT 1)")
    assert str(other.order_id) in failing(till.clinic)["waiting"]


def test_verify_placed_order_that_is_sale_is_found(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    till.look(waiting.order_id)
    assert checked(till.clinic)["waiting"].examined == 1
    tamper(till.clinic, "UPDATE orders SET state = 'placed'")
    assert str(waiting.order_id) in failing(till.clinic)["waiting"]


def test_verify_deleted_unmatched_payment_is_found(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    tamper(till.clinic, "UPDATE tickets SET state = 'completed'")
    till.tap()
    till.look(waiting.order_id)
    assert failing(till.clinic) == {}
    tamper(till.clinic, "DELETE FROM unmatched_transactions")
    assert "has 0 tenders" in failing(till.clinic)["captured"]


def test_verify_payment_of_sale_that_is_unmatched_as_well_is_found(till: Till) -> None:
    paid = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    till.look(paid.order_id)

    def take_for_unmatched(session: Session) -> None:
        attempt = session.scalars(select(PaymentAttempt)).one()
        assert attempt.intent_id
        session.add(
            UnmatchedTransaction(
                kind="payment", stripe_id=attempt.intent_id, why="unknown", amount_minor=attempt.amount_minor,
                currency=attempt.currency, happened_at=attempt.created_at, found_at=attempt.created_at,
                location_id=till.clinic.usd.location_id,
            )
        )  # fmt: skip

    till.clinic.write(take_for_unmatched)
    assert failing(till.clinic)["captured"].endswith(
        "succeeded and has its tender, and is unmatched or a part of an open order as well."
    )


def test_card_payment_after_release_is_unmatched(till: Till) -> None:
    """Stripe says it was paid, and we had given it up: nothing is lost, and the ticket stays free."""
    ticket = till.ticket(line("trigger_60"))
    waiting = till.charge(till.command(ticket))
    till.tap()
    for table, state in ((PaymentAttempt, "canceled"), (Order, "released"), (Ticket, "open")):
        till.clinic.write(lambda session, table=table, state=state: session.execute(update(table).values(state=state)))
    attempt = till.attempt(waiting.order_id)
    for _ in range(2):
        till.act(refresh_payment, waiting.order_id, paid_attempt_id=attempt.id)
    assert [(row.why, row.stripe_id) for row in unmatched(till)] == [("after_release", attempt.intent_id)]
    assert till.ticket_state(ticket) == "open"
    assert failing(till.clinic) == {}


def test_card_payment_other_amount_is_unmatched_and_ticket_can_be_paid(till: Till) -> None:
    ticket = till.ticket(line("ten"), client=till.clinic.ana)
    waiting = till.charge(till.command(ticket))
    store = till.stripe.simulator.world.store
    intent = store.all("payment_intent")[0]
    till.tap()
    intent = store.get(intent["id"], "payment_intent") or intent
    with store.transaction():
        store.put(intent | {"amount_received": 1_00})
    state = till.look(waiting.order_id)
    assert (state.state, state.reason_code, state.paid) == ("succeeded", "mismatch", None)
    assert [(row.why, row.amount_minor) for row in unmatched(till)] == [("mismatch", 1_00)]
    assert cash(till, ticket).total_minor == 972_00
    assert failing(till.clinic) == {}


def test_card_payment_naming_other_order_can_be_canceled(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    waiting = till.charge(till.command(ticket))
    till.tap()
    store = till.stripe.simulator.world.store
    intent = store.all("payment_intent")[0]
    with store.transaction():
        store.put(intent | {"metadata": {"order_id": str(new_id())}})
    assert till.look(waiting.order_id).reason_code == "mismatch"
    assert till.ticket_state(ticket) == "paying"
    assert till.cancel(waiting.order_id).state == "canceled"
    assert (till.ticket_state(ticket), unmatched(till)) == ("open", [])


# An order that may be charged is one that can be completed


def _fails(*_: Any, **__: Any) -> None:
    raise KeyError("a state nobody thought of")


@pytest.mark.parametrize("by_code", [False, True])
def test_card_payment_not_completable_is_not_charged(
    till: Till, monkeypatch: pytest.MonkeyPatch, by_code: bool
) -> None:
    clinic = till.clinic
    lot = clinic.buy("three", clinic.ana)
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=clinic.ana)
    command = till.command(ticket, by_code=by_code)
    with monkeypatch.context() as broken:
        broken.setattr(complete_sale, "entry_for_sale", _fails)
        with pytest.raises(Conflict, match="nothing was charged"):
            till.charge(command)
    store = till.stripe.simulator.world.store
    assert store.all("payment_intent") + store.all("checkout.session") == []
    assert (till.ticket_state(ticket), clinic.lot(lot).held, order_state(till, command.sale_id)) == (
        "open",
        0,
        "released",
    )
    again = till.charge(command)
    assert (again.state, again.reason_code) == ("canceled", "not_completable")
    assert again.sentence
    assert cash(till, ticket).total_minor == 21_60
    assert failing(clinic) == {}


def test_card_payment_trial_completion_leaves_no_rows(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    assert (total(till, Sale), total(till, Tender), order_state(till, waiting.order_id)) == (0, 0, "placed")
    till.tap()
    paid = till.look(waiting.order_id).paid
    assert paid is not None
    assert paid.receipt_label == "RIV-000001"
    assert failing(till.clinic) == {}


@pytest.mark.parametrize("by_code", [False, True])
def test_card_payment_completion_fails_is_unmatched_and_refunded(
    till: Till, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, by_code: bool
) -> None:
    clinic = till.clinic
    lot = clinic.buy("three", clinic.ana)
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=clinic.ana)
    waiting = till.charge(till.command(ticket, by_code=by_code))
    if by_code:
        till.stripe.press(f"sessions/{till.attempt(waiting.order_id).session_id}/pay")
    else:
        till.tap()
    with monkeypatch.context() as broken:
        broken.setattr(complete_sale, "entry_for_sale", _fails)
        states = [till.look(waiting.order_id) for _ in range(3)]
    assert {(one.state, one.reason_code, one.paid) for one in states} == {("succeeded", "not_completed", None)}
    assert "cannot be completed" in caplog.text
    assert (till.ticket_state(ticket), clinic.lot(lot).held, order_state(till, waiting.order_id)) == (
        "open",
        0,
        "released",
    )
    (kept,) = unmatched(till)
    assert (kept.why, kept.amount_minor) == ("not_completed", 21_60)
    assert failing(clinic) == {}
    assert (
        till.act(decide, Decision(kept.id, "refund", "Nothing sold", clinic.manager, clinic.usd.location_id))
        == "refunded"
    )
    assert failing(clinic) == {}


def test_card_payment_database_busy_is_completed_later_not_refunded(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    with monkeypatch.context() as broken:
        broken.setattr(complete_sale, "entry_for_sale", busy)
        with pytest.raises(Conflict):
            till.look(waiting.order_id)
    assert unmatched(till) == []
    assert till.look(waiting.order_id).paid
