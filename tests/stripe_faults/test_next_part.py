"""A fault at every call to Stripe for the second card of a ticket, and for giving its parts back: no money is lost.

At the end the ticket is a sale that both cards paid exactly, or it was given back and Stripe kept nothing.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.database.base import reading
from pos.domain.payments.models import PaymentAttempt
from pos.services.payments import terminal_payment
from pos.services.payments.next_part import TakePart, take_part
from pos.services.payments.payment_state import payment_state
from pos.services.reconciliation.give_back_parts import give_back_parts
from pos.services.reconciliation.unmatched_transactions import poll_unmatched_refunds
from tests.stripe_faults.payment_calls import FAULT_CASES, Case, Site
from tests.stripe_faults.test_stripe_calls import run, till
from tests.support.cards import Till
from tests.support.clinic import line
from tests.support.remembered_checks import broken_checks

__all__ = ["till"]
pytestmark = pytest.mark.xdist_group("faults")


def second_card(till: Till) -> Case:
    """108.00, of which a first card paid 50.00: the rest is asked for at the reader."""
    first = till.charge(till.command(till.ticket(line("trigger_60")), card_minor=50_00))
    till.tap()
    assert till.look(first.order_id).state == "partly_paid"
    command = TakePart(first.order_id, till.clinic.usd.desk, "card", None, 58_00)
    return Case(till, first.order_id, lambda: take_part(command), online=False)


def _begin(case: Case) -> object:
    return case.begin()


def _find_out(case: Case) -> object:
    return terminal_payment.refresh_at_desk(case.order_id)


def _cancel(case: Case) -> object:
    return case.cancel()


def _give_back(case: Case) -> object:
    rest = payment_state(reading(), case.order_id).rest_minor
    clinic = case.till.clinic
    return give_back_parts(case.order_id, clinic.usd.desk, clinic.receptionist, expected_rest_minor=rest)


SITES = (
    Site("create_intent", "post", "/v1/payment_intents", second_card, _begin),
    Site("send_to_reader", "post", "/v1/terminal/readers/*/process_payment_intent", second_card, _begin),
    Site("fetch_intent", "get", "/v1/payment_intents/*", second_card, _find_out, ("begin", "pay")),
    Site("cancel_intent", "post", "/v1/payment_intents/*/cancel", second_card, _cancel, ("begin",)),
    Site("create_refund", "post", "/v1/refunds", second_card, _give_back),
)


@pytest.mark.parametrize(("fault", "crash"), FAULT_CASES)
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_stripe_fault_at_next_part_loses_no_money(till: Till, site: Site, fault: str | None, crash: bool) -> None:
    charged, back = sum(till.charges()), _given_back(till)
    case = run(till, site, fault, crash=crash)
    if case.state() == "placed":
        with till.clinic.app.app_context():
            _give_back(case)
    for minutes in (0, 3, 6):  # a key that answers 500 for ever is renewed after two minutes
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            till.act(poll_unmatched_refunds)
    state, kept = case.state(), sum(till.charges()) - charged - (_given_back(till) - back)
    assert (state, kept) in {("completed", 108_00), ("released", 0)}
    with till.clinic.read() as session:
        attempts = session.scalars(select(PaymentAttempt).where(PaymentAttempt.order_id == case.order_id)).all()
        paid = [one for one in attempts if one.state == "succeeded" and one.reason_code is None]
        assert sum(one.amount_minor for one in paid) == (108_00 if state == "completed" else 0)
        # The world's drawers were opened without the entry of their float.
        assert broken_checks(session, but="drawers") == {}


def _given_back(till: Till) -> int:
    return sum(int(one["amount"]) for one in till.stripe.simulator.world.store.all("refund"))
