"""Builds the Stripe client; raises NotConfigured for unsafe settings. The SDK is imported at its first use."""

from __future__ import annotations

from pos.core.config import refuse_unsafe
from pos.integrations.stripe.protocol import Gateway
from pos.integrations.stripe.types import GatewayConfig


def open_gateway(config: GatewayConfig) -> Gateway:
    """A gateway to the Stripe the configuration names; raises NotConfigured with one sentence per mistake."""
    refuse_unsafe(config.mode, config.secret_key, config.webhook_secrets, config.api_base)
    from pos.integrations.stripe.client import StripeGateway

    return StripeGateway(config)
