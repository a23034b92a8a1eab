"""What is less than a card can be charged is said before the card service is asked, with what to do instead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos.core.errors import Invalid
from pos.dev.stripe_simulator.objects.money import _SMALLEST
from pos.domain.payments import minimum_charge as rules
from pos.domain.payments.minimum_charge import LEAST_CHARGE, least_charge, too_small
from pos.domain.sales.cart_options import Stored
from pos.integrations.stripe.amounts import from_stripe
from pos.services.checkout.cart import TicketState, change_ticket
from pos.services.reconciliation.give_back_parts import give_back_parts
from tests.support.cards import CARDS, Till
from tests.support.clinic import line
from tests.support.gift_card_desk import (
    by_account,
    by_card,
    give_credit,
    sell_card,
)

pytestmark = CARDS


def with_stored(till: Till, stored: Stored) -> TicketState:
    """Trigger point 60, 108.00 with its tax, paid with stored value first."""
    ticket = till.ticket(client=till.clinic.ana)
    return till.act(
        change_ticket,
        ticket_id=ticket.ticket_id,
        desk_id=ticket.desk_id,
        staff_id=till.clinic.receptionist.id,
        client_id=till.clinic.ana,
        wanted=replace(till.clinic.wanted(line("trigger_60")), stored=(stored,)),
        version=ticket.version,
    )


@pytest.mark.parametrize("by_code", [False, True])
@pytest.mark.parametrize("first", ["gift card", "account credit", "cash"])
def test_card_payment_rest_below_least_charge_is_refused(till: Till, first: str, by_code: bool) -> None:
    cash = 0
    if first == "gift card":
        ticket = with_stored(till, by_card(sell_card(till.clinic, 107_70).card_id))
    elif first == "account credit":
        give_credit(till.clinic, till.clinic.ana, 107_70)
        ticket = with_stored(till, by_account())
    else:
        ticket, cash = till.ticket(line("trigger_60")), 107_70
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            till.charge(till.command(ticket, cash=cash, by_code=by_code))
        assert refused.value.field == "cash_tendered_minor"
        assert refused.value.extra["least_minor"] == 50
        assert refused.value.sentence.startswith(
            "0.30 is less than a card can be charged: 0.50 or more. Take it in cash"
        )
    store = till.stripe.simulator.world.store
    assert store.all("payment_intent") + store.all("checkout.session") == []
    assert till.ticket_state(ticket) == "open"


def test_card_payment_of_least_charge_is_paid(till: Till) -> None:
    waiting = till.charge(till.command(till.ticket(line("trigger_60")), cash=107_50))
    till.tap()
    assert till.look(waiting.order_id).paid
    assert till.charges() == [50]


def test_card_payment_too_small_at_stripe_explains_reason(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """A currency that is not in the list, or a settlement in another one: Stripe alone knows."""
    monkeypatch.setattr(rules, "LEAST_CHARGE", {})
    ticket = till.ticket(line("trigger_60"))
    refused = till.charge(till.command(ticket, cash=107_70))
    # The cash that was laid down is kept until it is handed back, or the rest is paid in another way.
    assert (refused.state, refused.rest_minor, refused.reason_code) == ("partly_paid", 30, "amount_too_small")
    assert refused.sentence
    assert "less than a card can be charged" in refused.sentence
    who = till.clinic.receptionist
    back = till.act(give_back_parts, refused.order_id, ticket.desk_id, who, expected_rest_minor=30)
    assert (back.cash_minor, till.ticket_state(ticket)) == (107_70, "open")


def test_least_charge_table_matches_simulator() -> None:
    assert {one: from_stripe(least, one.upper()) for one, least in _SMALLEST.items()} == {
        currency.lower(): least for currency, least in LEAST_CHARGE.items() if currency != "BGN"
    }
    assert (least_charge("JPY"), least_charge("GBP"), least_charge("XYZ")) == (50, 30, 1)
    assert (too_small(29, "GBP") is not None, too_small(30, "GBP"), too_small(49, "JPY")) == (
        True, None, "49 is less than a card can be charged: 50 or more.",
    )  # fmt: skip
