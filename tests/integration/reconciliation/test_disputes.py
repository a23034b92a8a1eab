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


def give_back(case: PostPaymentCase, sale_id: object) -> None:
    with case.clinic.app.app_context():
        refund(RefundCommand(new_id(), RefundChoice(sale_id), "The client asked for it", case.clinic.manager))


def test_dispute_opened_suspends_credits_and_refuses_refund(
    case: PostPaymentCase,
) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id)
    assert case.hear(stripe_id)
    opened = case.steps(stripe_id)["opened"]
    assert case.entry("dispute_opened", opened.id) == {
        "stripe_disputes": 900_00, "stripe_fees": 15_00, "stripe_clearing": -915_00
    }  # fmt: skip
    lot = case.clinic.lot(lot_id)
    assert (opened.credits, lot.status, lot.remaining) == (7, "suspended", 7)
    with pytest.raises(Conflict, match="taken this payment back"):
        give_back(case, sale_id)
    with pytest.raises(Conflict):
        case.clinic.sell(line("trigger_60", credit=lot_id), client=case.clinic.ana, cash=0)
    assert failing(case.clinic) == {}


def test_dispute_lost_books_liability_tax_and_bad_debt(case: PostPaymentCase) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id)
    case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    lost = case.steps(stripe_id)["lost"]
    assert case.entry("dispute_lost", lost.id) == {
        "package_liability": 572_73, "tax_payable:10": 57_27, "bad_debt": 270_00, "stripe_disputes": -900_00
    }  # fmt: skip
    lot = case.clinic.lot(lot_id)
    assert (lot.status, lot.remaining, lot.removed, lot.net_minor - lot.recognised_minor) == ("refunded", 0, 7, 0)
    assert (case.balance("stripe_disputes"), case.balance("package_liability")) == (0, 0)
    with pytest.raises(Conflict, match="kept this payment"):
        give_back(case, sale_id)
    assert failing(case.clinic) == {}


def test_dispute_won_returns_money_credits_and_lost_days(case: PostPaymentCase) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    ends = case.clinic.lot(lot_id).expires_on
    assert ends is not None
    stripe_id = case.disputed(sale_id)
    case.hear(stripe_id)
    with case.later(days=40):
        case.decide(stripe_id, "win")
        case.hear(stripe_id)
    lot = case.clinic.lot(lot_id)
    assert (lot.status, lot.remaining, lot.expires_on) == ("active", 7, ends + timedelta(days=40))
    won = case.steps(stripe_id)["won"]
    assert case.entry("dispute_won", won.id) == {"stripe_clearing": 900_00, "stripe_disputes": -900_00}
    assert case.balance("stripe_fees") == 15_00  # the fee is not given back
    assert failing(case.clinic) == {}


NEWS = ("created", "funds_withdrawn", "funds_reinstated", "closed")


@pytest.mark.parametrize("order", list(permutations(range(3)))[:4])
def test_dispute_events_repeated_or_out_of_order_book_each_step_once(
    case: PostPaymentCase, order: tuple[int, ...]
) -> None:
    """The object is fetched each time, so what counts is when each fetch was made and when it is applied."""
    sale_id, _ = case.ten_with_three_used()
    gateway = use_case.gateway
    stripe_id = case.disputed(sale_id)
    with case.clinic.app.app_context():
        told = [gateway().disputes.fetch_dispute(stripe_id)]
        case.decide(stripe_id, "win")
        told += [gateway().disputes.fetch_dispute(stripe_id)] * 2
        for number in (*order, *order):
            use_case.apply_dispute(told[number])
    assert sorted(case.steps(stripe_id)) == ["opened", "won"]
    assert (case.balance("stripe_disputes"), case.balance("stripe_fees")) == (0, 15_00)
    assert failing(case.clinic) == {}


def test_dispute_inquiry_moves_nothing_until_escalated(case: PostPaymentCase) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id, inquiry=True)
    case.hear(stripe_id)
    assert (case.steps(stripe_id), case.clinic.lot(lot_id).status) == ({}, "active")
    case.decide(stripe_id, "escalate")
    case.hear(stripe_id)
    assert case.clinic.lot(lot_id).status == "suspended"
    other = case.disputed(case.sold(line("oil")), inquiry=True)
    case.hear(other)
    case.decide(other, "prevent")
    case.hear(other)
    assert [(step.kind, step.amount_minor) for step in case.steps(other).values()] == [("dropped", 0)]
    assert case.dispute(other).status == "prevented"
    assert failing(case.clinic) == {}


def test_dispute_of_partial_amount_lost_removes_credits_it_paid_for(case: PostPaymentCase) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id, amount=200_00)
    case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    lost, lot = case.steps(stripe_id)["lost"], case.clinic.lot(lot_id)
    # Two credits are worth 180.00 with their tax; a third would be more than was lost.
    assert (lost.credits, lost.liability_minor + lost.tax_minor, lost.bad_debt_minor) == (2, 180_00, 20_00)
    assert (lot.status, lot.remaining) == ("active", 5)
    assert failing(case.clinic) == {}


def test_dispute_several_of_one_payment_suspend_until_last_is_decided(case: PostPaymentCase) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    first, second = case.disputed(sale_id, amount=300_00), case.disputed(sale_id, amount=600_00)
    for stripe_id in (first, second):
        case.hear(stripe_id)
    case.decide(first, "win")
    case.hear(first)
    assert case.clinic.lot(lot_id).status == "suspended"
    case.decide(second, "lose")
    case.hear(second)
    lot = case.clinic.lot(lot_id)
    assert (lot.status, lot.remaining, case.steps(second)["lost"].credits) == ("active", 1, 6)
    assert failing(case.clinic) == {}


def test_dispute_lost_of_sale_without_package_is_bad_debt(case: PostPaymentCase) -> None:
    stripe_id = case.disputed(case.sold(line("foot_60"), line("oil")))
    case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    assert (case.balance("bad_debt"), case.balance("stripe_disputes")) == (93_00, 0)
    assert failing(case.clinic) == {}


def test_dispute_lost_then_won_on_appeal_recovers_loss(case: PostPaymentCase) -> None:
    sale_id, _ = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id)
    case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    world = case.till.stripe.simulator.world
    with world.store.transaction():  # the simulator knows no appeals; Stripe tells of them by the same object
        world.store.put(world.find("dispute", stripe_id) | {"status": "won"})
    case.hear(stripe_id)
    case.hear(stripe_id)
    assert sorted(case.steps(stripe_id)) == ["lost", "opened", "recovered"]
    assert case.balance("bad_debt") == 270_00 - 900_00
    assert failing(case.clinic) == {}


def test_dispute_during_package_exchange_lets_exchange_complete(
    case: PostPaymentCase,
) -> None:
    """The card was charged for the difference: completing must not fail then."""
    clinic, till = case.clinic, case.till
    old = case.sold(line("five"), client=clinic.ana)
    clinic.sell(line("trigger_60"), client=clinic.ana)
    ticket = _ticket(till, with_visit(clinic, old))
    waiting = till.charge(till.command(ticket))  # type: ignore[arg-type]  # the helper of that room
    stripe_id = case.disputed(old)
    case.hear(stripe_id)
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    gone, new = lot_of(clinic, old), lot_of(clinic, waiting.order_id)
    assert (gone.status, gone.remaining, new.status, new.remaining) == ("closed", 0, "active", 9)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    assert case.balance("bad_debt") == 460_00  # what the old package was worth is in the new one
    assert failing(clinic) == {}


def test_polling_job_dispute_without_webhook_is_found(case: PostPaymentCase) -> None:
    sale_id, lot_id = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id)
    case.poll_pending()
    assert case.clinic.lot(lot_id).status == "suspended"
    case.decide(stripe_id, "lose")
    case.poll_pending()  # within the hour nobody asks again
    assert "lost" not in case.steps(stripe_id)
    with case.later(hours=2):
        case.poll_pending()
    assert "lost" in case.steps(stripe_id)


def test_dispute_of_charge_not_made_here_is_left_alone(case: PostPaymentCase) -> None:
    """The Stripe account takes money elsewhere too: its disputes are no business of these books."""
    world = case.till.stripe.simulator.world
    charge_id = world.find("payment_intent", case.till.stripe.paid_elsewhere(50_00))["latest_charge"]
    stripe_id = case.till.stripe.press(f"charges/{charge_id}/dispute")["id"]
    assert not case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    assert not case.hear(stripe_id)
    assert case.clinic.count(Dispute) == 0
    assert (case.balance("stripe_disputes"), case.balance("bad_debt")) == (0, 0)
    assert failing(case.clinic) == {}


def test_dispute_of_payment_not_settled_here_is_booked(case: PostPaymentCase) -> None:
    """Our own charge, disputed before we heard that it was paid: the loss of the money is booked, once."""
    waiting = case.till.charge(case.till.command(case.till.ticket(line("oil"))))
    case.till.tap()  # paid at Stripe, and we have not heard of it
    (charge,) = case.till.stripe.simulator.world.store.all("charge")
    stripe_id = case.till.stripe.press(f"charges/{charge['id']}/dispute")["id"]
    assert waiting.state == "pending"
    for _ in range(2):
        assert case.hear(stripe_id)  # its intent is known
    assert case.clinic.count(Dispute) == 1
    assert list(case.steps(stripe_id)) == ["opened"]
    assert case.entry("dispute_opened", case.steps(stripe_id)["opened"].id) == {
        "stripe_disputes": 18_00, "stripe_fees": 15_00, "stripe_clearing": -33_00
    }  # fmt: skip


def test_dispute_lost_tax_not_due_is_removed_with_credits(build_case: Callable[..., PostPaymentCase]) -> None:
    case = build_case(TaxHabit("10", inclusive=True, point="redemption"))
    sale_id, _ = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id)
    case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    assert case.entry("dispute_lost", case.steps(stripe_id)["lost"].id) == {
        "package_liability": 572_73, "tax_not_due:10": 57_27, "bad_debt": 270_00, "stripe_disputes": -900_00
    }  # fmt: skip
    assert failing(case.clinic) == {}


@pytest.mark.parametrize(("point", "account"), [("sale", "tax_payable"), ("redemption", "tax_not_due")])
def test_dispute_lost_takes_back_each_of_two_taxes(
    build_case: Callable[..., PostPaymentCase], point: str, account: str
) -> None:
    """Of 45.00 and 89.78 what belongs to the seven sessions left: 31.50 and 62.85."""
    case = build_case(TaxHabit("5", second="9.975", point=point))
    sale_id, _ = case.ten_with_three_used()
    stripe_id = case.disputed(sale_id)
    case.hear(stripe_id)
    case.decide(stripe_id, "lose")
    case.hear(stripe_id)
    step = case.steps(stripe_id)["lost"]
    assert (step.tax_minor, step.second_tax_minor) == (94_35, 62_85)
    assert case.entry("dispute_lost", step.id) == {
        "package_liability": 630_00, f"{account}:5": 31_50, f"{account}:second:9.975": 62_85, "bad_debt": 310_43,
        "stripe_disputes": -1_034_78,
    }  # fmt: skip
    assert failing(case.clinic) == {}
    with case.clinic.read() as session:
        assert disagreements(session, place(session, case.clinic.usd.location_id)) == []
