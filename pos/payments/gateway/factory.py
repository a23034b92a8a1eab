"""Opens the door, or says why it stays shut. The SDK is imported here, at the first use, for start-up time."""

from __future__ import annotations

from urllib.parse import urlsplit

from pos.kernel.errors import NotConfigured
from pos.payments.gateway.gateway import Gateway
from pos.payments.gateway.types import GatewayConfig

SIMULATOR_KEY = "sk_test_simulator_"
_LIVE_KEYS = ("sk_live_", "rk_live_")
_TEST_KEYS = ("sk_test_", "rk_test_")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def open_gateway(config: GatewayConfig) -> Gateway:
    """A gateway to the Stripe the configuration names; raises NotConfigured with one sentence per mistake."""
    refuse_unsafe(config)
    from pos.payments.gateway.stripe_gateway import StripeGateway

    return StripeGateway(config)


def refuse_unsafe(config: GatewayConfig) -> None:
    """Raise NotConfigured where a setting could take real money by mistake, or take none while seeming to."""
    simulated = config.secret_key.startswith(SIMULATOR_KEY)
    if config.mode == "live" and not config.secret_key.startswith(_LIVE_KEYS):
        raise NotConfigured("PAYMENTS_MODE is live, but STRIPE_SECRET_KEY is not a live key (sk_live_… or rk_live_…).")
    if config.mode == "test" and (simulated or not config.secret_key.startswith(_TEST_KEYS)):
        raise NotConfigured("PAYMENTS_MODE is test, but STRIPE_SECRET_KEY is not a test key (sk_test_… or rk_test_…).")
    if config.mode == "simulator" and not simulated:
        raise NotConfigured(f"PAYMENTS_MODE is simulator, but STRIPE_SECRET_KEY does not begin with {SIMULATOR_KEY}.")
    if config.mode == "simulator" and config.api_base is None:
        raise NotConfigured("PAYMENTS_MODE is simulator, but STRIPE_API_BASE does not say where the simulator is.")
    if config.mode != "simulator" and config.api_base is not None:
        raise NotConfigured("STRIPE_API_BASE is set, but only PAYMENTS_MODE=simulator may use it. Remove it.")
    if config.api_base is not None and urlsplit(config.api_base).hostname not in _LOOPBACK:
        raise NotConfigured("STRIPE_API_BASE must be an address of this machine, such as http://127.0.0.1:12111.")
    if not any(secret.strip() for secret in config.webhook_secrets):
        raise NotConfigured("STRIPE_WEBHOOK_SECRET is missing: without it nobody could tell a forged webhook.")
