"""Opens the client to Stripe, and keeps the one of the running application. The SDK is imported at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pos.core.app_context import running, settings
from pos.core.config import Settings, refuse_unsafe
from pos.core.errors import NotConfigured
from pos.core.messages.payments import CARD_PAYMENTS_OFF
from pos.integrations.stripe.types import GatewayConfig, Mode

if TYPE_CHECKING:
    from pos.integrations.stripe.client import StripeGateway


def open_gateway(config: GatewayConfig) -> StripeGateway:
    """A client to the Stripe the configuration names; raises NotConfigured with one sentence per mistake."""
    refuse_unsafe(config.mode, config.secret_key, config.webhook_secrets, config.api_base)
    from pos.integrations.stripe.client import StripeGateway

    return StripeGateway(config)


def _open(started_with: Settings) -> StripeGateway:
    payments = started_with.payments
    if not payments.on:
        raise NotConfigured(CARD_PAYMENTS_OFF)
    return open_gateway(
        GatewayConfig(
            mode=cast(Mode, payments.mode),
            secret_key=payments.secret_key,
            webhook_secrets=payments.webhook_secrets,
            api_base=payments.api_base,
        )
    )


def gateway() -> StripeGateway:
    """The one client of this process; raises NotConfigured while card payments are off."""
    return running().once("gateway", _open)


def is_current_mode(mode: str) -> bool:
    """Whether what was begun in `mode` may be asked for now: with the key of another mode, Stripe does not know it."""
    return settings().payments.mode == mode
