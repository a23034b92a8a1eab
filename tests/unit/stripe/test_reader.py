"""Card payments at a reader, through the real SDK."""

from __future__ import annotations

import pytest

from pos.integrations.stripe import (
    Closed,
    Declined,
    IntentCreated,
    Pending,
    PendingReason,
    Reader,
    ReaderBusy,
    ReaderFreed,
    ReaderOffline,
    Rejected,
    SentToReader,
    Succeeded,
    TipRequest,
    Unknown,
    UnknownReason,
)
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import Desk
from tests.unit.stripe.requests import intent


def prepared(gateway: StripeGateway, key: str = "intent-1", **changes: object) -> str:
    answer = gateway.create_intent(intent(**changes), key=key)
    assert isinstance(answer, IntentCreated), answer
    return answer.intent_id


@pytest.fixture
def reader_id(desk: Desk) -> str:
    return desk.reader("Desk 1")


@pytest.fixture
def intent_id(gateway: StripeGateway) -> str:
    return prepared(gateway)


@pytest.fixture
def asked(gateway: StripeGateway, reader_id: str, intent_id: str) -> str:
    answer = gateway.send_to_reader(reader_id, intent_id, key="send-1")
    assert answer == SentToReader(reader_id, intent_id)
    return intent_id


def test_reader_payment_tapped_succeeds(gateway: StripeGateway, desk: Desk, reader_id: str, asked: str) -> None:
    assert gateway.fetch_intent(asked, reader_id=reader_id) == Pending(PendingReason.ON_READER)
    assert gateway.fetch_intent(asked) == Pending(PendingReason.AWAITING_CARD)
    desk.press(f"readers/{reader_id}/tap")
    outcome = gateway.fetch_intent(asked, reader_id=reader_id)
    assert isinstance(outcome, Succeeded)
    assert (outcome.amount_minor, outcome.tip_minor, outcome.currency) == (2_416, 0, "USD")
    assert (outcome.card_brand, outcome.card_last4) == ("visa", "9969")
    assert outcome.metadata == {"attempt_id": "attempt-2", "order_id": "order-2"}
    assert outcome.session_id is None


def test_reader_payment_tip_is_part_of_amount_received(gateway: StripeGateway, desk: Desk, reader_id: str) -> None:
    intent_id = prepared(gateway)
    gateway.send_to_reader(reader_id, intent_id, key="send-1", tip=TipRequest(2_000, "USD"))
    desk.press(f"readers/{reader_id}/tap", tip=300)
    outcome = gateway.fetch_intent(intent_id)
    assert isinstance(outcome, Succeeded)
    assert (outcome.amount_minor, outcome.tip_minor) == (2_716, 300)


def test_reader_payment_without_tip_request_refuses_tip(desk: Desk, reader_id: str, asked: str) -> None:
    answer = desk.web.post(f"/_sim/readers/{reader_id}/tap", json={"tip": 300}, base_url="http://127.0.0.1")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "code",
    ["card_declined", "insufficient_funds", "lost_card", "expired_card", "incorrect_pin", "processing_error"],
)
def test_reader_payment_declined_has_code_and_can_be_retried(
    gateway: StripeGateway, desk: Desk, reader_id: str, asked: str, code: str
) -> None:
    desk.press(f"readers/{reader_id}/decline", code=code)
    outcome = gateway.fetch_intent(asked, reader_id=reader_id)
    assert isinstance(outcome, Declined)
    assert outcome.code == ("generic_decline" if code == "card_declined" else code)
    assert outcome.retryable
    assert "Nothing was taken" in outcome.message

    assert gateway.send_to_reader(reader_id, asked, key="send-2") == SentToReader(reader_id, asked)
    assert gateway.fetch_intent(asked, reader_id=reader_id) == Pending(PendingReason.ON_READER)
    desk.press(f"readers/{reader_id}/tap")
    assert isinstance(gateway.fetch_intent(asked, reader_id=reader_id), Succeeded)


def test_reader_payment_declined_lost_card_is_not_named(
    gateway: StripeGateway, desk: Desk, reader_id: str, asked: str
) -> None:
    desk.press(f"readers/{reader_id}/decline", code="lost_card")
    outcome = gateway.fetch_intent(asked)
    assert isinstance(outcome, Declined)
    assert "lost" not in outcome.message


def test_reader_payment_canceled_by_customer_after_decline_is_declined(
    gateway: StripeGateway, desk: Desk, reader_id: str, asked: str
) -> None:
    desk.press(f"readers/{reader_id}/decline", code="expired_card")
    gateway.send_to_reader(reader_id, asked, key="send-2")
    desk.press(f"readers/{reader_id}/cancel")
    outcome = gateway.fetch_intent(asked, reader_id=reader_id)
    assert isinstance(outcome, Declined)
    assert outcome.code == "customer_canceled"


def test_reader_busy_names_payment_it_holds(gateway: StripeGateway, reader_id: str, asked: str) -> None:
    other = prepared(gateway, "intent-2")
    assert gateway.send_to_reader(reader_id, other, key="send-2") == ReaderBusy(reader_id, asked)


def test_reader_payment_sent_again_is_charged_once(
    gateway: StripeGateway, desk: Desk, reader_id: str, asked: str
) -> None:
    assert gateway.send_to_reader(reader_id, asked, key="send-2") == SentToReader(reader_id, asked)
    desk.press(f"readers/{reader_id}/tap")
    assert len(desk.simulator.world.store.all("charge")) == 1


def test_reader_unplugged_is_offline_until_plugged(
    gateway: StripeGateway, desk: Desk, reader_id: str, intent_id: str
) -> None:
    desk.press(f"readers/{reader_id}/unplug")
    assert gateway.send_to_reader(reader_id, intent_id, key="send-1") == ReaderOffline(reader_id)
    assert gateway.cancel_reader_action(reader_id) == ReaderOffline(reader_id)
    desk.press(f"readers/{reader_id}/plug")
    assert gateway.send_to_reader(reader_id, intent_id, key="send-2") == SentToReader(reader_id, intent_id)


@pytest.mark.parametrize(("fault", "asks"), [("reader_timeout", False), ("reader_false_timeout", True)])
def test_reader_timeout_is_uncertain(
    gateway: StripeGateway, desk: Desk, reader_id: str, intent_id: str, fault: str, asks: bool
) -> None:
    desk.arm(fault)
    answer = gateway.send_to_reader(reader_id, intent_id, key="send-1")
    assert answer == SentToReader(reader_id, intent_id, certain=False)
    reader = gateway.fetch_reader(reader_id)
    assert isinstance(reader, Reader)
    assert (reader.action is not None) is asks
    expected = PendingReason.ON_READER if asks else PendingReason.AWAITING_CARD
    assert gateway.fetch_intent(intent_id, reader_id=reader_id) == Pending(expected)


@pytest.mark.parametrize(("fault", "asks"), [("reader_busy", False), ("reader_offline", False)])
def test_reader_fault_busy_or_offline_is_reported(
    gateway: StripeGateway, desk: Desk, reader_id: str, intent_id: str, fault: str, asks: bool
) -> None:
    desk.arm(fault)
    answer = gateway.send_to_reader(reader_id, intent_id, key="send-1")
    assert answer == (ReaderBusy(reader_id, None) if fault == "reader_busy" else ReaderOffline(reader_id))


def test_reader_connection_lost_may_have_charged(
    gateway: StripeGateway, desk: Desk, reader_id: str, asked: str
) -> None:
    desk.press(f"readers/{reader_id}/lose-line")
    reader = gateway.fetch_reader(reader_id)
    assert isinstance(reader, Reader)
    assert reader.action is not None
    assert reader.action.failure_code == "connection_error"
    assert isinstance(gateway.fetch_intent(asked, reader_id=reader_id), Succeeded)


def test_reader_payment_timeout_is_repeated_with_same_key(
    gateway: StripeGateway, desk: Desk, reader_id: str, intent_id: str
) -> None:
    desk.arm("timeout_after", "*/process_payment_intent")
    assert gateway.send_to_reader(reader_id, intent_id, key="send-1") == Unknown(UnknownReason.NO_ANSWER)
    assert gateway.send_to_reader(reader_id, intent_id, key="send-1") == SentToReader(reader_id, intent_id)


def test_reader_payment_paid_is_not_sent_again(gateway: StripeGateway, desk: Desk, reader_id: str, asked: str) -> None:
    desk.press(f"readers/{reader_id}/tap")
    assert gateway.send_to_reader(reader_id, asked, key="send-2") == Unknown(UnknownReason.INTENT_MOVED)


def test_reader_unknown_is_rejected(gateway: StripeGateway, intent_id: str) -> None:
    answer = gateway.send_to_reader("tmr_nowhere", intent_id, key="send-1")
    assert isinstance(answer, Rejected)
    assert answer.code == "resource_missing"


def test_reader_action_canceled_twice_frees_reader(
    gateway: StripeGateway, desk: Desk, reader_id: str, asked: str
) -> None:
    assert gateway.cancel_reader_action(reader_id) == ReaderFreed(reader_id)
    assert gateway.cancel_reader_action(reader_id) == ReaderFreed(reader_id)
    desk.arm("reader_busy", "*/cancel_action")
    assert gateway.cancel_reader_action(reader_id) == ReaderBusy(reader_id, None)


def test_intent_canceled_cannot_be_paid(gateway: StripeGateway, desk: Desk, reader_id: str, asked: str) -> None:
    assert gateway.cancel_intent(asked, key="cancel-1") == Closed("canceled")
    assert gateway.fetch_intent(asked) == Closed("canceled")
    desk.press(f"readers/{reader_id}/tap")
    assert desk.simulator.world.store.all("charge") == []
    assert gateway.fetch_intent(asked, reader_id=reader_id) == Closed("canceled")


def test_intent_canceled_after_payment_is_paid(gateway: StripeGateway, desk: Desk, reader_id: str, asked: str) -> None:
    desk.press(f"readers/{reader_id}/tap")
    assert isinstance(gateway.cancel_intent(asked, key="cancel-1"), Succeeded)


def test_intent_same_key_after_timeout_creates_one(gateway: StripeGateway, desk: Desk) -> None:
    desk.arm("timeout_after", "/v1/payment_intents")
    assert gateway.create_intent(intent(), key="intent-1") == Unknown(UnknownReason.NO_ANSWER)
    first, second = prepared(gateway), prepared(gateway)
    assert first == second
    assert len(desk.simulator.world.store.all("payment_intent")) == 1


def test_intent_answer_lost_at_every_step_succeeds(gateway: StripeGateway, desk: Desk, reader_id: str) -> None:
    for path in ("/v1/payment_intents", "*/process_payment_intent", "/v1/payment_intents/*", "*/cancel_action"):
        desk.arm("timeout_after", path)
    assert gateway.create_intent(intent(), key="i") == Unknown(UnknownReason.NO_ANSWER)
    intent_id = prepared(gateway, "i")
    assert gateway.send_to_reader(reader_id, intent_id, key="s") == Unknown(UnknownReason.NO_ANSWER)
    desk.press(f"readers/{reader_id}/tap")
    assert gateway.fetch_intent(intent_id) == Unknown(UnknownReason.NO_ANSWER)
    assert isinstance(gateway.fetch_intent(intent_id), Succeeded)
    assert gateway.cancel_reader_action(reader_id) == Unknown(UnknownReason.NO_ANSWER)


def test_readers_are_listed_with_label_and_state(gateway: StripeGateway, desk: Desk) -> None:
    for number in range(3):
        desk.reader(f"Desk {number}")
    readers = gateway.list_readers()
    assert isinstance(readers, tuple)
    assert sorted(reader.label for reader in readers) == ["Desk 0", "Desk 1", "Desk 2"]
    assert all(reader.online and not reader.livemode and reader.action is None for reader in readers)
