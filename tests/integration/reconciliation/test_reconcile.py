"""After an old backup: what Stripe has and we have not is found, queued once, and decided about."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.errors import Conflict, Invalid
from pos.dev.stripe_simulator.objects import disputes
from pos.domain.payouts.models import UnmatchedTransaction
from pos.services.reconciliation.import_from_stripe import Reconciled, reconcile
from pos.services.reconciliation.unmatched_transactions import Decision, decide, poll_unmatched_refunds
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.support.books import failing
from tests.support.cards import CARDS
from tests.support.clinic import line

pytestmark = CARDS


def elsewhere(case: PostPaymentCase, amount: int = 50_00) -> str:
    """A payment that was made while this database did not exist yet."""
    return case.till.stripe.paid_elsewhere(amount)


def look(case: PostPaymentCase) -> Reconciled:
    with case.clinic.app.app_context():
        return reconcile(clock.now() - timedelta(days=1))


def unmatched(case: PostPaymentCase, stripe_id: str) -> UnmatchedTransaction:
    with case.clinic.read() as session:
        return session.scalars(select(UnmatchedTransaction).where(UnmatchedTransaction.stripe_id == stripe_id)).one()


def decided(
    case: PostPaymentCase, stripe_id: str, what: str, *, client: UUID | None = None, reason: str = "The slip"
) -> str:
    with case.clinic.app.app_context():
        found = unmatched(case, stripe_id)
        return decide(
            Decision(found.id, what, reason, case.clinic.manager, case.clinic.usd.location_id, client_id=client)
        )


def test_reconcile_known_payment_is_settled_and_unknown_is_queued_once(case: PostPaymentCase) -> None:
    known = case.sold(line("oil"))
    waiting = case.buy_online("three")  # paid at Stripe, and we have not heard of it
    strange = elsewhere(case)
    done = look(case)
    assert (done.seen, done.moved_on, done.found, done.open) == (3, 1, 1, 1)
    assert case.till.attempt(waiting).state == "succeeded"
    assert unmatched(case, strange).amount_minor == 50_00
    assert (look(case).found, look(case).open) == (0, 1)
    assert case.till.attempt(known).state == "succeeded"
    assert failing(case.clinic) == {}


def test_reconcile_unknown_refund_and_dispute_are_found_and_explained(case: PostPaymentCase) -> None:
    world = case.till.stripe.simulator.world
    strange = elsewhere(case)
    charge = world.find("payment_intent", strange)["latest_charge"]
    refund_id = _refund(case, strange)
    disputes.open_dispute(world, charge, amount=10_00)
    done = look(case)
    assert done.found == 3
    with pytest.raises(Invalid):
        decided(case, refund_id, "credit", client=case.clinic.ana)
    assert decided(case, refund_id, "explain") == "explained"
    with pytest.raises(Conflict):
        decided(case, refund_id, "explain")
    assert look(case).found == 0


def test_reconcile_refund_made_at_stripe_belongs_to_location_of_payment(case: PostPaymentCase) -> None:
    sold = case.till.attempt(case.sold(line("foot_60")))
    assert sold.intent_id
    ours, strange = _refund(case, sold.intent_id), elsewhere(case)
    look(case)
    assert unmatched(case, ours).location_id == case.clinic.usd.location_id
    assert unmatched(case, strange).location_id is None
    assert decided(case, ours, "explain", reason="Given back at Stripe by hand") == "explained"


def _refund(case: PostPaymentCase, intent_id: str) -> str:
    from pos.integrations.stripe import RefundRequest
    from pos.integrations.stripe.current import gateway

    with case.clinic.app.app_context():
        made = gateway().create_refund(RefundRequest(intent_id, 5_00, "USD", reference="elsewhere"), key="elsewhere")
        return made.refund_id


def test_unmatched_payment_credited_to_client_becomes_account_credit(case: PostPaymentCase) -> None:
    strange = elsewhere(case)
    look(case)
    for client, reason in ((None, "The slip"), (case.clinic.ana, "")):
        with pytest.raises(Invalid):
            decided(case, strange, "credit", client=client, reason=reason)
    assert decided(case, strange, "credit", client=case.clinic.ana) == "credited"
    assert (case.balance("account_credit"), case.balance("stripe_clearing")) == (-50_00, 50_00)
    payout_id = case.payout("arrive")
    case.hear_payout(payout_id)
    assert case.balance("stripe_clearing") == 0  # the payout knows it now
    assert failing(case.clinic) == {}


@pytest.mark.parametrize("fault", [None, "timeout_after", "timeout_before", "server_error_stored"])
def test_unmatched_payment_refunded_with_faults_is_returned_once(case: PostPaymentCase, fault: str | None) -> None:
    strange = elsewhere(case)
    look(case)
    if fault:
        case.till.stripe.arm(fault, "/v1/refunds", method="post")
    state = decided(case, strange, "refund")
    assert state == ("refunded" if fault is None else "refunding")
    assert failing(case.clinic) == {}
    for minutes in (1, 5):
        with case.clinic.app.app_context(), clock.at(clock.now() + timedelta(minutes=minutes)):
            poll_unmatched_refunds()
    assert unmatched(case, strange).state == "refunded"
    made = case.till.stripe.simulator.world.store.where("refund", "payment_intent", strange)
    assert [one["amount"] for one in made] == [50_00]
    assert (case.balance("stripe_clearing"), case.balance("refunds_payable")) == (0, 0)
    assert look(case).found == 0  # our own refund is no unmatched transaction
    case.sold(line("foot_60"))
    payout_id = case.payout("arrive")
    case.hear_payout(payout_id)
    assert case.balance("stripe_clearing") == 0
    assert failing(case.clinic) == {}


def test_reconcile_stripe_does_not_answer_changes_nothing(case: PostPaymentCase) -> None:
    elsewhere(case)
    case.till.stripe.arm("timeout_before", "/v1/refunds", method="get")
    with pytest.raises(Conflict, match="did not give its list"):
        look(case)
    with case.clinic.read() as session:
        assert session.scalars(select(UnmatchedTransaction)).all() == []
