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


def elsewhere(after: PostPaymentCase, amount: int = 50_00) -> str:
    """A payment that was made while this database did not exist yet."""
    return after.till.stripe.paid_elsewhere(amount)


def look(after: PostPaymentCase) -> Reconciled:
    with after.clinic.app.app_context():
        return reconcile(clock.now() - timedelta(days=1))


def unmatched(after: PostPaymentCase, stripe_id: str) -> UnmatchedTransaction:
    with after.clinic.read() as session:
        return session.scalars(select(UnmatchedTransaction).where(UnmatchedTransaction.stripe_id == stripe_id)).one()


def decided(
    after: PostPaymentCase, stripe_id: str, what: str, *, client: UUID | None = None, reason: str = "The slip"
) -> str:
    with after.clinic.app.app_context():
        found = unmatched(after, stripe_id)
        return decide(
            Decision(found.id, what, reason, after.clinic.manager, after.clinic.usd.location_id, client_id=client)
        )


def test_reconcile_known_payment_is_settled_and_unknown_is_queued_once(after: PostPaymentCase) -> None:
    known = after.sold(line("oil"))
    waiting = after.buy_online("three")  # paid at Stripe, and we have not heard of it
    strange = elsewhere(after)
    done = look(after)
    assert (done.seen, done.moved_on, done.found, done.open) == (3, 1, 1, 1)
    assert after.till.attempt(waiting).state == "succeeded"
    assert unmatched(after, strange).amount_minor == 50_00
    assert (look(after).found, look(after).open) == (0, 1)
    assert after.till.attempt(known).state == "succeeded"
    assert failing(after.clinic) == {}


def test_reconcile_unknown_refund_and_dispute_are_found_and_explained(after: PostPaymentCase) -> None:
    world = after.till.stripe.simulator.world
    strange = elsewhere(after)
    charge = world.find("payment_intent", strange)["latest_charge"]
    refund_id = _refund(after, strange)
    disputes.open_dispute(world, charge, amount=10_00)
    done = look(after)
    assert done.found == 3
    with pytest.raises(Invalid):
        decided(after, refund_id, "credit", client=after.clinic.ana)
    assert decided(after, refund_id, "explain") == "explained"
    with pytest.raises(Conflict):
        decided(after, refund_id, "explain")
    assert look(after).found == 0


def test_reconcile_refund_made_at_stripe_belongs_to_location_of_payment(after: PostPaymentCase) -> None:
    sold = after.till.attempt(after.sold(line("foot_60")))
    assert sold.intent_id
    ours, strange = _refund(after, sold.intent_id), elsewhere(after)
    look(after)
    assert unmatched(after, ours).location_id == after.clinic.usd.location_id
    assert unmatched(after, strange).location_id is None
    assert decided(after, ours, "explain", reason="Given back at Stripe by hand") == "explained"


def _refund(after: PostPaymentCase, intent_id: str) -> str:
    from pos.integrations.stripe import RefundRequest
    from pos.integrations.stripe.current import gateway

    with after.clinic.app.app_context():
        made = gateway().create_refund(RefundRequest(intent_id, 5_00, "USD", reference="elsewhere"), key="elsewhere")
        return made.refund_id


def test_unmatched_payment_credited_to_client_becomes_account_credit(after: PostPaymentCase) -> None:
    strange = elsewhere(after)
    look(after)
    for client, reason in ((None, "The slip"), (after.clinic.ana, "")):
        with pytest.raises(Invalid):
            decided(after, strange, "credit", client=client, reason=reason)
    assert decided(after, strange, "credit", client=after.clinic.ana) == "credited"
    assert (after.balance("account_credit"), after.balance("stripe_clearing")) == (-50_00, 50_00)
    payout_id = after.payout("arrive")
    after.hear_payout(payout_id)
    assert after.balance("stripe_clearing") == 0  # the payout knows it now
    assert failing(after.clinic) == {}


@pytest.mark.parametrize("fault", [None, "timeout_after", "timeout_before", "server_error_stored"])
def test_unmatched_payment_refunded_with_faults_is_returned_once(after: PostPaymentCase, fault: str | None) -> None:
    strange = elsewhere(after)
    look(after)
    if fault:
        after.till.stripe.arm(fault, "/v1/refunds", method="post")
    state = decided(after, strange, "refund")
    assert state == ("refunded" if fault is None else "refunding")
    assert failing(after.clinic) == {}
    for minutes in (1, 5):
        with after.clinic.app.app_context(), clock.at(clock.now() + timedelta(minutes=minutes)):
            poll_unmatched_refunds()
    assert unmatched(after, strange).state == "refunded"
    made = after.till.stripe.simulator.world.store.where("refund", "payment_intent", strange)
    assert [one["amount"] for one in made] == [50_00]
    assert (after.balance("stripe_clearing"), after.balance("refunds_payable")) == (0, 0)
    assert look(after).found == 0  # our own refund is no unmatched transaction
    after.sold(line("foot_60"))
    payout_id = after.payout("arrive")
    after.hear_payout(payout_id)
    assert after.balance("stripe_clearing") == 0
    assert failing(after.clinic) == {}


def test_reconcile_stripe_does_not_answer_changes_nothing(after: PostPaymentCase) -> None:
    elsewhere(after)
    after.till.stripe.arm("timeout_before", "/v1/refunds", method="get")
    with pytest.raises(Conflict, match="did not give its list"):
        look(after)
    with after.clinic.read() as session:
        assert session.scalars(select(UnmatchedTransaction)).all() == []
