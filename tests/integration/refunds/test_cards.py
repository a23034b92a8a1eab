"""Money back to cards: where it came from first, in doubt never twice, owed again when it fails."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from pos.core import clock
from pos.core.errors import Conflict, NotConfigured, PosError
from tests.integration.refunds.conftest import Desk
from tests.support.books import failing
from tests.support.cards import CARDS, switched_to
from tests.support.clinic import line

pytestmark = CARDS


def paid(desk: Desk, *lines: object, cash: int = 0, client: UUID | None = None) -> UUID:
    """A sale paid by card after a first part in cash."""
    assert desk.till is not None
    till = desk.till
    waiting = till.charge(till.command(till.ticket(*lines, client=client), cash=cash))
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    return waiting.order_id


def at_stripe(desk: Desk) -> list[tuple[int, str]]:
    """Every refund Stripe made, oldest first: amount and state."""
    assert desk.till is not None
    return [(r["amount"], r["status"]) for r in reversed(desk.till.stripe.simulator.world.store.all("refund"))]


def refund_id_at_stripe(desk: Desk) -> str:
    assert desk.till is not None
    return str(desk.till.stripe.simulator.world.store.all("refund")[0]["id"])


def test_refund_of_card_sale_returns_money_to_card(card_desk: Desk) -> None:
    sale_id = paid(card_desk, line("trigger_60"))
    done = card_desk.refund(sale_id, office=True)
    assert (done.state, done.parts[0].kind) == ("paid_back", "card")
    assert done.parts[0].label.startswith("Visa •••• ")
    assert at_stripe(card_desk) == [(108_00, "succeeded")]
    assert card_desk.balance("stripe_clearing") == 0
    assert failing(card_desk.clinic) == {}


@pytest.mark.parametrize(
    "fault",
    ["timeout_before", "timeout_after", "rate_limit", "conflict", "server_error_stored", "server_error_executed"],
)
def test_refund_to_card_unknown_outcome_is_resolved_and_paid_once(card_desk: Desk, fault: str) -> None:
    desk = card_desk
    assert desk.till is not None
    sale_id = paid(desk, line("trigger_60"))
    desk.till.stripe.arm(fault, "/v1/refunds", method="post")
    doubtful = desk.refund(sale_id)
    assert doubtful.state == "unknown"
    assert desk.balance("stripe_clearing") == 0  # reserved already: nobody can give it back again
    with pytest.raises(Conflict):
        desk.void(sale_id)
    with clock.at(clock.now() + timedelta(minutes=3)):
        for _ in range(3):
            desk.poll_pending()
    assert at_stripe(desk) == [(108_00, "succeeded")]
    assert [part.state for part in desk.parts(doubtful.refund_id)] == ["paid_back"]
    assert desk.poll_pending() == 0
    assert failing(desk.clinic) == {}


def test_refund_to_card_key_forgotten_by_stripe_is_not_repeated(card_desk: Desk) -> None:
    desk = card_desk
    assert desk.till is not None
    sale_id = paid(desk, line("trigger_60"))
    desk.till.stripe.arm("timeout_after", "/v1/refunds", method="post")
    doubtful = desk.refund(sale_id, amount_minor=50_00)
    desk.till.stripe.clock.advance(30 * 3600)
    store = desk.till.stripe.simulator.world.store
    with store.transaction():
        store.run("DELETE FROM idempotency")
    with clock.at(clock.now() + timedelta(hours=30)):
        desk.poll_pending()
    assert [part.state for part in desk.parts(doubtful.refund_id)] == ["paid_back"]
    assert at_stripe(desk) == [(50_00, "succeeded")]


def test_refund_to_card_failed_days_later_is_owed_and_paid_in_cash(card_desk: Desk) -> None:
    desk = card_desk
    assert desk.till is not None
    sale_id = paid(desk, line("trigger_60"), client=desk.clinic.ana)
    desk.till.stripe.arm("refund_pending")
    waiting = desk.refund(sale_id)
    assert waiting.state == "waiting"
    desk.till.stripe.press(f"refunds/{refund_id_at_stripe(desk)}/fail", reason="expired_or_canceled_card")
    with clock.at(clock.now() + timedelta(days=3)):
        assert desk.news(refund_id_at_stripe(desk))
        part = desk.parts(waiting.refund_id)[0]
        assert (part.state, part.reason_code) == ("failed", "expired_or_canceled_card")
        assert desk.entry("refund_failed", part.id) == {"stripe_clearing": 108_00, "refunds_payable": -108_00}
        assert failing(desk.clinic) == {}
        desk.clinic.sell(line("oil"))  # the drawer's float of 100.00 is not enough
        done = desk.another_way(part.id, "cash")
        assert (done.state, done.cash_minor) == ("paid_back", 108_00)
        assert desk.entry("refund", done.parts[1].part_id) == {"refunds_payable": 108_00, "cash_drawer": -108_00}
        assert desk.balance("refunds_payable") == 0
        with pytest.raises(Conflict):
            desk.another_way(part.id, "account_credit")
        assert failing(desk.clinic) == {}
    assert len(desk.notes()) == 1


def test_refund_to_card_failed_is_sent_to_card_again(card_desk: Desk) -> None:
    desk = card_desk
    assert desk.till is not None
    sale_id = paid(desk, line("trigger_60"), client=desk.clinic.ana)
    done = desk.refund(sale_id)
    # It had succeeded, and the bank sent it back all the same.
    desk.till.stripe.press(f"refunds/{refund_id_at_stripe(desk)}/fail", reason="lost_or_stolen_card")
    assert desk.news(refund_id_at_stripe(desk))
    failed = desk.parts(done.refund_id)[0]
    again = desk.another_way(failed.id, "card", office=True)
    assert again.state == "paid_back"
    assert at_stripe(desk) == [(108_00, "failed"), (108_00, "succeeded")]
    assert desk.balance("stripe_clearing") == desk.balance("refunds_payable") == 0
    assert failing(desk.clinic) == {}


@pytest.mark.parametrize(("mode", "refusal"), [("off", NotConfigured), ("test", Conflict)])
def test_a_failed_refund_does_not_go_to_the_card_once_more_in_another_mode(
    card_desk: Desk, mode: str, refusal: type[PosError]
) -> None:
    desk = card_desk
    assert desk.till is not None
    done = desk.refund(paid(desk, line("trigger_60"), client=desk.clinic.ana))
    desk.till.stripe.press(f"refunds/{refund_id_at_stripe(desk)}/fail", reason="lost_or_stolen_card")
    assert desk.news(refund_id_at_stripe(desk))
    failed = desk.parts(done.refund_id)[0]
    with switched_to(desk.clinic, mode), pytest.raises(refusal):
        desk.another_way(failed.id, "card", office=True)
    assert [part.state for part in desk.parts(done.refund_id)] == ["failed"]
    assert desk.another_way(failed.id, "card", office=True).state == "paid_back"


def test_refund_webhook_repeated_or_unknown_changes_nothing(card_desk: Desk) -> None:
    desk = card_desk
    sale_id = paid(desk, line("trigger_60"))
    done = desk.refund(sale_id)
    assert [desk.news(refund_id_at_stripe(desk)) for _ in range(2)] == [True, True]
    assert not desk.news("re_of_somebody_else")
    assert [part.state for part in desk.parts(done.refund_id)] == ["paid_back"]


def test_refund_to_card_refused_by_stripe_is_owed(card_desk: Desk) -> None:
    """Somebody gave the money back at Stripe itself; ours is refused and a manager looks at it."""
    desk = card_desk
    assert desk.till is not None
    sale_id = paid(desk, line("trigger_60"))
    store = desk.till.stripe.simulator.world.store
    charge = store.all("charge")[0]
    with store.transaction():
        store.put(charge | {"amount_refunded": charge["amount"], "refunded": True})
    refused = desk.refund(sale_id)
    assert (refused.state, refused.parts[0].owed) == ("failed", True)
    assert "Look at it there" in (refused.parts[0].sentence or "")
    assert failing(desk.clinic) == {}


def test_void_of_split_sale_returns_card_and_cash(card_desk: Desk) -> None:
    desk = card_desk
    sale_id = paid(desk, line("trigger_60"), cash=8_00)
    done = desk.void(sale_id)
    assert [(part.kind, part.amount_minor) for part in done.parts] == [("card", 100_00), ("cash", 8_00)]
    assert desk.balance("stripe_clearing") == desk.balance("service_revenue") == 0
    assert failing(desk.clinic) == {}
