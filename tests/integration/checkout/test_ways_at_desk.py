"""The card at the desk when something stands in the way: another reader, a stuck one, an unplugged one, the QR code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pos.core import clock
from pos.core.database.base import reading
from pos.core.errors import Conflict, NeedsApproval
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.models import Sale
from pos.domain.staff.queries import Person
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.types import Closed
from pos.services.jobs.event_handlers import poll_pending
from pos.services.payments import qr_payment, switch_method
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.refresh_payment import refresh_payment
from tests.support.cards import CARDS, Till
from tests.support.clinic import Colleague, line
from tests.support.remembered_checks import broken_checks

pytestmark = CARDS


@pytest.fixture
def database(sqlite_database: str) -> str:
    """SQLite alone: what both databases must keep is raced and struck by faults elsewhere."""
    return sqlite_database


def desk_of(till: Till, desk: int = 0) -> DeskPlace:
    with till.clinic.read() as session:
        return desk_place(session, till.clinic.usd.desks[desk])


def at_desk(till: Till, *, desk: int = 0, **more: object) -> PaymentState:
    ticket = till.ticket(line("trigger_60"), desk=desk)
    return till.charge(till.command(ticket, **more))


def by_code(till: Till) -> PaymentState:
    return at_desk(till, by_code=True)


def who(till: Till, colleague: Colleague) -> Person:
    return Person(colleague.id, colleague.name, colleague.role, frozenset({till.clinic.usd.location_id}))


def action(till: Till, desk: int = 0) -> str | None:
    reader = till.stripe.simulator.world.store.get(till.readers[till.clinic.usd.desks[desk]], "terminal.reader")
    assert reader is not None
    return (reader["action"] or {}).get("status")


def session_of(till: Till, state: PaymentState) -> str:
    found = till.attempt(state.order_id).session_id
    assert found is not None
    return found


def sold(till: Till) -> int:
    with till.clinic.read() as session:
        assert broken_checks(session, but="drawers") == {}
        return session.scalar(select(func.count()).select_from(Sale)) or 0


# The client and the reader


def test_card_payment_canceled_on_reader_is_declined_and_retried(till: Till) -> None:
    waiting = at_desk(till)
    till.at_reader("cancel")
    declined = till.look(waiting.order_id)
    assert (declined.state, declined.reason_code) == ("declined", "customer_canceled")
    assert declined.sentence == "The client canceled on the reader. Nothing was taken."
    assert till.again(waiting.order_id).state == "pending"


def test_card_payment_in_progress_at_bank_cannot_be_given_up(till: Till) -> None:
    waiting = at_desk(till)
    till.at_reader("present")
    for step in (
        lambda: till.cancel(waiting.order_id),
        lambda: till.act(switch_method.show_code, waiting.order_id),
        lambda: till.act(
            switch_method.request_at_reader, waiting.order_id, till.own_reader(1), till.clinic.usd.location_id
        ),
        lambda: till.act(
            switch_method.free_reader, desk_of(till), who(till, till.clinic.receptionist), till.own_reader()
        ),
    ):
        with pytest.raises(Conflict, match="bank is being asked"):
            step()
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    assert (till.charges(), sold(till)) == ([108_00], 1)


@pytest.mark.parametrize("charged", [0, 1], ids=["before the bank heard", "after the bank paid"])
def test_card_payment_reader_unplugged_at_bank_is_resolved(till: Till, charged: int) -> None:
    waiting = at_desk(till)
    till.at_reader("present")
    till.at_reader("unplug", charged=charged)
    found = till.look(waiting.order_id)
    if charged:
        assert (found.state, till.charges(), sold(till)) == ("succeeded", [108_00], 1)
        return
    assert (found.state, found.reason_code) == ("unknown", "reader_gone")
    till.at_reader("plug")
    assert till.look(waiting.order_id).state == "pending"
    till.at_reader("unplug")
    assert till.look(waiting.order_id).state == "unknown"
    # The intent is canceled at Stripe, so the reader can take nothing when it comes back.
    assert till.cancel(waiting.order_id).state == "canceled"
    till.at_reader("plug")
    till.at_reader("tap")
    assert (till.charges(), sold(till)) == ([], 0)


def test_reader_showing_canceled_payment_is_freed_by_next_payment(till: Till) -> None:
    first = at_desk(till)
    till.at_reader("unplug")
    till.cancel(first.order_id)
    till.at_reader("plug")
    second = at_desk(till)
    assert second.state == "pending"
    till.tap()
    assert till.look(second.order_id).state == "succeeded"


# Several readers


def test_reader_list_shows_state_and_holder(till: Till) -> None:
    other = at_desk(till, desk=1)
    listed = till.act(switch_method.readers_here, desk_of(till))
    assert [(one.is_own, one.state) for one in listed] == [(True, "free"), (False, "busy")]
    assert listed[1].order_id == other.order_id
    assert till.clinic.receptionist.name in (listed[1].holder or "")
    till.at_reader("unplug")
    assert till.act(switch_method.readers_here, desk_of(till))[0].state == "offline"
    till.stripe.arm("timeout_before", "/v1/terminal/readers")
    assert {one.state for one in till.act(switch_method.readers_here, desk_of(till))} == {"unknown"}


def test_card_payment_moved_to_other_reader_keeps_intent(till: Till) -> None:
    waiting = at_desk(till)
    intent = till.attempt(waiting.order_id).intent_id
    moved = till.act(switch_method.request_at_reader, waiting.order_id, till.own_reader(1), till.clinic.usd.location_id)
    assert (moved.state, action(till, 0), action(till, 1)) == ("pending", None, "in_progress")
    till.tap(desk=1)
    assert till.look(waiting.order_id).state == "succeeded"
    assert (till.attempt(waiting.order_id).intent_id, till.charges(), sold(till)) == (intent, [108_00], 1)


def test_card_payment_starts_at_other_reader(till: Till) -> None:
    waiting = at_desk(till, reader_id=till.own_reader(1))
    assert (waiting.state, action(till, 0), action(till, 1)) == ("pending", None, "in_progress")


def test_reader_of_own_desk_is_freed_and_older_payment_canceled(till: Till) -> None:
    older = at_desk(till)
    freed = till.act(switch_method.free_reader, desk_of(till), who(till, till.clinic.receptionist), till.own_reader())
    assert freed is None
    assert till.attempt(older.order_id).state == "canceled"
    assert at_desk(till).state == "pending"


def test_reader_of_other_desk_is_freed_only_with_approval(till: Till) -> None:
    older = at_desk(till, desk=1)
    reader = till.own_reader(1)
    with pytest.raises(NeedsApproval):
        till.act(switch_method.free_reader, desk_of(till), who(till, till.clinic.receptionist), reader)
    assert till.look(older.order_id).state == "pending"
    till.act(switch_method.free_reader, desk_of(till), who(till, till.clinic.manager), reader)
    assert (till.attempt(older.order_id).state, action(till, 1)) == ("canceled", None)


def test_reader_freed_after_payment_reports_paid(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card is faster than the manager: what they hear is that it was paid."""
    older = at_desk(till, desk=1)

    def tap_first(method: str, path: str) -> None:
        if path.endswith("/cancel_action"):
            till.stripe.http_client.before = None
            till.tap(desk=1)

    till.stripe.http_client.before = tap_first
    said = till.act(switch_method.free_reader, desk_of(till), who(till, till.clinic.manager), till.own_reader(1))
    assert said is not None
    assert "paid a moment before" in said
    assert (till.look(older.order_id).state, till.charges()) == ("succeeded", [108_00])


# In doubt, and nobody there


@pytest.mark.parametrize("fault", ["server_error_stored", "timeout_before"])
def test_polling_job_intent_never_answered_is_canceled(till: Till, fault: str) -> None:
    till.stripe.arm(fault, "/v1/payment_intents", times=50)
    ticket = till.ticket(line("trigger_60"))
    doubtful = till.charge(till.command(ticket))
    assert doubtful.state == "unknown"
    till.act(poll_pending)
    assert till.attempt(doubtful.order_id).state == "unknown"
    with clock.at(clock.now() + timedelta(minutes=11)):
        till.act(poll_pending)
    assert (till.attempt(doubtful.order_id).state, till.ticket_state(ticket)) == ("canceled", "open")


def test_polling_job_reader_without_card_is_canceled_after_ten_minutes(till: Till) -> None:
    waiting = at_desk(till)
    with clock.at(clock.now() + timedelta(minutes=9)):
        till.act(poll_pending)
        assert till.look(waiting.order_id).state == "pending"
    with clock.at(clock.now() + timedelta(minutes=11)):
        till.act(poll_pending)
        assert (till.attempt(waiting.order_id).state, action(till)) == ("canceled", None)


def test_polling_job_retried_payment_gets_its_own_time(till: Till) -> None:
    waiting = at_desk(till)
    till.decline()
    till.look(waiting.order_id)
    with clock.at(clock.now() + timedelta(minutes=9)):
        till.again(waiting.order_id)
    with clock.at(clock.now() + timedelta(minutes=14)):
        till.act(poll_pending)
        assert till.look(waiting.order_id).state == "pending"


# The QR code


def test_qr_payment_without_reader_is_paid(till: Till) -> None:
    waiting = by_code(till)
    assert (waiting.state, waiting.kind, action(till)) == ("pending", "checkout", None)
    assert waiting.url
    assert waiting.short_code
    assert till.act(qr_payment.page_of_code, waiting.short_code) == waiting.url
    till.stripe.press(f"sessions/{session_of(till, waiting)}/pay")
    paid = till.look(waiting.order_id)
    assert (paid.state, till.charges(), sold(till)) == ("succeeded", [108_00], 1)
    assert till.act(qr_payment.page_of_code, waiting.short_code) is None


def test_qr_payment_canceled_expires_session_and_reopens_ticket(till: Till) -> None:
    ticket = till.ticket(line("trigger_60"))
    waiting = till.charge(till.command(ticket, by_code=True))
    session_id = session_of(till, waiting)
    assert till.ticket_state(ticket) == "paying"
    assert till.cancel(waiting.order_id).state == "canceled"
    assert till.stripe.simulator.world.find("checkout.session", session_id)["status"] == "expired"
    assert till.ticket_state(ticket) == "open"
    assert sold(till) == 0


def test_qr_payment_never_scanned_is_canceled(till: Till) -> None:
    waiting = by_code(till)
    till.stripe.clock.advance(50 * 60)
    with clock.at(clock.now() + timedelta(minutes=50)):
        till.act(poll_pending)
    assert till.attempt(waiting.order_id).state == "canceled"


def test_card_payment_switched_between_reader_and_qr_is_paid_once(till: Till) -> None:
    waiting = at_desk(till)
    coded = till.act(switch_method.show_code, waiting.order_id)
    assert (coded.state, coded.kind, coded.order_id, action(till)) == ("pending", "checkout", waiting.order_id, None)
    back = till.act(switch_method.request_at_reader, waiting.order_id, till.own_reader(), till.clinic.usd.location_id)
    assert (back.state, back.kind, action(till)) == ("pending", "reader", "in_progress")
    again = till.act(switch_method.show_code, waiting.order_id)
    assert again.kind == "checkout"
    assert again.url != coded.url
    till.stripe.press(f"sessions/{session_of(till, again)}/pay")
    assert till.look(waiting.order_id).state == "succeeded"
    with till.clinic.read() as session:
        ends = session.scalars(select(PaymentAttempt.state).order_by(PaymentAttempt.number)).all()
    assert (ends, till.charges(), sold(till)) == (["canceled"] * 3 + ["succeeded"], [108_00], 1)


def test_switch_to_qr_card_already_paid_becomes_sale(till: Till) -> None:
    waiting = at_desk(till)
    till.tap()
    assert till.act(switch_method.show_code, waiting.order_id).state == "succeeded"
    assert till.stripe.simulator.world.store.all("checkout.session") == []
    assert (till.charges(), sold(till)) == ([108_00], 1)


def test_switch_to_reader_qr_already_paid_becomes_sale(till: Till) -> None:
    waiting = by_code(till)
    till.stripe.press(f"sessions/{session_of(till, waiting)}/pay")
    turned = till.act(switch_method.request_at_reader, waiting.order_id, till.own_reader(), till.clinic.usd.location_id)
    assert (turned.state, action(till), till.charges(), sold(till)) == ("succeeded", None, [108_00], 1)


def test_switch_to_qr_reader_state_unknown_shows_no_code(till: Till) -> None:
    """Stripe is silent while the intent is canceled: one way stays at work, and the code comes once that is known."""
    waiting = at_desk(till)
    till.stripe.arm("timeout_before", "/v1/payment_intents/*/cancel")
    turning = till.act(switch_method.show_code, waiting.order_id)
    assert (turning.kind, turning.state, turning.turning) == ("reader", "unknown", True)
    assert till.stripe.simulator.world.store.all("checkout.session") == []
    asked = till.look(waiting.order_id)  # the intent is not canceled, and nobody asks for it: the person decides
    assert (asked.kind, asked.state) == ("reader", "declined")
    assert till.act(switch_method.show_code, waiting.order_id).kind == "checkout"


def test_switch_to_qr_webhook_of_canceled_intent_keeps_order(till: Till) -> None:
    waiting = at_desk(till)

    def webhook_first(method: str, path: str) -> None:
        if path.endswith("/cancel"):
            till.stripe.http_client.after = None
            till.act(refresh_payment, waiting.order_id)

    till.stripe.http_client.after = webhook_first
    coded = till.act(switch_method.show_code, waiting.order_id)
    assert (coded.kind, coded.state) == ("checkout", "pending")
    till.stripe.press(f"sessions/{session_of(till, coded)}/pay")
    assert (till.look(waiting.order_id).state, sold(till)) == ("succeeded", 1)


def test_switch_to_qr_without_switch_record_releases_order(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: nobody notes where the desk turned, and the client would pay for an order that is given up."""
    waiting = at_desk(till)
    monkeypatch.setattr(switch_method, "turn_to", lambda *_, **__: None)
    till.act(switch_method.show_code, waiting.order_id)
    with till.clinic.app.app_context():
        assert payment_state(reading(), waiting.order_id).state == "canceled"


def test_qr_payment_session_not_answered_is_retried_with_same_session(till: Till) -> None:
    till.stripe.arm("timeout_after", "/v1/checkout/sessions")
    waiting = by_code(till)
    assert (waiting.state, waiting.reason_code, waiting.url) == ("declined", "no_code", None)
    assert till.again(waiting.order_id).state == "pending"
    assert len(till.stripe.simulator.world.store.all("checkout.session")) == 1


# Stripe has the last word


def pay_before(till: Till, ending: str, pay: Callable[[], object]) -> None:
    """The client pays in the very moment before a call that would have ended the payment reaches Stripe."""

    def strike(method: str, path: str) -> None:
        if path.endswith(ending):
            till.stripe.http_client.before = None
            pay()

    till.stripe.http_client.before = strike


def test_polling_job_card_paid_while_canceling_becomes_sale(till: Till) -> None:
    waiting = at_desk(till)
    pay_before(till, "/cancel_action", till.tap)
    with clock.at(clock.now() + timedelta(minutes=11)):
        till.act(poll_pending)
    assert (till.attempt(waiting.order_id).state, till.charges(), sold(till)) == ("succeeded", [108_00], 1)


def test_qr_payment_paid_while_canceling_becomes_sale(till: Till) -> None:
    waiting = by_code(till)
    page = f"sessions/{session_of(till, waiting)}/pay"
    pay_before(till, "/expire", lambda: till.stripe.press(page))
    assert till.cancel(waiting.order_id).state == "succeeded"
    assert (till.charges(), sold(till)) == ([108_00], 1)


def test_card_payment_canceled_without_asking_stripe_loses_charged_money(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a desk that believes itself releases a ticket whose card was charged."""
    waiting = at_desk(till)
    believed = Closed("canceled")
    monkeypatch.setattr(type(till.act(gateway)), "cancel_intent", lambda *_, **__: believed)
    pay_before(till, "/cancel_action", till.tap)
    assert till.cancel(waiting.order_id).state == "canceled"
    assert till.charges() == [108_00]
    with till.clinic.read() as session:
        assert session.scalar(select(func.count()).select_from(Sale)) == 0
