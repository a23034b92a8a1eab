"""Money back to a card, through the real SDK."""

from __future__ import annotations

import pytest

from pos.integrations.stripe import (
    CardRefund,
    IntentCreated,
    RefundRequest,
    Rejected,
    Unknown,
    UnknownReason,
)
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import Desk
from tests.unit.stripe.requests import intent

TAKEN = 2_416


@pytest.fixture
def paid(gateway: StripeGateway, desk: Desk) -> str:
    """An intent whose card was charged 24.16."""
    reader = desk.reader()
    made = gateway.create_intent(intent(), key="sale")
    assert isinstance(made, IntentCreated)
    gateway.send_to_reader(reader, made.intent_id, key="sale-d1")
    desk.press(f"readers/{reader}/tap")
    return made.intent_id


def back(intent_id: str, amount: int = TAKEN, reference: str = "part-1") -> RefundRequest:
    return RefundRequest(intent_id, amount, "USD", reference)


def refunded(found: object) -> CardRefund:
    assert isinstance(found, CardRefund), found
    return found


def test_card_refund_succeeds_and_is_found_by_reference(gateway: StripeGateway, paid: str) -> None:
    made = refunded(gateway.create_refund(back(paid, 1_000), key="r1"))
    assert (made.status, made.amount_minor, made.currency) == ("succeeded", 1_000, "USD")
    assert (made.intent_id, made.reference) == (paid, "part-1")
    assert gateway.fetch_refund(made.refund_id) == made
    assert gateway.find_refund(paid, "part-1") == made
    assert gateway.find_refund(paid, "part-2") is None


def test_card_refund_same_key_after_timeout_is_one_refund(gateway: StripeGateway, desk: Desk, paid: str) -> None:
    desk.arm("timeout_after", "/v1/refunds", method="post")
    assert gateway.create_refund(back(paid, 1_000), key="r1") == Unknown(UnknownReason.NO_ANSWER)
    made = refunded(gateway.create_refund(back(paid, 1_000), key="r1"))
    assert [refund["id"] for refund in desk.simulator.world.store.all("refund")] == [made.refund_id]


def test_card_refund_above_captured_is_rejected(gateway: StripeGateway, paid: str) -> None:
    assert isinstance(gateway.create_refund(back(paid), key="r1"), CardRefund)
    again = gateway.create_refund(back(paid, 1, "part-2"), key="r2")
    assert isinstance(again, Rejected)
    assert again.code == "charge_already_refunded"


def test_card_refund_pending_fails_later_and_can_be_repeated(gateway: StripeGateway, desk: Desk, paid: str) -> None:
    desk.arm("refund_pending")
    made = refunded(gateway.create_refund(back(paid), key="r1"))
    assert made.status == "pending"
    desk.clock.advance(3 * 86400)
    desk.press(f"refunds/{made.refund_id}/fail", reason="lost_or_stolen_card")
    failed = refunded(gateway.fetch_refund(made.refund_id))
    assert (failed.status, failed.why) == ("failed", "lost_or_stolen_card")
    assert desk.events()[-2:] == ["refund.updated", "refund.failed"]
    assert isinstance(gateway.create_refund(back(paid, TAKEN, "part-2"), key="r2"), CardRefund)


def test_card_refund_pending_succeeds_later(gateway: StripeGateway, desk: Desk, paid: str) -> None:
    desk.arm("refund_pending")
    made = refunded(gateway.create_refund(back(paid), key="r1"))
    desk.press(f"refunds/{made.refund_id}/succeed")
    assert refunded(gateway.fetch_refund(made.refund_id)).status == "succeeded"


@pytest.mark.parametrize("fault", ["timeout_before", "rate_limit", "conflict", "server_error_stored"])
def test_card_refund_fault_is_unknown(gateway: StripeGateway, desk: Desk, paid: str, fault: str) -> None:
    desk.arm(fault, "/v1/refunds*")
    assert isinstance(gateway.create_refund(back(paid), key="r1"), Unknown)
    desk.arm(fault, "/v1/refunds*")
    assert isinstance(gateway.find_refund(paid, "part-1"), Unknown)


def test_card_refund_amount_not_representable_is_rejected_before_call(
    gateway: StripeGateway, desk: Desk, paid: str
) -> None:
    before = len(desk.http_client.calls)
    refused = gateway.create_refund(RefundRequest(paid, 1_001, "KWD", "part-1"), key="r1")
    assert isinstance(refused, Rejected)
    assert len(desk.http_client.calls) == before
