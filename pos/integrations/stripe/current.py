"""The gateway of the running application, opened at its first use."""

from __future__ import annotations

from typing import cast

from pos.core.app_context import running
from pos.core.config import Settings
from pos.core.errors import NotConfigured
from pos.core.messages.payments import CARD_PAYMENTS_OFF
from pos.integrations.stripe.factory import open_gateway
from pos.integrations.stripe.protocol import Gateway
from pos.integrations.stripe.types import GatewayConfig, Mode


def _open(settings: Settings) -> Gateway:
    told = settings.payments
    if not told.on:
        raise NotConfigured(CARD_PAYMENTS_OFF)
    return open_gateway(
        GatewayConfig(
            mode=cast(Mode, told.mode),
            secret_key=told.secret_key,
            webhook_secrets=told.webhook_secrets,
            api_base=told.api_base,
        )
    )


def gateway() -> Gateway:
    """The one gateway of this process; raises NotConfigured while card payments are off."""
    return running().once("gateway", _open)
