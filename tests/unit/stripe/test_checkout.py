"""The hosted page, through the real SDK."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pos.core import clock
from pos.integrations.stripe import (
    CheckoutLine,
    CheckoutOpened,
    Closed,
    GatewayConfig,
    Pending,
    PendingReason,
    Rejected,
    Succeeded,
    Unknown,
    UnknownReason,
    open_gateway,
)
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import PUBLIC_URL, Desk
from tests.unit.stripe.requests import checkout


def opened(gateway: StripeGateway, key: str = "key-1", **changes: object) -> CheckoutOpened:
    answer = gateway.open_checkout(checkout(**changes), key=key)
    assert isinstance(answer, CheckoutOpened), answer
    return answer


def test_checkout_page_paid_returns_everything_to_verify(gateway: StripeGateway, desk: Desk) -> None:
    page = opened(gateway)
    assert page.url == f"{PUBLIC_URL}/pay/{page.session_id}"
    assert page.expires_at == clock.now() + timedelta(hours=1)
    assert gateway.fetch_checkout(page.session_id) == Pending(PendingReason.CHECKOUT_OPEN)

    desk.press(f"sessions/{page.session_id}/pay")
    outcome = gateway.fetch_checkout(page.session_id)
    assert isinstance(outcome, Succeeded)
    assert (outcome.session_id, outcome.amount_minor, outcome.tip_minor) == (page.session_id, 52_400, 0)
    assert (outcome.currency, outcome.card_brand, outcome.card_last4) == ("USD", "visa", "4242")
    assert outcome.livemode is False
    assert outcome.metadata == {"attempt_id": "attempt-1", "order_id": "order-1"}
    assert outcome.intent_id.startswith("pi_")
    assert outcome.charge_id.startswith("ch_")


def test_checkout_page_card_declined_stays_open(gateway: StripeGateway, desk: Desk) -> None:
    page = opened(gateway)
    desk.press(f"sessions/{page.session_id}/decline", code="insufficient_funds")
    assert gateway.fetch_checkout(page.session_id) == Pending(PendingReason.CHECKOUT_OPEN)
    desk.press(f"sessions/{page.session_id}/pay")
    assert isinstance(gateway.fetch_checkout(page.session_id), Succeeded)


def test_checkout_page_expired_twice_closes_once(gateway: StripeGateway, desk: Desk) -> None:
    page = opened(gateway)
    assert gateway.expire_checkout(page.session_id) == Closed("expired")
    assert gateway.expire_checkout(page.session_id) == Closed("expired")
    assert desk.events() == ["checkout.session.expired"]


def test_checkout_page_expired_after_payment_is_paid(gateway: StripeGateway, desk: Desk) -> None:
    page = opened(gateway)
    desk.press(f"sessions/{page.session_id}/pay")
    assert isinstance(gateway.expire_checkout(page.session_id), Succeeded)


def test_checkout_page_after_its_time_is_expired(gateway: StripeGateway, desk: Desk) -> None:
    page = opened(gateway)
    desk.clock.advance(3601)
    assert gateway.fetch_checkout(page.session_id) == Closed("expired")


def test_checkout_page_same_key_opens_one_page(gateway: StripeGateway, desk: Desk) -> None:
    assert opened(gateway).session_id == opened(gateway).session_id
    assert len(desk.simulator.world.store.all("checkout.session")) == 1


def test_checkout_page_same_key_with_other_content_is_refused(gateway: StripeGateway) -> None:
    opened(gateway)
    answer = gateway.open_checkout(checkout(customer_email="sam@example.com"), key="key-1")
    assert isinstance(answer, Rejected)
    assert answer.code == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("fault", "reason", "made"),
    [
        ("timeout_before", UnknownReason.NO_ANSWER, 0),
        ("timeout_after", UnknownReason.NO_ANSWER, 1),
        ("rate_limit", UnknownReason.RATE_LIMITED, 0),
        ("conflict", UnknownReason.IN_PROGRESS, 0),
        ("server_error_stored", UnknownReason.SERVER_ERROR, 0),
        ("server_error_executed", UnknownReason.SERVER_ERROR, 1),
    ],
)
def test_checkout_page_fault_is_unknown_with_reason(
    gateway: StripeGateway, desk: Desk, fault: str, reason: UnknownReason, made: int
) -> None:
    desk.arm(fault, "/v1/checkout/sessions", method="post")
    assert gateway.open_checkout(checkout(), key="key-1") == Unknown(reason)
    assert len(desk.simulator.world.store.all("checkout.session")) == made


def test_checkout_page_timeout_is_resolved_with_same_key(gateway: StripeGateway, desk: Desk) -> None:
    desk.arm("timeout_after", "/v1/checkout/sessions")
    assert gateway.open_checkout(checkout(), key="key-1") == Unknown(UnknownReason.NO_ANSWER)
    page = opened(gateway)
    assert [session["id"] for session in desk.simulator.world.store.all("checkout.session")] == [page.session_id]


def test_checkout_page_stored_server_error_is_replayed(gateway: StripeGateway, desk: Desk) -> None:
    desk.arm("server_error_stored", "/v1/checkout/sessions")
    for _ in range(3):
        assert gateway.open_checkout(checkout(), key="key-1") == Unknown(UnknownReason.SERVER_ERROR)
    opened(gateway, key="key-2")


def test_checkout_page_timeout_is_retried_by_sdk_with_same_key(config: GatewayConfig, desk: Desk) -> None:
    patient = open_gateway(replace(config, max_network_retries=2))
    desk.arm("timeout_after", "/v1/checkout/sessions")
    desk.arm("timeout_before", "/v1/checkout/sessions")
    opened(patient)
    assert len(desk.simulator.world.store.all("checkout.session")) == 1


def test_checkout_page_read_failure_is_unknown_never_rejected(
    gateway: StripeGateway, desk: Desk, config: GatewayConfig
) -> None:
    page = opened(gateway)
    assert gateway.fetch_checkout("cs_test_of_another_account") == Unknown(UnknownReason.NOT_FOUND)
    stranger = open_gateway(replace(config, secret_key="sk_test_simulator_another"))
    assert stranger.fetch_checkout(page.session_id) == Unknown(UnknownReason.NOT_AUTHORISED)
    for fault, reason in (
        ("timeout_before", UnknownReason.NO_ANSWER),
        ("rate_limit", UnknownReason.RATE_LIMITED),
        ("server_error_stored", UnknownReason.SERVER_ERROR),
    ):
        desk.arm(fault)
        assert gateway.fetch_checkout(page.session_id) == Unknown(reason)


def test_checkout_page_wrong_api_key_is_rejected(config: GatewayConfig) -> None:
    stranger = open_gateway(replace(config, secret_key="sk_test_simulator_another"))
    answer = stranger.open_checkout(checkout(), key="key-1")
    assert isinstance(answer, Rejected)
    assert answer.code == "authentication_failed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": (CheckoutLine("Too little", 10),)}, "amount_too_small"),
        ({"success_url": "nowhere"}, "url_invalid"),
        ({"currency": "KWD", "lines": (CheckoutLine("Odd", 1_001),)}, "amount_not_representable"),
        ({"locale": "tlh"}, "invalid_request_error"),
        ({"metadata": {"note": "x" * 501}}, "invalid_request_error"),
    ],
)
def test_checkout_page_invalid_request_is_rejected_with_code(
    gateway: StripeGateway, changes: dict[str, object], code: str
) -> None:
    answer = gateway.open_checkout(checkout(**changes), key="key-1")
    assert isinstance(answer, Rejected)
    assert answer.code == code
