"""A fault at every call that comes after a payment, with and without the end of our process: each ends once, to the cent.

A sale is paid by card and its story brought to the call; the fault is armed and, where the process "ends", nothing of ours
runs after the call. Then the polling job goes on as it would in any clinic, and a page is asked again by whoever pressed its
button.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from pos.core import clock
from pos.core.ids import new_id
from pos.dev.stripe_simulator.objects import payments
from pos.domain.disputes.models import Dispute, DisputeEvidence, DisputeStep
from pos.domain.payouts.models import (
    BalanceTransaction,
    PayoutAllocation,
    PollingCursor,
    StripePayout,
    UnmatchedTransaction,
)
from pos.services.jobs import event_handlers
from pos.services.reconciliation import dispute_evidence
from pos.services.reconciliation.dispute_evidence import HandIn, hand_in
from pos.services.reconciliation.disputes import news_of_dispute, poll_disputes
from pos.services.reconciliation.import_from_stripe import reconcile
from pos.services.reconciliation.payouts import news_of_payout, poll_payouts
from pos.services.reconciliation.stripe_fees import note_fee_of
from tests.stripe_faults.dispute_payout_calls import AFTER_SITES, AfterSite
from tests.stripe_faults.payment_calls import FAULT_CASES, ProcessEnded
from tests.stripe_faults.test_refund_calls import bravely, till
from tests.support.cards import Till
from tests.support.clinic import line
from tests.support.remembered_checks import broken_checks

pytestmark = pytest.mark.xdist_group("faults")
__all__ = ["till"]


@pytest.fixture(autouse=True)
def _paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing is not what this is about."""
    monkeypatch.setattr(dispute_evidence, "evidence_pdf", lambda *_: b"%PDF-1.7")


@dataclass
class Story:
    """What is to happen, and what must be so in the end."""

    action: Callable[[], object]
    ended: Callable[[], None]


def one(till: Till, query: object) -> object:
    with till.clinic.read() as session:
        return session.scalar(query)


def a_fee(till: Till, sale_id: UUID, site: AfterSite) -> Story:
    charge_id = till.attempt(sale_id).charge_id

    def ended() -> None:
        assert one(till, select(func.count()).where(BalanceTransaction.source_id == charge_id)) == 1
        assert one(till, select(BalanceTransaction.fee_booked).where(BalanceTransaction.source_id == charge_id)) is True

    return Story(lambda: note_fee_of(sale_id), ended)


def a_dispute(till: Till, sale_id: UUID, site: AfterSite) -> Story:
    stripe_id = till.stripe.press(f"charges/{till.attempt(sale_id).charge_id}/dispute")["id"]

    def ended() -> None:
        steps = select(func.count()).select_from(DisputeStep).join(Dispute)
        assert one(till, steps.where(Dispute.stripe_dispute_id == stripe_id)) == 1

    return Story(poll_disputes if site.name == "list_disputes" else lambda: news_of_dispute(stripe_id), ended)


def evidence(till: Till, sale_id: UUID, site: AfterSite) -> Story:
    stripe_id = till.stripe.press(f"charges/{till.attempt(sale_id).charge_id}/dispute")["id"]
    news_of_dispute(stripe_id)
    dispute_id = one(till, select(Dispute.id).where(Dispute.stripe_dispute_id == stripe_id))
    command = HandIn(new_id(), dispute_id, "She came.", till.clinic.manager)

    def ended() -> None:
        told = till.stripe.simulator.world.find("dispute", stripe_id)
        assert told["evidence_details"]["submission_count"] == 1
        assert told["evidence"]["service_documentation"]
        assert one(till, select(DisputeEvidence.state).where(DisputeEvidence.id == command.evidence_id)) == "sent"

    return Story(lambda: hand_in(command), ended)


def a_payout(till: Till, sale_id: UUID, site: AfterSite) -> Story:
    # What other stories left in the balance went out elsewhere.
    world = till.stripe.simulator.world
    with world.store.transaction():
        for entry in world.store.all("balance_transaction"):
            if entry["source"] != till.attempt(sale_id).charge_id:
                world.store.put(entry | {"_payout": "po_elsewhere"})
    payout = till.stripe.press("payouts")
    till.stripe.press(f"payouts/{payout['id']}/arrive")

    def ended() -> None:
        query = select(func.sum(PayoutAllocation.amount_minor)).join(StripePayout)
        assert one(till, query.where(StripePayout.stripe_payout_id == payout["id"])) == payout["amount"]

    return Story(poll_payouts if site.name == "list_payouts" else lambda: news_of_payout(payout["id"]), ended)


def a_search(till: Till, sale_id: UUID, site: AfterSite) -> Story:
    since = clock.now() - timedelta(hours=1)
    world = till.stripe.simulator.world
    with world.store.transaction():
        intent = payments.new_intent(world, amount=12_00, currency="usd", means=["card"], metadata={})
        payments.charge(world, intent, "card")
    # The next payout of this clinic would hold it; it belongs to nobody's story.
    with world.store.transaction():
        for entry in world.store.all("balance_transaction"):
            charge = world.store.get(entry["source"] or "", "charge")
            if charge and charge["payment_intent"] == intent["id"]:
                world.store.put(entry | {"_payout": "po_elsewhere"})

    def ended() -> None:
        bravely(lambda: reconcile(since))  # whoever ran it runs it again, twice
        bravely(lambda: reconcile(since))
        assert one(till, select(func.count()).where(UnmatchedTransaction.stripe_id == intent["id"])) == 1
        assert (
            one(
                till,
                select(func.count()).select_from(UnmatchedTransaction).where(UnmatchedTransaction.kind == "refund"),
            )
            == 0
        )

    return Story(lambda: reconcile(since), ended)


STORIES = {"fee": a_fee, "dispute": a_dispute, "evidence": evidence, "payout": a_payout, "reconcile": a_search}


def start_or_resume(till: Till) -> None:
    """What happens afterwards in any clinic: the worker sweeps, for some hours."""
    for hours in (1, 3):
        with clock.at(clock.now() + timedelta(hours=hours)):
            bravely(event_handlers.poll_pending)


@pytest.fixture
def paid(till: Till) -> UUID:
    """A sale paid by card."""
    waiting = till.charge(till.command(till.ticket(line("foot_30"), client=till.clinic.ana)))
    till.tap()
    assert till.look(waiting.order_id).state == "succeeded"
    return waiting.order_id


@pytest.mark.parametrize(("fault", "crash"), FAULT_CASES)
@pytest.mark.parametrize("site", AFTER_SITES, ids=lambda site: site.name)
def test_stripe_fault_at_dispute_or_payout_call_ends_once(
    till: Till, paid: UUID, site: AfterSite, fault: str | None, crash: bool
) -> None:
    client = till.stripe.http_client
    till.clinic.write(lambda s: s.query(PollingCursor).delete())  # nobody has looked at its lists yet
    with till.clinic.app.app_context():
        story = STORIES[site.story](till, paid, site)
        struck = len(client.calls)
        if fault:
            till.stripe.arm(fault, site.path, method=site.method)

        def after(method: str, path: str) -> None:
            if method == site.method and path.startswith(site.path.rstrip("*")):
                client.after = None
                raise ProcessEnded

        if crash:
            client.after = after
        try:
            bravely(story.action)
            assert not crash, f"{site.name} was not called"
        except ProcessEnded:
            pass
        client.after = None
        assert any(m == site.method and p.startswith(site.path.rstrip("*")) for m, p in client.calls[struck:])
        start_or_resume(till)
        bravely(story.action)  # asked again under its key
        story.ended()
    with till.clinic.read() as session:
        # The world's drawers were opened without the entry of their float.
        assert broken_checks(session, but="drawers") == {}
