"""Fees when they arrive, and payouts to the cent: matched rows, differences that are said, failures that come back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pos.core.errors import Conflict, Invalid
from pos.core.ids import new_id
from pos.core.paging.window import Window
from pos.domain.locations.queries import place
from pos.domain.payouts.models import BalanceTransaction, PayoutAllocation, StripePayout
from pos.reports.analysis.opens import Opens
from pos.reports.listed import reports
from pos.reports.period import Scope
from pos.services.reconciliation.payouts import post_discrepancy
from pos.services.refunds.calculate import RefundChoice
from pos.services.refunds.issue_refund import RefundCommand, refund
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.support.books import failing, tamper
from tests.support.cards import CARDS
from tests.support.clinic import line
from tests.support.paged import pages_differ
from tests.support.rows_behind import behind_differs

pytestmark = CARDS


def rows(case: PostPaymentCase, payout_id: str) -> list[BalanceTransaction]:
    with case.clinic.read() as session:
        query = select(BalanceTransaction).join(StripePayout).where(StripePayout.stripe_payout_id == payout_id)
        return list(session.scalars(query.order_by(BalanceTransaction.created_at, BalanceTransaction.id)))


def shares(case: PostPaymentCase, payout_id: str) -> list[tuple[str, int]]:
    with case.clinic.read() as session:
        query = select(PayoutAllocation).join(StripePayout).where(StripePayout.stripe_payout_id == payout_id)
        return [(share.kind, share.amount_minor) for share in session.scalars(query.order_by(PayoutAllocation.id))]


def test_stripe_fee_received_repeatedly_is_booked_once(case: PostPaymentCase) -> None:
    sale_id = case.sold(line("foot_60"))
    assert case.balance("stripe_fees") == 0
    case.fee(sale_id)
    case.fee(sale_id)
    case.poll_pending()
    # 2.7 % of 75.00 and 5 cents
    assert (case.balance("stripe_fees"), case.balance("stripe_clearing")) == (2_08, 72_92)
    assert failing(case.clinic) == {}


def test_stripe_fee_arriving_late_is_asked_for_again(case: PostPaymentCase) -> None:
    case.till.stripe.arm("fees_late", "*")
    sale_id = case.sold(line("foot_60"))
    case.fee(sale_id)
    assert case.balance("stripe_fees") == 0
    with case.later(hours=1):
        case.poll_pending()
        assert case.balance("stripe_fees") == 0
    case.till.stripe.press(f"charges/{case.charge_of(sale_id)}/settle")
    with case.later(hours=2):
        case.poll_pending()
    assert case.balance("stripe_fees") == 2_08


def test_payout_of_payments_refunds_and_disputes_is_explained_exactly(case: PostPaymentCase) -> None:
    sale_id, _ = case.ten_with_three_used()
    other = case.sold(line("foot_60"), client=case.clinic.ben)
    with case.clinic.app.app_context():
        refund(RefundCommand(new_id(), RefundChoice(other, amount_minor=25_00), "Too short", case.clinic.manager))
    stripe_id = case.disputed(case.sold(line("oil")))
    case.hear(stripe_id)
    case.decide(stripe_id, "win")
    case.hear(stripe_id)
    clearing, fees = case.balance("stripe_clearing"), case.balance("stripe_fees")
    bank = case.balance("bank")
    payout_id = case.payout("send")
    assert case.hear_payout(payout_id)
    assert shares(case, payout_id) == []  # on its way, not there
    case.till.stripe.press(f"payouts/{payout_id}/arrive")
    for _ in range(2):
        assert case.hear_payout(payout_id)
    found = rows(case, payout_id)
    assert sorted(row.what for row in found) == ["dispute", "dispute", "payment", "payment", "payment", "refund"]
    assert all(row.settled and not row.problem for row in found)
    with case.clinic.read() as session:
        amount = session.scalars(select(StripePayout.amount_minor)).one()
    assert shares(case, payout_id) == [("paid", amount)]
    assert case.balance("bank") - bank == amount
    assert case.balance("stripe_clearing") == 0
    # Payments 900.00 + 75.00 + 18.00, 25.00 refunded, fees of all three and of the dispute.
    assert amount == 993_00 - 25_00 - case.balance("stripe_fees")
    assert clearing + fees == 968_00
    assert case.charge_of(sale_id) in {row.source_id for row in found}
    assert failing(case.clinic) == {}
    with case.clinic.read() as session:
        here = place(session, case.clinic.usd.location_id)
        scope = Scope((here,), here.today(), here.today())
        assert list(behind_differs(session, scope)) == []
        assert pages_differ(session, scope, 2, names=("card-lines", "refunds")) == []
        (day,) = reports()["card-fees"].rows(session, scope)
        about = {row[3].what for row in reports()["card-lines"].rows(session, scope) if isinstance(row[3], Opens)}
        journal = reports()["journal"].keyed
        assert journal
        opened = {row[3]: row[2] for _, row in journal.rows(session, scope, Window(200))}
    assert (day[2], about) == (3, {"sale", "refund", "payout"})
    whats = {str(event): label.what for event, label in opened.items() if isinstance(label, Opens)}
    assert whats == {
        "Sale": "sale", "Refund": "refund", "Stripe fee": "payout", "Dispute opened": "sale", "Dispute won": "sale",
        "Payout": "payout",
    }  # fmt: skip


def test_payout_failed_returns_and_is_sent_with_next(case: PostPaymentCase) -> None:
    case.sold(line("foot_60"))
    bank = case.balance("bank")
    first = case.payout("arrive")
    case.hear_payout(first)
    assert case.balance("bank") - bank == 72_92
    case.till.stripe.press(f"payouts/{first}/fail")
    for _ in range(2):
        case.hear_payout(first)
    assert shares(case, first) == [("paid", 72_92), ("returned", 72_92)]
    assert (case.balance("bank"), case.balance("stripe_clearing")) == (bank, 72_92)
    case.sold(line("oil"))
    second = case.payout("arrive")
    case.hear_payout(second)
    assert {row.what for row in rows(case, second)} == {"payout", "payment"}
    assert case.balance("stripe_clearing") == 0
    assert failing(case.clinic) == {}


def test_payout_discrepancy_remains_until_explained(case: PostPaymentCase) -> None:
    case.sold(line("foot_60"))
    stranger = case.till.stripe.simulator.world
    with stranger.store.transaction():
        from pos.dev.stripe_simulator.objects import balance, payments

        intent = payments.new_intent(stranger, amount=50_00, currency="usd", means=["card"], metadata={})
        payments.charge(stranger, intent, "card")
        balance.book(stranger, "topup", "topup", None, 10_00, "usd", fee=0)
    payout_id = case.payout("arrive")
    case.hear_payout(payout_id)
    by_trouble = {row.kind: row for row in rows(case, payout_id)}
    assert {kind: row.problem for kind, row in by_trouble.items()} == {"charge": "unknown", "topup": "unknown"} | {
        "charge": by_trouble["charge"].problem
    }
    unknown = [row for row in rows(case, payout_id) if row.problem]
    assert sorted(row.net_minor for row in unknown) == [10_00, 48_25]
    assert case.balance("stripe_clearing") == 0  # what is explained is booked
    assert failing(case.clinic) == {}

    def book(move: BalanceTransaction, account: str, reason: str = "Moved by hand") -> None:
        with case.clinic.app.app_context():
            post_discrepancy(
                move_id=move.id, location_id=case.clinic.usd.location_id, account=account, reason=reason,
                actor=case.clinic.manager,
            )  # fmt: skip

    with pytest.raises(Invalid):
        book(unknown[0], "bank", reason="")
    with pytest.raises(Invalid):
        book(unknown[0], "service_revenue")
    for row in unknown:
        book(row, "bad_debt")
    with pytest.raises(Conflict):
        book(unknown[0], "bank")
    with case.clinic.read() as session:
        total = session.scalars(select(StripePayout.amount_minor)).one()
    assert sum(minor for _, minor in shares(case, payout_id)) == total == 72_92 + 58_25
    assert (case.balance("bad_debt"), case.balance("stripe_clearing")) == (-60_00, 0)
    assert failing(case.clinic) == {}


def test_payout_with_fees_of_stripe_books_them_as_fees(case: PostPaymentCase) -> None:
    case.sold(line("foot_60"))
    case.till.stripe.press("fees", amount=3_00, currency="usd", description="Radar")
    payout_id = case.payout("arrive")
    case.hear_payout(payout_id)
    assert case.balance("stripe_fees") == 2_08 + 3_00
    assert case.balance("stripe_clearing") == 0
    assert failing(case.clinic) == {}


def test_polling_job_payout_without_webhook_is_found(case: PostPaymentCase) -> None:
    case.sold(line("foot_60"))
    payout_id = case.payout("arrive")
    case.poll_pending()
    assert shares(case, payout_id) == [("paid", 72_92)]
    assert failing(case.clinic) == {}


@pytest.mark.parametrize(
    ("fault", "checks"),
    [
        ("UPDATE payout_allocations SET amount_minor = amount_minor + 1", {"stripe_clearing", "payouts"}),
        ("UPDATE balance_transactions SET fee_minor = fee_minor + 1", {"stripe_clearing", "stripe_fees", "payouts"}),
        ("UPDATE dispute_steps SET amount_minor = amount_minor + 1", {"stripe_clearing", "disputes"}),
        ("DELETE FROM payout_allocations", {"stripe_clearing"}),
    ],
)
def test_payout_checks_planted_fault_is_found(case: PostPaymentCase, fault: str, checks: set[str]) -> None:
    case.sold(line("foot_60"))
    payout_id = case.payout("arrive")
    case.hear_payout(payout_id)
    stripe_id = case.disputed(case.sold(line("oil")))
    case.hear(stripe_id)
    assert failing(case.clinic) == {}
    tamper(case.clinic, fault)
    assert set(failing(case.clinic)) - {"recorded"} == checks
