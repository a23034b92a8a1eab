"""One ticket paid by several cards, in cash and by gift card, in any order: completed once, given back whole."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from pos.core import clock
from pos.core.errors import Conflict, Invalid
from pos.core.ids import new_id
from pos.domain.locations.queries import desk_place
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.payouts.models import UnmatchedTransaction
from pos.domain.receipts import repository as receipts
from pos.domain.sales.models import Order, Sale
from pos.reports.dashboard import stuck_payments
from pos.services.checkout.cart import park_ticket
from pos.services.jobs import event_handlers
from pos.services.payments import next_part
from pos.services.payments.next_part import TakePart, take_part
from pos.services.payments.payment_state import PaymentState
from pos.services.reconciliation.give_back_parts import GivenBack, give_back_parts
from pos.services.reconciliation.unmatched_transactions import poll_unmatched_refunds
from pos.services.refunds.void_sale import VoidSale, void_sale
from pos.services.till.shifts import close_shift
from tests.support.barrier import race
from tests.support.books import failing, tamper
from tests.support.cards import CARDS, Till
from tests.support.clinic import line
from tests.support.gift_card_desk import sell_card
from tests.support.remembered_checks import broken_checks

pytestmark = CARDS


def begin(till: Till, *, cash: int = 0, card: int | None = None, **more: Any) -> PaymentState:
    """The first part of Trigger point 60, 108.00 with its tax."""
    return till.charge(till.command(till.ticket(line("trigger_60")), cash=cash, card_minor=card, **more))


def part(till: Till, before: PaymentState, kind: str, amount: int | None = None, **more: Any) -> PaymentState:
    """The next part, as the screen that shows `before` asks for it."""
    command = TakePart(
        order_id=before.order_id,
        desk_id=till.clinic.usd.desk,
        kind=kind,
        amount_minor=amount,
        expected_rest_minor=more.pop("rest", before.rest_minor),
        staff_id=till.clinic.receptionist.id,
        **more,
    )
    return till.act(take_part, command)


def tap(till: Till, state: PaymentState) -> PaymentState:
    till.tap()
    return till.look(state.order_id)


def back(till: Till, state: PaymentState) -> GivenBack:
    desk, who = till.clinic.usd.desk, till.clinic.receptionist
    return till.act(give_back_parts, state.order_id, desk, who, expected_rest_minor=state.rest_minor)


def tenders(till: Till, state: PaymentState) -> list[tuple[str, int]]:
    with till.clinic.read() as session:
        query = select(Tender).where(Tender.sale_id == state.order_id).order_by(Tender.position)
        return [(one.kind, one.amount_minor) for one in session.scalars(query)]


def holds(till: Till) -> None:
    # The world's drawers were opened without the entry of their float.
    with till.clinic.read() as session:
        assert broken_checks(session, but="drawers") == {}


def refunds(till: Till) -> list[int]:
    return sorted(int(one["amount"]) for one in till.stripe.simulator.world.store.all("refund"))


def test_sale_by_card_cash_and_second_card_completes_with_each_tender(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    assert (first.state, first.rest_minor, first.paid) == ("partly_paid", 58_00, None)
    holds(till)
    second = part(till, first, "cash", 30_00, is_part=True)
    assert (second.state, second.rest_minor) == ("partly_paid", 28_00)
    assert [(one.kind, one.amount_minor) for one in second.parts] == [("card", 50_00), ("cash", 30_00)]
    holds(till)
    done = tap(till, part(till, second, "card"))
    assert done.state == "succeeded"
    assert done.paid
    assert tenders(till, done) == [("cash", 30_00), ("card", 50_00), ("card", 28_00)]
    assert sorted(till.charges()) == [28_00, 50_00]
    assert till.clinic.postings(done.order_id)["stripe_clearing"] == 78_00
    assert [one.card[-4:] for one in done.parts if one.kind == "card"] == ["9969", "9969"]
    holds(till)


def test_sale_cash_first_then_gift_card_then_cash_gives_change(till: Till) -> None:
    card = sell_card(till.clinic, 40_00)
    first = begin(till, cash=20_00, card=0)
    assert (first.state, first.rest_minor) == ("partly_paid", 88_00)
    assert till.stripe.simulator.world.store.all("payment_intent") == []
    second = part(till, first, "gift_card", card_id=card.card_id)
    assert second.rest_minor == 48_00
    done = part(till, second, "cash", 50_00)
    assert done.paid
    assert (done.state, done.change_minor, done.rest_minor) == ("succeeded", 2_00, 0)
    assert tenders(till, done) == [("gift_card", 40_00), ("cash", 68_00)]
    assert part(till, second, "cash", 50_00).paid == done.paid  # the same press, answered again
    assert tenders(till, done) == [("gift_card", 40_00), ("cash", 68_00)]
    holds(till)


def test_part_asked_twice_or_from_an_older_screen_takes_nothing_more(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    asked = part(till, first, "card", 20_00)
    assert part(till, first, "card", 20_00).state == asked.state == "pending"
    for kind, amount in (("card", 30_00), ("cash", 58_00)):
        with pytest.raises(Conflict):
            part(till, first, kind, amount)
    second = tap(till, asked)
    assert second.rest_minor == 38_00
    for kind in ("card", "cash"):
        with pytest.raises(Conflict) as refused:
            part(till, first, kind, 20_00)
        assert refused.value.extra["rest_minor"] == 38_00
    assert sorted(till.charges()) == [20_00, 50_00]
    assert len(till.stripe.simulator.world.store.all("payment_intent")) == 2


@pytest.mark.parametrize("amount", [0, 108_01, 49])
def test_part_by_card_outside_its_limits_is_refused(till: Till, amount: int) -> None:
    with pytest.raises(Invalid):
        begin(till, card=amount)
    first = tap(till, begin(till, card=50_00))
    with pytest.raises(Invalid):
        part(till, first, "card", amount)
    for cash in (58_00, 0):
        with pytest.raises(Invalid):
            part(till, first, "cash", cash, is_part=True)
    with pytest.raises(Invalid):
        part(till, first, "cash", 57_99)


def test_second_card_declined_and_stopped_keeps_what_the_first_paid(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    asked = part(till, first, "card")
    till.decline()
    assert till.look(asked.order_id).state == "declined"
    stopped = till.cancel(asked.order_id)
    assert (stopped.state, stopped.rest_minor) == ("partly_paid", 58_00)
    till.act(event_handlers.poll_pending)
    assert till.look(asked.order_id).state == "partly_paid"
    done = part(till, stopped, "cash", 60_00)
    assert (done.paid is not None, done.change_minor) == (True, 2_00)
    assert tenders(till, done) == [("cash", 58_00), ("card", 50_00)]
    holds(till)


def test_partly_paid_ticket_cannot_be_parked_and_keeps_its_drawer_open(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    tap(till, till.charge(till.command(ticket, card_minor=50_00)))
    assert till.ticket_state(ticket) == "paying"
    with pytest.raises(Conflict):
        till.act(park_ticket, ticket_id=ticket.ticket_id, desk_id=ticket.desk_id, note="")
    with pytest.raises(Conflict):
        till.act(close_shift, desk_id=ticket.desk_id, staff_id=till.clinic.receptionist.id, counted_minor=0)


def test_partly_paid_ticket_given_back_pays_each_card_and_frees_it(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    first = tap(till, till.charge(till.command(ticket, card_minor=50_00)))
    second = part(till, first, "cash", 30_00, is_part=True)
    third = tap(till, part(till, second, "card", 20_00))
    part(till, third, "card")  # the reader asks for the rest when they give up
    given = back(till, third)
    assert [(one.amount_minor, one.state) for one in given.cards] == [(50_00, "refunded"), (20_00, "refunded")]
    assert given.cash_minor == 30_00
    assert back(till, third) == given
    assert refunds(till) == [20_00, 50_00]
    assert till.ticket_state(ticket) == "open"
    holds(till)
    again = till.charge(replace(till.command(ticket), ticket_version=None))
    assert tap(till, again).paid
    holds(till)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "server_error_executed"])
def test_given_back_without_answer_is_settled_by_the_worker(till: Till, fault: str) -> None:
    first = tap(till, begin(till, card=50_00))
    till.stripe.arm(fault, "/v1/refunds")
    given = back(till, first)
    assert [one.state for one in given.cards] == ["refunding"]
    holds(till)
    for _ in range(3):
        till.act(poll_unmatched_refunds)
    with till.clinic.read() as session:
        kept = session.scalars(select(UnmatchedTransaction)).one()
        assert (kept.state, kept.why, kept.amount_minor) == ("refunded", "given_back", 50_00)
    assert refunds(till) == [50_00]
    holds(till)


def test_partly_paid_ticket_left_alone_is_shown_in_the_office(till: Till) -> None:
    state = begin(till, cash=20_00, card=50_00)
    tap(till, state)
    with clock.at(clock.now() + timedelta(minutes=20)), till.clinic.read() as session:
        (row,) = stuck_payments(session, (desk_place(session, till.clinic.usd.desk).place,))
        assert (row.why, row.amount_minor) == ("part", 70_00)


def test_card_paid_while_the_sale_is_given_back_is_shown_before_it_goes_back(till: Till) -> None:
    """A page behind a QR code that was paid a moment before it is closed."""
    first = tap(till, begin(till, card=50_00))
    coded = part(till, first, "card", 20_00, by_code=True)
    till.stripe.press(f"sessions/{till.attempt(coded.order_id).session_id}/pay")
    with pytest.raises(Conflict) as refused:
        back(till, coded)
    assert refused.value.extra["rest_minor"] == 38_00
    given = back(till, till.look(coded.order_id))
    assert given.state.paid is None
    assert sorted(one.amount_minor for one in given.cards) == [20_00, 50_00]
    assert refunds(till) == [20_00, 50_00]
    holds(till)
    with till.clinic.read() as session:
        assert session.scalars(select(Order.state)).all() == ["released"]
        assert session.scalars(select(Sale.id)).all() == []
        assert {one.reason_code for one in session.scalars(select(PaymentAttempt))} == {"given_back"}


def test_refund_of_two_cards_gives_each_back_what_it_paid(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    second = part(till, first, "cash", 30_00, is_part=True)
    done = tap(till, part(till, second, "card"))
    desk, who = till.clinic.usd.desk, till.clinic.manager
    command = VoidSale(new_id(), done.order_id, "Rung up twice", who, desk)
    gone = till.act(void_sale, command)
    assert [(one.kind, one.amount_minor) for one in gone.parts] == [("card", 50_00), ("card", 28_00), ("cash", 30_00)]
    assert refunds(till) == [28_00, 50_00]
    holds(till)


def test_receipt_names_each_card_with_its_last_digits(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    done = tap(till, part(till, first, "card"))
    with till.clinic.read() as session:
        document = receipts.of_sale(session, done.order_id).document
    paid = [(one["label"], one["detail"], one["amount"]) for one in document["tenders"]]
    assert paid == [("Visa", "•••• 9969", "50.00"), ("Visa", "•••• 9969", "58.00")]


def test_random_splits_sum_to_the_total_in_any_order(till: Till) -> None:
    """Card, cash and gift card in amounts and an order that chance decides; the last part takes what is left."""
    chance = random.Random(20_261_130)
    for _ in range(6):
        kinds = [chance.choice(("card", "cash", "gift_card")) for _ in range(chance.randrange(1, 4))]
        codes = [sell_card(till.clinic, 10_00).card_id for kind in kinds if kind == "gift_card"]
        state = begin(till, cash=5_00, card=0)
        for kind in kinds:
            amount = chance.randrange(1_00, 9_00)
            if kind == "card":
                state = tap(till, part(till, state, "card", amount))
            elif kind == "cash":
                state = part(till, state, "cash", amount, is_part=True)
            else:
                state = part(till, state, "gift_card", amount, card_id=codes.pop())
            assert state.state == "partly_paid"
        last = chance.choice(("card", "cash"))
        done = tap(till, part(till, state, "card")) if last == "card" else part(till, state, "cash", 150_00)
        assert done.paid
        assert sum(amount for _, amount in tenders(till, done)) == 108_00
    holds(till)


def test_two_cards_asked_for_at_once_never_take_more_than_is_due(till: Till) -> None:
    first = tap(till, begin(till, card=50_00))
    outcomes = race(lambda: part(till, first, "card", 58_00), lambda: part(till, first, "card", 57_00))
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [Conflict]
    assert len(till.stripe.simulator.world.store.all("payment_intent")) == 2


def test_without_the_guard_of_the_order_two_cards_are_asked_for(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: neither the look at other attempts nor the unique index, and the client could pay twice."""
    first = tap(till, begin(till, card=50_00))
    till.clinic.write(lambda session: session.execute(text("DROP INDEX uq_payment_attempts_active_order")))
    monkeypatch.setattr(next_part, "is_asking", lambda *_: False)
    for amount in (58_00, 57_00):
        part(till, first, "card", amount)
    assert len(till.stripe.simulator.world.store.all("payment_intent")) == 3


@pytest.mark.parametrize(
    ("statement", "key", "sentence"),
    [
        ("UPDATE orders SET cash_tendered_minor = 5800", "received", "10800 was received"),
        ("UPDATE orders SET state = 'released'", "captured", "has 0 tenders"),
    ],
    ids=["more than is due", "released with its money"],
)
def test_verify_finds_captured_money_that_is_no_part(till: Till, statement: str, key: str, sentence: str) -> None:
    tap(till, begin(till, card=50_00))
    tamper(till.clinic, statement)
    assert sentence in failing(till.clinic).get(key, "nothing was found")
