"""Opens the door, or says why it stays shut. The SDK is imported here, at the first use, for start-up time."""

from __future__ import annotations

from pos.kernel.settings import refuse_unsafe
from pos.payments.gateway.gateway import Gateway
from pos.payments.gateway.types import GatewayConfig


def open_gateway(config: GatewayConfig) -> Gateway:
    """A gateway to the Stripe the configuration names; raises NotConfigured with one sentence per mistake."""
    refuse_unsafe(config.mode, config.secret_key, config.webhook_secrets, config.api_base)
    from pos.payments.gateway.stripe_gateway import StripeGateway

    return StripeGateway(config)
