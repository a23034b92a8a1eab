from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pos.core import clock
from pos.integrations.stripe import GatewayConfig, open_gateway
from pos.integrations.stripe.client import StripeGateway
from tests.support.simulator_client import PUBLIC_URL, Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with clock.at(datetime.fromtimestamp(desk.clock.now(), UTC)):
        yield desk
    desk.close()


@pytest.fixture
def config(desk: Desk) -> GatewayConfig:
    return GatewayConfig(
        mode="simulator",
        secret_key=desk.secret_key,
        webhook_secrets=("whsec_the_next_one", desk.webhook_secret),
        api_base=PUBLIC_URL,
        http_client=desk.http_client,
        max_network_retries=0,
    )


@pytest.fixture
def gateway(config: GatewayConfig) -> StripeGateway:
    return open_gateway(config)
