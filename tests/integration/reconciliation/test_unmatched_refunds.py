"""An unmatched payment whose refund does not arrive: owed again, shown with its reason, and decided once more."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from pos.core import clock
from pos.core.errors import Conflict, NotConfigured, PosError
from pos.dev.stripe_simulator.state.store import Json
from pos.domain.locations.queries import place
from pos.domain.payouts.models import UnmatchedRefund, UnmatchedTransaction
from pos.integrations.stripe import RefundRequest
from pos.integrations.stripe.current import gateway
from pos.reports.disputes_and_payouts import undecided_transactions
from pos.services.reconciliation.import_from_stripe import reconcile
from pos.services.reconciliation.unmatched_transactions import Decision, decide
from tests.integration.reconciliation.conftest import PostPaymentCase
from tests.support.books import failing, tamper
from tests.support.cards import CARDS, switched_to
from tests.support.clinic import line
from tests.web.office.test_pages import text
from tests.web.permissions.full_app import browser, form_token

pytestmark = CARDS
TAKEN = 100_00
AGAIN = "Decide once more: credit it to a client, give it back again, or explain it."


@pytest.fixture
def payment(case: PostPaymentCase) -> UUID:
    """An unmatched payment of 100.00: its ticket was paid in another way while the card was asked for."""
    till = case.till
    waiting = till.charge(till.command(till.ticket(line("trigger_60"))))
    tamper(case.clinic, "UPDATE tickets SET state = 'completed'")
    till.tap()
    till.look(waiting.order_id)
    with case.clinic.read() as session:
        return session.scalars(select(UnmatchedTransaction.id)).one()


def unmatched(case: PostPaymentCase) -> UnmatchedTransaction:
    with case.clinic.read() as session:
        return session.scalars(select(UnmatchedTransaction)).one()


def asked_for(case: PostPaymentCase) -> list[UnmatchedRefund]:
    with case.clinic.read() as session:
        return list(session.scalars(select(UnmatchedRefund).order_by(UnmatchedRefund.number)))


def decided(case: PostPaymentCase, what: str = "refund", *, client: UUID | None = None) -> str:
    clinic = case.clinic
    command = Decision(unmatched(case).id, what, "Paid twice", clinic.manager, clinic.usd.location_id, client)
    return case.till.act(decide, command)


def at_stripe(case: PostPaymentCase) -> list[Json]:
    """The refunds Stripe has, oldest first."""
    return sorted(case.till.stripe.simulator.world.store.all("refund"), key=lambda one: str(one["metadata"]))


def fail(case: PostPaymentCase, refund: Json, *, by_webhook: bool = True) -> None:
    """The bank fails a refund; the webhook is delivered, and the polling job runs."""
    stripe, web = case.till.stripe, case.clinic.app.test_client()
    stripe.press(f"refunds/{refund['id']}/fail", reason="expired_or_canceled_card")
    if by_webhook:
        stripe.receiver = lambda body, headers: web.post("/hooks/stripe", data=body, headers=headers).status_code
        stripe.press("flush")
        case.work()
    case.poll_pending()


def held(case: PostPaymentCase) -> tuple[int, int]:
    return case.balance("stripe_clearing"), case.balance("refunds_payable")


def expect_owed_again(case: PostPaymentCase, sentence: str) -> None:
    row = unmatched(case)
    assert (row.state, row.sentence) == ("failed", sentence)
    assert case.balance("refunds_payable") == -TAKEN
    assert failing(case.clinic) == {}


CLOSED = "The card has expired or was closed, so its bank sent the money back."


def test_unmatched_refund_failed_later_is_owed_and_refunded_again(case: PostPaymentCase, payment: UUID) -> None:
    assert decided(case) == "refunded"
    case.poll_pending()  # Stripe's fee of the payment is booked
    before, _ = held(case)
    (first,) = at_stripe(case)
    fail(case, first)
    expect_owed_again(case, CLOSED)
    assert held(case) == (before + TAKEN, -TAKEN)
    (failed,) = asked_for(case)
    entry = {"stripe_clearing": TAKEN, "refunds_payable": -TAKEN}
    assert case.entry("unmatched_refund_failed", failed.id) == entry

    assert decided(case) == "refunded"
    old, new = asked_for(case)
    assert (old.state, new.state, unmatched(case).sentence) == ("failed", "paid_back", None)
    assert len({old.key, new.key, old.stripe_refund_id, new.stripe_refund_id}) == 4
    assert {one["id"]: one["status"] for one in at_stripe(case)} == {
        old.stripe_refund_id: "failed",
        new.stripe_refund_id: "succeeded",
    }
    assert held(case) == (before, 0)
    with pytest.raises(Conflict, match="decided about this already"):
        decided(case)
    # Late news of the dead one change nothing, and none of the two is a stranger's.
    for _ in range(2):
        case.poll_pending()
        with case.clinic.app.app_context():
            assert reconcile(clock.now() - timedelta(days=1)).found == 0
    assert (unmatched(case).state, failing(case.clinic)) == ("refunded", {})
    # The second may fail as well.
    fail(case, next(one for one in at_stripe(case) if one["id"] == new.stripe_refund_id))
    expect_owed_again(case, CLOSED)
    assert decided(case) == "refunded"
    assert [one.state for one in asked_for(case)] == ["failed", "failed", "paid_back"]
    assert failing(case.clinic) == {}


@pytest.mark.parametrize("fault", ["timeout_after", "server_error_stored"])
def test_unmatched_refund_failed_before_answer_is_owed_and_refunded_again(
    case: PostPaymentCase, payment: UUID, fault: str
) -> None:
    case.till.stripe.arm(fault, "/v1/refunds", method="post")
    assert decided(case) == "refunding"
    if fault == "server_error_stored":  # the key answers 500 for ever: another one is taken, and its answer is lost too
        case.till.stripe.arm("timeout_after", "/v1/refunds", method="post")
        with case.later(minutes=3):
            case.poll_pending()
    assert unmatched(case).state == "refunding"
    (dead,) = at_stripe(case)
    fail(case, dead, by_webhook=False)
    with case.later(minutes=10):
        case.poll_pending()
    expect_owed_again(case, CLOSED)
    assert decided(case) == "refunded"
    assert sorted(one["status"] for one in at_stripe(case)) == ["failed", "succeeded"]
    assert (case.balance("refunds_payable"), failing(case.clinic)) == (0, {})


def test_unmatched_refund_refused_by_stripe_is_decided_again(case: PostPaymentCase, payment: UUID) -> None:
    _refund_by_hand(case)
    assert decided(case) == "failed"
    expect_owed_again(case, "Stripe says that this payment was given back already. Look at it there.")
    assert len(at_stripe(case)) == 1
    assert decided(case) == "failed"  # asked once more, under another key, and refused once more
    assert len({one.key for one in asked_for(case)}) == 2
    assert decided(case, "explain") == "explained"
    assert (held(case)[1], unmatched(case).sentence, failing(case.clinic)) == (0, None, {})


def _refund_by_hand(case: PostPaymentCase) -> None:
    """Somebody gives the payment back on Stripe's own pages."""
    row = unmatched(case)
    with case.clinic.app.app_context():
        gateway().create_refund(RefundRequest(row.stripe_id, TAKEN, "USD", reference="by hand"), key="by hand")


def test_unmatched_refund_failed_is_credited_to_client(case: PostPaymentCase, payment: UUID) -> None:
    decided(case)
    (first,) = at_stripe(case)
    fail(case, first)
    assert decided(case, "credit", client=case.clinic.ana) == "credited"
    assert case.entry("unmatched_credited", payment) == {"refunds_payable": TAKEN, "account_credit": -TAKEN}
    assert (case.balance("account_credit"), case.balance("refunds_payable")) == (-TAKEN, 0)
    with pytest.raises(Conflict, match="decided about this already"):
        decided(case)
    assert failing(case.clinic) == {}


def test_unmatched_refund_pending_is_asked_about(case: PostPaymentCase, payment: UUID) -> None:
    case.till.stripe.arm("refund_pending", "*")
    decided(case)
    (first,) = at_stripe(case)
    assert (first["status"], asked_for(case)[0].state) == ("pending", "waiting")
    fail(case, first, by_webhook=False)
    expect_owed_again(case, CLOSED)


def test_payout_with_failed_unmatched_refund_balances(case: PostPaymentCase, payment: UUID) -> None:
    decided(case)
    (first,) = at_stripe(case)
    fail(case, first)
    decided(case)
    case.sold(line("foot_60"))
    payout_id = case.payout("arrive")
    case.hear_payout(payout_id)
    assert (held(case), failing(case.clinic)) == ((0, 0), {})


def test_unmatched_refund_failed_is_shown_in_office_and_decided_again(case: PostPaymentCase, payment: UUID) -> None:
    decided(case)
    (first,) = at_stripe(case)
    fail(case, first)
    with case.clinic.read() as session:
        here = [place(session, case.clinic.usd.location_id)]
        assert undecided_transactions(session, here, unplaced=False) == 1
    web = browser(case.clinic, office=case.clinic.manager)
    page = text(web.get("/office/money/unmatched").text)
    assert "not given back Paid twice" in page
    assert f"{CLOSED} {AGAIN}" in page
    assert "Give it back to the card" in page
    form = {"csrf_token": form_token(web), "what": "refund", "reason": "Her new card is linked"}
    here_id = str(case.clinic.usd.location_id)
    answer = web.post(f"/office/money/unmatched/{payment}", data=form | {"location_id": here_id})
    assert (answer.status_code, unmatched(case).state) == (303, "refunded")


def test_unmatched_refund_of_older_version_is_shown_with_what_to_do_once(case: PostPaymentCase, payment: UUID) -> None:
    """Rows of before say in one sentence what Stripe said and what to do."""
    decided(case)
    (first,) = at_stripe(case)
    fail(case, first)
    tamper(case.clinic, "UPDATE unmatched_transactions SET sentence = :joined", joined=f"{CLOSED} {AGAIN}")
    page = text(browser(case.clinic, office=case.clinic.manager).get("/office/money/unmatched").text)
    assert (f"{CLOSED} {AGAIN}" in page, page.count(AGAIN)) == (True, 1)


FAULTS = {
    "state": "UPDATE unmatched_transactions SET state = 'refunded'",
    "back to open": "UPDATE unmatched_transactions SET state = 'open'",
    "explained": "UPDATE unmatched_transactions SET state = 'explained'",
    "amount": "UPDATE unmatched_transactions SET amount_minor = amount_minor + 1",
    "refund": "UPDATE unmatched_refunds SET state = 'paid_back'",
    "no refund": "DELETE FROM unmatched_refunds",
    "entry": (
        "UPDATE postings SET amount_minor = amount_minor + 1 WHERE entry_id IN"
        " (SELECT id FROM journal_entries WHERE event = 'unmatched_refund_failed')"
    ),
    "no entry": "UPDATE journal_entries SET event = 'x' WHERE event = 'unmatched_refund_failed'",
    "payment": "DELETE FROM unmatched_transactions",
}


@pytest.mark.parametrize("name", FAULTS)
def test_unmatched_check_state_differs_from_ledger_fails(case: PostPaymentCase, payment: UUID, name: str) -> None:
    decided(case)
    (first,) = at_stripe(case)
    fail(case, first)
    assert failing(case.clinic) == {}
    tamper(case.clinic, FAULTS[name])
    assert "unmatched" in failing(case.clinic)


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE unmatched_transactions SET state = 'open'",
        "UPDATE unmatched_transactions SET client_id = NULL",
        "DELETE FROM account_credit_moves",
        "UPDATE account_credit_moves SET delta_minor = 1",
    ],
)
def test_unmatched_check_credited_payment_with_fault_fails(case: PostPaymentCase, payment: UUID, fault: str) -> None:
    decided(case, "credit", client=case.clinic.ana)
    assert failing(case.clinic) == {}
    tamper(case.clinic, fault)
    assert "unmatched" in failing(case.clinic)


@pytest.mark.parametrize(("mode", "refusal"), [("off", NotConfigured), ("test", Conflict)])
def test_giving_back_is_refused_before_anything_is_written_in_another_mode(
    case: PostPaymentCase, payment: UUID, mode: str, refusal: type[PosError]
) -> None:
    called = len(case.till.stripe.http_client.calls)
    with switched_to(case.clinic, mode), pytest.raises(refusal):
        decided(case)
    assert (unmatched(case).state, asked_for(case)) == ("open", [])
    assert case.till.stripe.http_client.calls[called:] == []
    assert decided(case) == "refunded"


def test_refund_under_way_is_not_asked_for_in_another_mode(case: PostPaymentCase, payment: UUID) -> None:
    """Stripe does not know the payment there, and would refuse: the refund would count as failed, and be decided again."""
    case.till.stripe.arm("timeout_before", "/v1/refunds", method="post")
    assert decided(case) == "refunding"
    called = len(case.till.stripe.http_client.calls)
    with switched_to(case.clinic, "test"):
        case.poll_pending()
    assert [path for _, path in case.till.stripe.http_client.calls[called:] if "refunds" in path] == []
    assert [row.state for row in asked_for(case)] == ["unknown"]
    with case.later(minutes=5):
        case.poll_pending()
    assert [row.state for row in asked_for(case)] == ["paid_back"]
