from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.support.simulator_client import PUBLIC_URL, Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def client(desk: Desk) -> stripe.StripeClient:
    bases: Any = {"api": PUBLIC_URL, "files": PUBLIC_URL, "connect": PUBLIC_URL, "meter_events": PUBLIC_URL}
    return stripe.StripeClient(desk.secret_key, base_addresses=bases, http_client=desk.http_client)
