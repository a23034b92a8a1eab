"""A payment begun in one mode of Stripe, in an application started in another: a new key, or a copy for training."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from pos.core import clock
from pos.core.errors import Conflict
from pos.services.jobs.event_handlers import poll_pending
from pos.services.payments import switch_method, terminal_payment
from pos.services.payments.refresh_payment import refresh_payment
from tests.integration.checkout.test_tenders_in_any_order import begin, part, tap
from tests.support.cards import CARDS, Till, switched_to
from tests.support.clinic import line

pytestmark = CARDS


def _of_payments(till: Till, since: int) -> list[str]:
    """The calls since then, without those by which the polling job lists disputes and payouts of the other mode."""
    return [path for _, path in till.stripe.http_client.calls[since:] if path not in ("/v1/disputes", "/v1/payouts")]


def _asked_again(till: Till, order_id: UUID) -> dict[str, Callable[[], object]]:
    return {
        "look": lambda: till.look(order_id),
        "resume": lambda: till.again(order_id),
        "landing page": lambda: till.act(refresh_payment, order_id),
        "another reader": lambda: till.act(
            switch_method.request_at_reader, order_id, till.own_reader(), till.clinic.usd.location_id
        ),
        "polling job": lambda: till.act(poll_pending),
    }


@pytest.mark.parametrize("by_code", [False, True], ids=["reader", "code"])
def test_payment_that_stripe_never_answered_is_not_made_in_another_mode(till: Till, by_code: bool) -> None:
    """Its key is unknown there, so a live card would be charged for what was ordered in test mode."""
    till.stripe.arm("timeout_before", "/v1/checkout/sessions" if by_code else "/v1/payment_intents", method="post")
    waiting = till.charge(till.command(till.ticket(line("trigger_60")), by_code=by_code))
    before = till.attempt(waiting.order_id)
    assert (before.intent_id, before.session_id) == (None, None)
    called = len(till.stripe.http_client.calls)
    with switched_to(till.clinic, "test"):
        for ask in _asked_again(till, waiting.order_id).values():
            ask()
    assert _of_payments(till, called) == []
    after = till.attempt(waiting.order_id)
    assert (after.intent_id, after.session_id) == (None, None)


def test_payment_that_stripe_never_answered_can_be_canceled_in_another_mode(till: Till) -> None:
    till.stripe.arm("timeout_before", "/v1/payment_intents", method="post")
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    with switched_to(till.clinic, "test"), clock.at(clock.now() + 2 * terminal_payment.ASKING):
        till.act(poll_pending)
    assert till.attempt(waiting.order_id).state == "canceled"


def test_payment_at_work_is_not_asked_about_in_another_mode(till: Till) -> None:
    """Stripe does not know it there, which says nothing: it stays as it is, and is settled in its own mode."""
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    till.tap()
    called = len(till.stripe.http_client.calls)
    with switched_to(till.clinic, "test"), clock.at(clock.now() + timedelta(minutes=1)):
        for ask in _asked_again(till, waiting.order_id).values():
            ask()
    assert _of_payments(till, called) == []
    assert till.attempt(waiting.order_id).state == "pending"
    assert till.look(waiting.order_id).state == "succeeded"


def test_rest_of_what_a_card_paid_in_another_mode_is_not_taken(till: Till) -> None:
    """A sale of 50.00 from the simulator and 58.00 in real money; while cards are off, the rest is taken in cash."""
    first = tap(till, begin(till, card=50_00))
    with switched_to(till.clinic, "live"):
        for kind in ("card", "cash"):
            with pytest.raises(Conflict, match="another mode"):
                part(till, first, kind, 58_00)
    with switched_to(till.clinic, "off"):
        assert part(till, first, "cash", 58_00).paid
