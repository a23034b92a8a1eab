"""What the simulator and Stripe must answer alike. `pytest --stripe=real` asks Stripe's test mode the same questions.

Without the option the simulator is asked. With it only tests marked `stripe_alike` run, with the key in STRIPE_TEST_KEY;
without a key they are skipped, and say so. Nothing here needs a reader, a webhook or a person.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pos.core import clock
from pos.core.ids import new_id
from pos.integrations.stripe import (
    Account,
    CheckoutOpened,
    Closed,
    GatewayConfig,
    IntentCreated,
    Pending,
    PendingReason,
    RefundRequest,
    Rejected,
    Unknown,
    UnknownReason,
    open_gateway,
)
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import PUBLIC_URL, Desk
from tests.unit.stripe.requests import checkout, intent

pytestmark = pytest.mark.stripe_alike


@pytest.fixture
def either(request: pytest.FixtureRequest) -> Iterator[StripeGateway]:
    """The door to Stripe's test mode where it was asked for, to the simulator otherwise."""
    if request.config.getoption("--stripe") == "real":
        key = os.environ.get("STRIPE_TEST_KEY", "")
        if not key:
            pytest.skip("STRIPE_TEST_KEY is not set: nothing was asked of Stripe")
        yield open_gateway(GatewayConfig("test", key, ("whsec_unused",)))
        return
    desk = Desk()
    config = GatewayConfig(
        "simulator", desk.secret_key, ("whsec_unused",), PUBLIC_URL, desk.http_client, max_network_retries=0
    )
    with clock.at(datetime.fromtimestamp(desk.clock.now(), UTC)):
        yield open_gateway(config)
    desk.close()


@pytest.fixture
def key() -> str:
    """A key nobody has used."""
    return f"alike-{new_id()}"


def test_stripe_alike_account_has_id_and_currency(either: StripeGateway) -> None:
    found = either.fetch_account()
    assert isinstance(found, Account)
    assert found.account_id.startswith("acct_")
    assert found.currency
    assert found.currency.isupper()


def test_stripe_alike_intent_same_key_is_one_and_other_parameters_rejected(either: StripeGateway, key: str) -> None:
    made = either.create_intent(intent(), key=key)
    assert isinstance(made, IntentCreated)
    assert either.create_intent(intent(), key=key) == made
    other = either.create_intent(replace(intent(), amount_minor=999), key=key)
    assert isinstance(other, Rejected)
    assert other.code == "idempotency_key_reused"


def test_stripe_alike_intent_waits_for_card_and_can_be_canceled(either: StripeGateway, key: str) -> None:
    made = either.create_intent(intent(), key=key)
    assert isinstance(made, IntentCreated)
    assert either.fetch_intent(made.intent_id) == Pending(PendingReason.AWAITING_CARD)
    assert isinstance(either.cancel_intent(made.intent_id, key=key + "-c"), Closed)
    assert isinstance(either.fetch_intent(made.intent_id), Closed)
    again = either.cancel_intent(made.intent_id, key=key + "-d")
    assert isinstance(again, Closed), "given up already: what it is, not a failure"


def test_stripe_alike_checkout_page_opens_and_expires(either: StripeGateway, key: str) -> None:
    request = checkout(expires_at=clock.now() + timedelta(hours=1))
    page = either.open_checkout(request, key=key)
    assert isinstance(page, CheckoutOpened)
    assert page.url
    assert either.open_checkout(request, key=key) == page
    assert isinstance(either.fetch_checkout(page.session_id), Pending)
    assert isinstance(either.expire_checkout(page.session_id), Closed)
    assert isinstance(either.expire_checkout(page.session_id), Closed)


def test_stripe_alike_unknown_object_is_unknown_not_found(either: StripeGateway) -> None:
    assert either.fetch_intent("pi_nobody_has") == Unknown(UnknownReason.NOT_FOUND)
    assert either.fetch_checkout("cs_test_nobody_has") == Unknown(UnknownReason.NOT_FOUND)


def test_stripe_alike_refund_of_unpaid_intent_is_rejected(either: StripeGateway, key: str) -> None:
    made = either.create_intent(intent(), key=key)
    assert isinstance(made, IntentCreated)
    refused = either.create_refund(RefundRequest(made.intent_id, 100, "USD", "reference"), key=key + "-r")
    assert isinstance(refused, Rejected)


def test_stripe_alike_events_and_readers_are_listed(either: StripeGateway, key: str) -> None:
    either.create_intent(intent(), key=key)
    events = either.list_events(clock.now() - timedelta(hours=1), ["payment_intent.created"])
    assert isinstance(events, tuple)
    assert {event.type for event in events} <= {"payment_intent.created"}
    assert isinstance(either.list_readers(), tuple)
