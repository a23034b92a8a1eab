"""Webhooks and the list of events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from pos.core import clock
from pos.dev.stripe_simulator.webhook_delivery import signature
from pos.integrations.stripe import (
    BadSignature,
    CheckoutOpened,
    Event,
)
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import Desk
from tests.unit.stripe.requests import checkout

COMPLETED = "checkout.session.completed"


@pytest.fixture
def paid(gateway: StripeGateway, desk: Desk) -> str:
    page = gateway.open_checkout(checkout(), key="key-1")
    assert isinstance(page, CheckoutOpened)
    desk.press(f"sessions/{page.session_id}/pay")
    return page.session_id


def received(gateway: StripeGateway, desk: Desk) -> list[Event]:
    desk.press("flush")
    events = [gateway.read_event(body, headers["Stripe-Signature"]) for body, headers in desk.delivered]
    desk.delivered.clear()
    return events


def signed(desk: Desk, body: bytes, *, at: float | None = None, secret: str | None = None) -> tuple[bytes, str]:
    return body, signature(body, secret or desk.webhook_secret, int(clock.now().timestamp() if at is None else at))


def test_webhook_signed_is_read(gateway: StripeGateway, desk: Desk, paid: str) -> None:
    events = {event.type: event for event in received(gateway, desk)}
    event = events[COMPLETED]
    assert (event.object_id, event.object_type, event.livemode) == (paid, "checkout.session", False)
    assert event.created_at == clock.now()
    assert event.api_version == "2026-10-28.endive"
    assert event.event_id.startswith("evt_")


def test_webhook_forged_is_refused_without_leaking_body(gateway: StripeGateway, desk: Desk, paid: str) -> None:
    desk.press("flush")
    body, headers = desk.delivered[-1]
    with pytest.raises(BadSignature) as refused:
        gateway.read_event(body.replace(b"false", b"true", 1), headers["Stripe-Signature"])
    assert refused.value.__cause__ is None
    assert "checkout" not in str(vars(refused.value))


def test_webhook_signed_by_other_secret_is_refused(gateway: StripeGateway, desk: Desk) -> None:
    desk.arm("webhook_badly_signed", COMPLETED)
    page = gateway.open_checkout(checkout(), key="key-1")
    assert isinstance(page, CheckoutOpened)
    desk.press(f"sessions/{page.session_id}/pay")
    desk.press("flush")
    body, headers = desk.delivered[-1]
    with pytest.raises(BadSignature):
        gateway.read_event(body, headers["Stripe-Signature"])


def test_webhook_signed_by_either_secret_is_accepted(gateway: StripeGateway, desk: Desk, paid: str) -> None:
    desk.press("flush")
    body, _ = desk.delivered[-1]
    assert gateway.read_event(*signed(desk, body, secret="whsec_the_next_one")).object_id == paid


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_webhook_timestamp_out_of_tolerance_is_refused(
    gateway: StripeGateway, desk: Desk, paid: str, seconds: int
) -> None:
    desk.press("flush")
    body, _ = desk.delivered[-1]
    with pytest.raises(BadSignature):
        gateway.read_event(*signed(desk, body, at=clock.now().timestamp() + seconds))


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"", b"[]", b"null", b"{}", b'{"object":"event"}', b'{"object":"v2.core.event"}']
)
def test_webhook_signed_body_without_event_is_refused(gateway: StripeGateway, desk: Desk, body: bytes) -> None:
    with pytest.raises(BadSignature):
        gateway.read_event(*signed(desk, body))


_EVENT = {
    "object": "event", "id": "evt_1", "type": "charge.updated", "created": 1_795_000_000, "livemode": False,
    "api_version": None, "data": {"object": {"id": "ch_1", "object": "charge"}},
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        *({name: value} for name in ("id", "type", "created", "data") for value in (None, [], {"a": 1}, "x" * 500)),
        {"created": 10**30}, {"created": -(10**12)}, {"created": "soon"}, {"id": 7}, {"id": "a\0b"}, {"api_version": 7},
        {"data": {"object": {"id": 7, "object": "charge"}}}, {"data": {"object": {"id": "ch_1", "object": None}}},
        {"data": {"object": ["ch_1"]}},
    ],
    ids=str,
)  # fmt: skip
def test_webhook_signed_event_with_wrong_field_types_is_refused(
    gateway: StripeGateway, desk: Desk, changed: dict[str, object]
) -> None:
    assert gateway.read_event(*signed(desk, json.dumps(_EVENT).encode())).event_id == "evt_1"
    with pytest.raises(BadSignature):
        gateway.read_event(*signed(desk, json.dumps(_EVENT | changed).encode()))


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "v1=abc", "t=1795000000", "t=²,v1=é", "t=" + "9" * 5000 + ",v1=a", "ü"]
)
def test_webhook_malformed_signature_header_is_refused(gateway: StripeGateway, desk: Desk, header: str) -> None:
    with pytest.raises(BadSignature):
        gateway.read_event(b"{}", header)


def test_webhook_delivery_faults_duplicate_reorder_and_lose_events(gateway: StripeGateway, desk: Desk) -> None:
    desk.arm("webhook_duplicated", "charge.succeeded")
    desk.arm("webhook_reordered", "payment_intent.succeeded")
    desk.arm("webhook_lost", "payment_intent.created")
    page = gateway.open_checkout(checkout(), key="key-1")
    assert isinstance(page, CheckoutOpened)
    desk.press(f"sessions/{page.session_id}/pay")
    types = [event.type for event in received(gateway, desk)]
    assert types == ["charge.succeeded", "charge.succeeded", COMPLETED, "payment_intent.succeeded"]


def test_webhook_livemode_and_version_are_read_unchanged(gateway: StripeGateway, desk: Desk) -> None:
    desk.arm("webhook_wrong_livemode", COMPLETED)
    desk.arm("webhook_wrong_version", "charge.succeeded")
    page = gateway.open_checkout(checkout(), key="key-1")
    assert isinstance(page, CheckoutOpened)
    desk.press(f"sessions/{page.session_id}/pay")
    events = {event.type: event for event in received(gateway, desk)}
    assert events[COMPLETED].livemode is True
    assert events["charge.succeeded"].api_version == "2020-08-27"


def test_webhook_may_arrive_before_response(gateway: StripeGateway, desk: Desk) -> None:
    page = gateway.open_checkout(checkout(), key="key-1")
    assert isinstance(page, CheckoutOpened)
    desk.arm("webhook_before_response", "checkout.session.expired")
    seen = []
    desk.receiver = lambda body, headers: seen.append(json.loads(body)["type"]) or 200
    desk.http_client.after = lambda method, path: seen.append("answer")
    gateway.expire_checkout(page.session_id)
    assert seen == ["checkout.session.expired", "answer"]


def test_stripe_events_over_several_pages_are_listed_oldest_first(gateway: StripeGateway, desk: Desk) -> None:
    since = clock.now()
    for number in range(60):
        page = gateway.open_checkout(checkout(), key=f"key-{number}")
        assert isinstance(page, CheckoutOpened)
        desk.press(f"sessions/{page.session_id}/decline", code="card_declined")
        desk.clock.advance(1)
    events = gateway.list_events(since)
    assert isinstance(events, tuple)
    assert len(events) == 180
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)
    later = gateway.list_events(since + timedelta(seconds=50), ["payment_intent.payment_failed"])
    assert isinstance(later, tuple)
    assert {event.type for event in later} == {"payment_intent.payment_failed"}
    assert len(later) == 10
    assert later[0].created_at == datetime.fromtimestamp(since.timestamp() + 50, UTC)
