"""Disputes to the cent: opened, won, lost, prevented; credits rest meanwhile; each step once, however the news comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.domain.disputes.models import Dispute
from pos.domain.locations.queries import place
from pos.services.reconciliation import disputes as use_case
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.integration.upgrades.test_visit_conversion import _ticket, lot_of, with_visit
from tests.support.agreeing import disagreements
from tests.support.books import failing
from tests.support.cards import CARDS
from tests.support.clinic import TaxHabit, line

pytestmark = CARDS


def give_back(after: PostPaymentCase, sale_id: object) -> None:
    with after.clinic.app.app_context():
        refund(RefundCommand(new_id(), RefundChoice(sale_id), "The client asked for it", after.clinic.manager))


def test_dispute_opened_suspends_credits_and_refuses_refund(
    after: PostPaymentCase,
) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id)
    assert after.hear(stripe_id)
    opened = after.steps(stripe_id)["opened"]
    assert after.entry("dispute_opened", opened.id) == {
        "stripe_disputes": 900_00, "stripe_fees": 15_00, "stripe_clearing": -915_00
    }  # fmt: skip
    lot = after.clinic.lot(lot_id)
    assert (opened.credits, lot.status, lot.remaining) == (7, "suspended", 7)
    with pytest.raises(Conflict, match="taken this payment back"):
        give_back(after, sale_id)
    with pytest.raises(Conflict):
        after.clinic.sell(line("trigger_60", credit=lot_id), client=after.clinic.ana, cash=0)
    assert failing(after.clinic) == {}


def test_dispute_lost_books_liability_tax_and_bad_debt(after: PostPaymentCase) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id)
    after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    lost = after.steps(stripe_id)["lost"]
    assert after.entry("dispute_lost", lost.id) == {
        "package_liability": 572_73, "tax_payable:10": 57_27, "bad_debt": 270_00, "stripe_disputes": -900_00
    }  # fmt: skip
    lot = after.clinic.lot(lot_id)
    assert (lot.status, lot.remaining, lot.removed, lot.net_minor - lot.recognised_minor) == ("refunded", 0, 7, 0)
    assert (after.balance("stripe_disputes"), after.balance("package_liability")) == (0, 0)
    with pytest.raises(Conflict, match="kept this payment"):
        give_back(after, sale_id)
    assert failing(after.clinic) == {}


def test_dispute_won_returns_money_credits_and_lost_days(after: PostPaymentCase) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    ends = after.clinic.lot(lot_id).expires_on
    assert ends is not None
    stripe_id = after.disputed(sale_id)
    after.hear(stripe_id)
    with after.later(days=40):
        after.decide(stripe_id, "win")
        after.hear(stripe_id)
    lot = after.clinic.lot(lot_id)
    assert (lot.status, lot.remaining, lot.expires_on) == ("active", 7, ends + timedelta(days=40))
    won = after.steps(stripe_id)["won"]
    assert after.entry("dispute_won", won.id) == {"stripe_clearing": 900_00, "stripe_disputes": -900_00}
    assert after.balance("stripe_fees") == 15_00  # the fee is not given back
    assert failing(after.clinic) == {}


NEWS = ("created", "funds_withdrawn", "funds_reinstated", "closed")


@pytest.mark.parametrize("order", list(permutations(range(3)))[:4])
def test_dispute_events_repeated_or_out_of_order_book_each_step_once(
    after: PostPaymentCase, order: tuple[int, ...]
) -> None:
    """The object is fetched each time, so what counts is when each fetch was made and when it is applied."""
    sale_id, _ = after.ten_with_three_used()
    gateway = use_case.gateway
    stripe_id = after.disputed(sale_id)
    with after.clinic.app.app_context():
        told = [gateway().disputes.fetch_dispute(stripe_id)]
        after.decide(stripe_id, "win")
        told += [gateway().disputes.fetch_dispute(stripe_id)] * 2
        for number in (*order, *order):
            use_case.apply_dispute(told[number])
    assert sorted(after.steps(stripe_id)) == ["opened", "won"]
    assert (after.balance("stripe_disputes"), after.balance("stripe_fees")) == (0, 15_00)
    assert failing(after.clinic) == {}


def test_dispute_inquiry_moves_nothing_until_escalated(after: PostPaymentCase) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id, inquiry=True)
    after.hear(stripe_id)
    assert (after.steps(stripe_id), after.clinic.lot(lot_id).status) == ({}, "active")
    after.decide(stripe_id, "escalate")
    after.hear(stripe_id)
    assert after.clinic.lot(lot_id).status == "suspended"
    other = after.disputed(after.sold(line("oil")), inquiry=True)
    after.hear(other)
    after.decide(other, "prevent")
    after.hear(other)
    assert [(step.kind, step.amount_minor) for step in after.steps(other).values()] == [("dropped", 0)]
    assert after.dispute(other).status == "prevented"
    assert failing(after.clinic) == {}


def test_dispute_of_partial_amount_lost_removes_credits_it_paid_for(after: PostPaymentCase) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id, amount=200_00)
    after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    lost, lot = after.steps(stripe_id)["lost"], after.clinic.lot(lot_id)
    # Two credits are worth 180.00 with their tax; a third would be more than was lost.
    assert (lost.credits, lost.liability_minor + lost.tax_minor, lost.bad_debt_minor) == (2, 180_00, 20_00)
    assert (lot.status, lot.remaining) == ("active", 5)
    assert failing(after.clinic) == {}


def test_dispute_several_of_one_payment_suspend_until_last_is_decided(after: PostPaymentCase) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    first, second = after.disputed(sale_id, amount=300_00), after.disputed(sale_id, amount=600_00)
    for stripe_id in (first, second):
        after.hear(stripe_id)
    after.decide(first, "win")
    after.hear(first)
    assert after.clinic.lot(lot_id).status == "suspended"
    after.decide(second, "lose")
    after.hear(second)
    lot = after.clinic.lot(lot_id)
    assert (lot.status, lot.remaining, after.steps(second)["lost"].credits) == ("active", 1, 6)
    assert failing(after.clinic) == {}


def test_dispute_lost_of_sale_without_package_is_bad_debt(after: PostPaymentCase) -> None:
    stripe_id = after.disputed(after.sold(line("foot_60"), line("oil")))
    after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    assert (after.balance("bad_debt"), after.balance("stripe_disputes")) == (93_00, 0)
    assert failing(after.clinic) == {}


def test_dispute_lost_then_won_on_appeal_recovers_loss(after: PostPaymentCase) -> None:
    sale_id, _ = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id)
    after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    world = after.till.stripe.simulator.world
    with world.store.transaction():  # the simulator knows no appeals; Stripe tells of them by the same object
        world.store.put(world.find("dispute", stripe_id) | {"status": "won"})
    after.hear(stripe_id)
    after.hear(stripe_id)
    assert sorted(after.steps(stripe_id)) == ["lost", "opened", "recovered"]
    assert after.balance("bad_debt") == 270_00 - 900_00
    assert failing(after.clinic) == {}


def test_dispute_during_package_exchange_lets_exchange_complete(
    after: PostPaymentCase,
) -> None:
    """The card was charged for the difference: completing must not fail then."""
    clinic, till = after.clinic, after.till
    old = after.sold(line("five"), client=clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    ticket = _ticket(till, with_visit(clinic, old))
    waiting = till.charge(till.command(ticket))  # type: ignore[arg-type]  # the helper of that room
    stripe_id = after.disputed(old)
    after.hear(stripe_id)
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    gone, new = lot_of(clinic, old), lot_of(clinic, waiting.order_id)
    assert (gone.status, gone.remaining, new.status, new.remaining) == ("closed", 0, "active", 9)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    assert after.balance("bad_debt") == 460_00  # what the old package was worth is in the new one
    assert failing(clinic) == {}


def test_polling_job_dispute_without_webhook_is_found(after: PostPaymentCase) -> None:
    sale_id, lot_id = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id)
    after.poll_pending()
    assert after.clinic.lot(lot_id).status == "suspended"
    after.decide(stripe_id, "lose")
    after.poll_pending()  # within the hour nobody asks again
    assert "lost" not in after.steps(stripe_id)
    with after.later(hours=2):
        after.poll_pending()
    assert "lost" in after.steps(stripe_id)


def test_dispute_of_charge_not_made_here_is_left_alone(after: PostPaymentCase) -> None:
    """The Stripe account takes money elsewhere too: its disputes are no business of these books."""
    world = after.till.stripe.simulator.world
    charge_id = world.find("payment_intent", after.till.stripe.paid_elsewhere(50_00))["latest_charge"]
    stripe_id = after.till.stripe.press(f"charges/{charge_id}/dispute")["id"]
    assert not after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    assert not after.hear(stripe_id)
    assert after.clinic.count(Dispute) == 0
    assert (after.balance("stripe_disputes"), after.balance("bad_debt")) == (0, 0)
    assert failing(after.clinic) == {}


def test_dispute_of_payment_not_settled_here_is_booked(after: PostPaymentCase) -> None:
    """Our own charge, disputed before we heard that it was paid: the loss of the money is booked, once."""
    waiting = after.till.charge(after.till.command(after.till.ticket(line("oil"))))
    after.till.tap()  # paid at Stripe, and we have not heard of it
    (charge,) = after.till.stripe.simulator.world.store.all("charge")
    stripe_id = after.till.stripe.press(f"charges/{charge['id']}/dispute")["id"]
    assert waiting.state == "pending"
    for _ in range(2):
        assert after.hear(stripe_id)  # its intent is known
    assert after.clinic.count(Dispute) == 1
    assert list(after.steps(stripe_id)) == ["opened"]
    assert after.entry("dispute_opened", after.steps(stripe_id)["opened"].id) == {
        "stripe_disputes": 18_00, "stripe_fees": 15_00, "stripe_clearing": -33_00
    }  # fmt: skip


def test_dispute_lost_tax_not_due_is_removed_with_credits(build_after: Callable[..., PostPaymentCase]) -> None:
    after = build_after(TaxHabit("10", inclusive=True, point="redemption"))
    sale_id, _ = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id)
    after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    assert after.entry("dispute_lost", after.steps(stripe_id)["lost"].id) == {
        "package_liability": 572_73, "tax_not_due:10": 57_27, "bad_debt": 270_00, "stripe_disputes": -900_00
    }  # fmt: skip
    assert failing(after.clinic) == {}


@pytest.mark.parametrize(("point", "account"), [("sale", "tax_payable"), ("redemption", "tax_not_due")])
def test_dispute_lost_takes_back_each_of_two_taxes(
    build_after: Callable[..., PostPaymentCase], point: str, account: str
) -> None:
    """Of 45.00 and 89.78 what belongs to the seven sessions left: 31.50 and 62.85."""
    after = build_after(TaxHabit("5", second="9.975", point=point))
    sale_id, _ = after.ten_with_three_used()
    stripe_id = after.disputed(sale_id)
    after.hear(stripe_id)
    after.decide(stripe_id, "lose")
    after.hear(stripe_id)
    step = after.steps(stripe_id)["lost"]
    assert (step.tax_minor, step.second_tax_minor) == (94_35, 62_85)
    assert after.entry("dispute_lost", step.id) == {
        "package_liability": 630_00, f"{account}:5": 31_50, f"{account}:second:9.975": 62_85, "bad_debt": 310_43,
        "stripe_disputes": -1_034_78,
    }  # fmt: skip
    assert failing(after.clinic) == {}
    with after.clinic.read() as session:
        assert disagreements(session, place(session, after.clinic.usd.location_id)) == []
