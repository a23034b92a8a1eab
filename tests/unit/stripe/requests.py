"""Requests that the gateway's tests vary."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pos.core import clock
from pos.integrations.stripe import CheckoutLine, CheckoutRequest, IntentRequest


def checkout(**changes: Any) -> CheckoutRequest:
    request = CheckoutRequest(
        order_id="order-1",
        currency="USD",
        lines=(CheckoutLine("5 × Trigger point 60", 50_000), CheckoutLine("Aromatherapy", 1_200, 2)),
        success_url="http://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://shop.test/basket",
        expires_at=clock.now() + timedelta(hours=1),
        customer_email="maria@example.com",
        metadata={"attempt_id": "attempt-1"},
        locale="en",
    )
    return replace(request, **changes)


def intent(**changes: Any) -> IntentRequest:
    return replace(IntentRequest("order-2", 2_416, "USD", metadata={"attempt_id": "attempt-2"}), **changes)
