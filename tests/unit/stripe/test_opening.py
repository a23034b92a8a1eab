"""What keeps the door shut, and what it lets nobody see."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from pos.core.errors import NotConfigured
from pos.integrations.stripe import (
    Account,
    GatewayConfig,
    open_gateway,
)
from pos.integrations.stripe.amounts import from_stripe, to_stripe
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import Desk
from tests.unit.stripe.requests import checkout, intent

BASE = "http://127.0.0.1:12111"


def config(mode: str, key: str, base: str | None = None, secrets: tuple[str, ...] = ("whsec_x",)) -> GatewayConfig:
    return GatewayConfig(mode, key, secrets, base)


@pytest.mark.parametrize(
    "wrong",
    [
        config("live", "sk_test_abc"),
        config("test", "sk_test_simulator_key"),
        config("simulator", "sk_test_simulator_key", "http://example.com"),
        config("live", "rk_live_abc", None, (" ",)),
    ],
)
def test_gateway_invalid_configuration_is_refused(wrong: GatewayConfig) -> None:
    """The list itself is the table of tests/unit/core/test_settings.py."""
    with pytest.raises(NotConfigured):
        open_gateway(wrong)


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc"])
def test_gateway_live_mode_opens_with_live_keys(key: str) -> None:
    assert open_gateway(config("live", key))


def test_gateway_configuration_printed_hides_secrets() -> None:
    shown = repr(config("live", "sk_live_very_secret", None, ("whsec_very_secret",)))
    assert "very_secret" not in shown


def test_gateway_account_is_fetched(gateway: StripeGateway, desk: Desk) -> None:
    account = gateway.fetch_account()
    assert account == Account(desk.simulator.world.account_id, "Simulated clinic", "US", "USD", True)


def test_gateway_logs_neither_secrets_nor_client_data(
    gateway: StripeGateway, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        gateway.open_checkout(checkout(customer_email="canary@example.com"), key="key-1")
        desk.arm("timeout_before")
        gateway.open_checkout(checkout(customer_email="canary@example.com"), key="key-2")
        gateway.open_checkout(checkout(success_url="canary"), key="key-3")
        gateway.create_intent(intent(description="canary"), key="key-4")
    assert "canary" not in caplog.text
    assert "sk_test" not in caplog.text


def test_gateway_import_does_not_load_sdk() -> None:
    code = "import sys, pos.integrations.stripe; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [(1234, "USD", 1234), (500, "JPY", 500), (5, "ISK", 500), (5, "UGX", 500), (1230, "KWD", 1230), (500, "MGA", 5)],
)
def test_stripe_amount_follows_currency_rules_of_stripe(minor: int, currency: str, amount: int) -> None:
    assert to_stripe(minor, currency) == amount
    assert from_stripe(amount, currency) == minor


@pytest.mark.parametrize(("minor", "currency"), [(1231, "KWD"), (501, "MGA")])
def test_stripe_amount_not_representable_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(ValueError, match="exactly"):
        to_stripe(minor, currency)


def test_stripe_amount_with_fraction_of_minor_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="fraction"):
        from_stripe(501, "ISK")


def test_gateway_shared_by_threads_keeps_keys_apart(gateway: StripeGateway) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = [f"key-{number % 10}" for number in range(40)]
        answers = list(pool.map(lambda key: gateway.create_intent(intent(), key=key), keys))
    made = {answer.intent_id for answer in answers if hasattr(answer, "intent_id")}
    assert len(made) == 10
