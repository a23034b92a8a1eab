"""Card money at the desk: taken, declined and again, cancelled, in doubt, split with cash, beside a credit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, Invalid, NoCreditLeft
from pos.core.ids import new_id
from pos.domain.catalogue.models import Price
from pos.domain.payments.models import Tender
from pos.domain.receipts.models import Receipt
from pos.domain.sales.carts import Tip
from pos.domain.sales.models import Sale, Ticket
from pos.integrations.stripe.current import gateway
from pos.services.checkout.cart import change_ticket, park_ticket, take_up_ticket
from pos.services.checkout.ring_up import RingUpSale
from pos.services.jobs.event_handlers import poll_pending
from pos.services.payments.payment_state import payment_state
from tests.support.cards import CARDS, Till
from tests.support.clinic import line

pytestmark = CARDS


def sales(till: Till) -> list[Sale]:
    with till.clinic.read() as session:
        return list(session.scalars(select(Sale)))


def test_card_sale_session_with_add_on_is_paid_at_reader(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"), line("aromatherapy"), client=till.clinic.ana)
    assert ticket.priced.due_minor == 120_96
    waiting = till.charge(till.command(ticket))
    assert (waiting.state, waiting.paid) == ("pending", None)
    assert till.ticket_state(ticket) == "paying"

    till.tap()
    paid = till.look(waiting.order_id)

    assert paid.state == "succeeded"
    assert paid.paid is not None
    assert paid.paid.receipt_label == "RIV-000001"
    assert till.clinic.postings(waiting.order_id) == {
        "stripe_clearing": 120_96,
        "service_revenue": -100_00,
        "add_on_revenue": -12_00,
        "tax_payable:8": -8_96,
    }
    assert till.ticket_state(ticket) == "completed"
    assert till.charges() == [120_96]


def test_card_payment_declined_is_retried_on_same_intent(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.decline("insufficient_funds")
    declined = till.look(waiting.order_id)
    assert declined.state == "declined"
    assert declined.sentence
    assert sales(till) == []
    intent = till.attempt(waiting.order_id).intent_id

    assert till.again(waiting.order_id).state == "pending"
    till.tap()

    assert till.look(waiting.order_id).state == "succeeded"
    assert till.attempt(waiting.order_id).intent_id == intent
    assert till.charges() == [108_00]


def test_card_payment_status_read_repeatedly_makes_one_sale(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    answers = {till.look(waiting.order_id).paid for _ in range(4)}
    assert len(answers) == 1
    assert len(sales(till)) == 1


def test_card_payment_command_sent_twice_continues_same_payment(till: Till) -> None:
    command = till.command(till.ticket(line("trigger_60")))
    first, second = till.charge(command), till.charge(command)
    assert first.order_id == second.order_id
    till.tap()
    assert till.look(first.order_id).state == "succeeded"
    assert till.charges() == [108_00]


def test_card_payment_canceled_reopens_ticket_and_releases_credit(till: Till) -> None:
    lot = till.clinic.buy("three", till.clinic.ana)
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=till.clinic.ana)
    waiting = till.charge(till.command(ticket))
    assert (till.clinic.lot(lot).remaining, till.clinic.lot(lot).held) == (2, 1)

    cancelled = till.cancel(waiting.order_id)

    assert cancelled.state == "canceled"
    assert till.ticket_state(ticket) == "open"
    assert (till.clinic.lot(lot).remaining, till.clinic.lot(lot).held) == (3, 0)
    assert till.charges() == []


def test_card_payment_paid_while_canceling_becomes_sale(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    assert till.cancel(waiting.order_id).state == "succeeded"
    assert len(sales(till)) == 1


def test_card_sale_credit_add_on_and_tip_charges_rest(till: Till) -> None:
    lot = till.clinic.buy("three", till.clinic.ana)
    ticket = till.ticket(line("trigger_60"), line("cupping"), client=till.clinic.ana, tip=Tip(percent=Decimal(20)))
    # Cupping 20.00 + 8 % + 20 % of the undiscounted 120.00.
    assert ticket.priced.due_minor == 21_60 + 24_00
    waiting = till.charge(till.command(ticket))
    till.tap()
    till.look(waiting.order_id)
    assert till.clinic.postings(waiting.order_id) == {
        "stripe_clearing": 45_60,
        "package_liability": 95_00,
        "service_revenue": -95_00,
        "add_on_revenue": -20_00,
        "tax_payable:8": -1_60,
        "tips_payable": -24_00,
    }
    after = till.clinic.lot(lot)
    assert (after.remaining, after.held, after.redeemed) == (2, 0, 1)


def test_split_payment_cash_and_card_are_two_tenders(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60")), cash=40_00))
    assert waiting.amount_minor == 68_00
    till.tap()
    till.look(waiting.order_id)
    with till.clinic.read() as session:
        found = session.execute(select(Tender.kind, Tender.amount_minor).order_by(Tender.position))
        tenders = [(row.kind, row.amount_minor) for row in found]
    assert tenders == [("cash", 40_00), ("card", 68_00)]


def test_credit_hold_at_one_desk_refuses_other_desk(till: Till) -> None:
    lot = till.clinic.buy("three", till.clinic.ana)
    for _ in range(2):
        till.clinic.sell(line("trigger_60"), client=till.clinic.ana)
    seen_elsewhere = till.ticket(line("trigger_60"), line("cupping"), client=till.clinic.ana, desk=1)
    till.charge(till.command(till.ticket(line("trigger_60"), line("cupping"), client=till.clinic.ana)))
    with pytest.raises(NoCreditLeft) as refused:
        till.charge(till.command(seen_elsewhere))
    assert refused.value.extra["single_minor"] == 100_00
    assert till.clinic.lot(lot).held == 1
    assert till.ticket_state(seen_elsewhere) == "open"


def test_card_payment_timeout_after_intent_is_resumed_with_same_key(till: Till) -> None:
    till.stripe.arm("timeout_after", "/v1/payment_intents")
    command = till.command(till.ticket(line("trigger_60")))
    doubtful = till.charge(command)
    assert doubtful.state == "unknown"
    assert till.look(doubtful.order_id).state == "pending"
    till.tap()
    assert till.look(doubtful.order_id).state == "succeeded"
    assert len(till.stripe.simulator.world.store.all("payment_intent")) == 1
    assert till.charges() == [108_00]


def test_card_payment_timeout_after_reader_call_charges_once(till: Till) -> None:
    till.stripe.arm("timeout_after", "*/process_payment_intent")
    doubtful = till.charge(till.command(till.ticket(line("trigger_60"))))
    assert doubtful.state == "unknown"
    till.tap()
    assert till.look(doubtful.order_id).state == "succeeded"
    assert till.charges() == [108_00]


def test_card_payment_reader_busy_names_desk_and_person(till: Till) -> None:
    first = till.charge(till.command(till.ticket(line("trigger_60"))))
    second = till.charge(till.command(till.ticket(line("foot_30"))))
    assert first.state == "pending"
    assert second.state == "declined"
    assert second.sentence is not None
    assert till.clinic.receptionist.name in second.sentence
    assert "Front" in second.sentence


def test_card_payment_reader_offline_is_declined_and_ticket_is_then_sold_for_cash(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    till.stripe.press(f"readers/{till.readers[till.clinic.usd.desk]}/unplug")
    refused = till.charge(till.command(ticket))
    assert (refused.state, refused.reason_code) == ("declined", "reader_offline")
    assert till.cancel(refused.order_id).state == "canceled"
    assert till.ticket_state(ticket) == "open"
    with till.clinic.read() as session:
        version = session.get_one(Ticket, ticket.ticket_id).version
    in_cash = RingUpSale(
        new_id(),
        ticket.desk_id,
        till.clinic.receptionist.id,
        cash_tendered_minor=108_00,
        ticket_id=ticket.ticket_id,
        ticket_version=version,
    )
    assert till.clinic.ring_up(in_cash).total_minor == 108_00
    assert (till.ticket_state(ticket), len(sales(till)), till.charges()) == ("completed", 1, [])


def test_card_sale_price_changed_before_tap_books_price_of_order(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("ten"), client=till.clinic.ana)))
    ten = till.clinic.items["ten"]
    till.clinic.write(lambda s: s.execute(update(Price).where(Price.item_id == ten).values(price_minor=950_00)))
    assert till.clinic.due(till.clinic.wanted(line("ten")), client=till.clinic.ana) == 1026_00
    with clock.at(clock.now() + timedelta(minutes=3)):
        till.tap()
        till.look(waiting.order_id)
    assert till.clinic.postings(waiting.order_id) == {
        "stripe_clearing": 972_00,
        "package_liability": -900_00,
        "tax_payable:8": -72_00,
    }


def test_card_sale_package_without_client_is_refused_before_charge(till: Till) -> None:
    with pytest.raises(Invalid) as refused:
        till.charge(till.command(till.ticket(line("ten"))))
    assert refused.value.field == "client_id"
    assert till.stripe.simulator.world.store.all("payment_intent") == []


def test_card_payment_ticket_changed_since_shown_is_refused(till: Till) -> None:
    """Another desk changed it after this one showed it, even to something of the same price."""
    seen = till.ticket(line("trigger_60"))
    till.act(
        change_ticket,
        ticket_id=seen.ticket_id,
        desk_id=seen.desk_id,
        staff_id=till.clinic.receptionist.id,
        client_id=None,
        wanted=till.clinic.wanted(line("trigger_60")),
        version=seen.version,
    )
    with pytest.raises(Conflict):
        till.charge(till.command(seen))
    assert till.stripe.simulator.world.store.all("payment_intent") == []
    assert till.ticket_state(seen) == "open"


def test_card_payment_ticket_already_being_paid_is_refused(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    till.charge(till.command(ticket))
    with pytest.raises(Conflict):
        till.charge(till.command(ticket, sale_id=new_id()))
    assert len(till.stripe.simulator.world.store.all("payment_intent")) == 1


def test_card_payment_other_amount_is_mismatch_and_makes_no_sale(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("ten"), client=till.clinic.ana)))
    store = till.stripe.simulator.world.store
    intent = store.all("payment_intent")[0]
    till.tap()
    intent = store.get(intent["id"], "payment_intent")
    assert intent is not None
    with store.transaction():
        store.put(intent | {"amount_received": 1_00})
    doubtful = till.look(waiting.order_id)
    assert (doubtful.state, doubtful.reason_code, doubtful.paid) == ("succeeded", "mismatch", None)
    assert sales(till) == []


def test_receipt_card_sale_names_card_and_simulation(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    till.look(waiting.order_id)
    with till.clinic.read() as session:
        document = session.scalars(select(Receipt.document)).one()
    assert document["tenders"][0]["detail"].startswith("•••• ")
    assert document["watermark"] == "SIMULATED – no money moves"


def test_ticket_being_paid_cannot_be_changed_or_moved_to_other_desk(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    waiting = till.charge(till.command(ticket))
    desk_id, staff_id = till.clinic.usd.desks[1], till.clinic.receptionist.id
    with till.clinic.app.app_context():
        for step in (
            lambda: change_ticket(
                ticket_id=ticket.ticket_id,
                desk_id=ticket.desk_id,
                staff_id=staff_id,
                client_id=None,
                wanted=till.clinic.wanted(line("foot_30")),
                version=None,
            ),
            lambda: take_up_ticket(ticket_id=ticket.ticket_id, desk_id=desk_id),
        ):
            with pytest.raises(Conflict):
                step()
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    assert till.charges() == [108_00]


def test_parked_ticket_credit_gone_is_opened_with_no_credit_left_error(till: Till) -> None:
    lot = till.clinic.buy("three", till.clinic.ana)
    ticket = till.ticket(line("trigger_60", credit=lot), client=till.clinic.ana)
    with till.clinic.app.app_context():
        park_ticket(ticket_id=ticket.ticket_id, desk_id=ticket.desk_id, note="later")
    till.clinic.sell(line("trigger_60", 3), client=till.clinic.ana)
    with till.clinic.app.app_context(), pytest.raises(NoCreditLeft):
        take_up_ticket(ticket_id=ticket.ticket_id, desk_id=ticket.desk_id)
    with till.clinic.read() as session:
        row = session.get(Ticket, ticket.ticket_id)
        assert row is not None
        assert row.state == "open"


def test_polling_job_unanswered_intent_is_resolved_without_asking_reader(till: Till) -> None:
    till.stripe.arm("timeout_before", "/v1/payment_intents")
    doubtful = till.charge(till.command(till.ticket(line("trigger_60"))))
    assert doubtful.state == "unknown"
    with till.clinic.app.app_context():
        assert poll_pending() == 1
    with till.clinic.app.app_context():
        known = payment_state(reading(), doubtful.order_id)
    assert (known.state, known.reason_code) == ("declined", "not_asked")
    reader = till.stripe.simulator.world.store.get(till.readers[till.clinic.usd.desk], "terminal.reader")
    assert reader is not None
    assert reader["action"] is None
    assert till.again(doubtful.order_id).state == "pending"
    till.tap()
    assert till.look(doubtful.order_id).state == "succeeded"


def test_card_payment_reader_action_lost_is_declined_and_retried(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    reader_id = till.readers[till.clinic.usd.desk]
    with till.clinic.app.app_context():
        gateway().cancel_reader_action(reader_id)
    assert till.look(waiting.order_id).state == "declined"
    assert till.again(waiting.order_id).state == "pending"
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    assert till.charges() == [108_00]


def test_polling_job_declined_payment_left_alone_is_canceled(till: Till) -> None:
    clinic = till.clinic
    lot_id = clinic.buy("five", clinic.ana)
    ticket = till.ticket(line("trigger_60", credit=lot_id), line("oil"), client=clinic.ana)
    waiting = till.charge(till.command(ticket))
    till.decline()
    assert till.look(waiting.order_id).state == "declined"
    begun = clock.now()
    for minutes, state, held in ((60, "paying", 1), (71, "open", 0)):
        with clock.at(begun + timedelta(minutes=minutes)):
            till.act(poll_pending)
            assert (till.ticket_state(ticket), clinic.lot(lot_id).held) == (state, held)
    (intent,) = till.stripe.simulator.world.store.all("payment_intent")
    assert (intent["status"], till.charges()) == ("canceled", [])
