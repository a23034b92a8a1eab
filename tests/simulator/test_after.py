"""What comes after a payment: disputes, payouts, fees, refunds that fail. Each answer is held to the SDK's classes."""

from __future__ import annotations

import io
from typing import Any

import pytest
import stripe

from tests.simulator.test_api import charged
from tests.support.simulator_client import PUBLIC_URL, Desk

PDF = b"%PDF-1.7 evidence"


def charge_of(client: stripe.StripeClient, amount: int = 5000) -> str:
    return str(charged(client, amount).latest_charge)


def balance(client: stripe.StripeClient) -> int:
    return sum(one.net for one in client.v1.balance_transactions.list({"limit": 100}).data)


def test_simulated_dispute_withdraws_amount_and_fee_and_returns_amount_if_won(
    client: stripe.StripeClient, desk: Desk
) -> None:
    charge = charge_of(client)
    before = balance(client)
    opened = desk.press(f"charges/{charge}/dispute", reason="product_not_received")
    dispute = client.v1.disputes.retrieve(opened["id"])
    assert (dispute.status, dispute.amount, dispute.is_charge_refundable) == ("needs_response", 5000, False)
    assert [(m.amount, m.fee, m.net) for m in dispute.balance_transactions] == [(-5000, 1500, -6500)]
    assert balance(client) == before - 6500
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": charge})
    assert refused.value.code == "charge_disputed"
    desk.press(f"disputes/{dispute.id}/win")
    assert balance(client) == before - 1500
    assert client.v1.disputes.list({"charge": charge}).data[0].status == "won"
    kinds = [kind for kind in desk.events() if kind.startswith("charge.dispute")]
    assert [kind.rpartition(".")[2] for kind in kinds] == [
        "created", "funds_withdrawn", "funds_reinstated", "closed"
    ]  # fmt: skip


def test_simulated_inquiry_withdraws_nothing_until_escalated(client: stripe.StripeClient, desk: Desk) -> None:
    charge = charge_of(client)
    before = balance(client)
    inquiry = desk.press(f"charges/{charge}/dispute", inquiry=True, amount=2000)["id"]
    assert (client.v1.disputes.retrieve(inquiry).status, balance(client)) == ("warning_needs_response", before)
    assert desk.press(f"disputes/{inquiry}/escalate")["status"] == "needs_response"
    assert balance(client) == before - 3500
    for way in ("close", "prevent"):
        other = desk.press(f"charges/{charge_of(client)}/dispute", inquiry=True)["id"]
        assert desk.press(f"disputes/{other}/{way}")["balance_transactions"] == []


def test_simulated_dispute_evidence_is_uploaded_once_and_submitted_once(
    client: stripe.StripeClient, desk: Desk
) -> None:
    dispute = desk.press(f"charges/{charge_of(client)}/dispute")["id"]

    def upload() -> stripe.File:
        file: Any = io.BytesIO(PDF)
        params: Any = {"purpose": "dispute_evidence", "file": file}
        return client.v1.files.create(params, {"idempotency_key": "evidence"})

    kept, again = upload(), upload()
    assert (kept.id, kept.type, kept.size) == (again.id, "pdf", len(PDF))
    done = client.v1.disputes.update(dispute, {"evidence": {"service_documentation": kept.id}, "submit": True})
    assert (done.status, done.evidence_details.submission_count) == ("under_review", 1)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.update(dispute, {"evidence": {"receipt": "file_nobody_kept"}})
    desk.press(f"disputes/{dispute}/lose")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.update(dispute, {"evidence": {"uncategorized_text": "Too late"}})


def test_simulated_payout_reconciled_lists_its_transactions(client: stripe.StripeClient, desk: Desk) -> None:
    charge = charge_of(client)
    client.v1.refunds.create({"charge": charge, "amount": 1000})
    desk.press("fees", amount=200, description="Radar")
    payout = desk.press("payouts")["id"]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.balance_transactions.list({"payout": payout})
    for act in ("send", "arrive"):
        desk.press(f"payouts/{payout}/{act}")
    entries = client.v1.balance_transactions.list({"payout": payout}).data
    assert sum(one.net for one in entries) == 0  # its own transaction is among them
    assert {one.type for one in entries} == {"charge", "refund", "stripe_fee", "payout"}
    assert client.v1.payouts.retrieve(payout).amount == 5000 - 175 - 1000 - 200
    assert desk.events()[-2:] == ["payout.paid", "payout.reconciliation_completed"]
    assert desk.web.post("/_sim/payouts", json={}, base_url=PUBLIC_URL).status_code == 400  # nothing left


def test_simulated_payout_failed_is_sent_again(client: stripe.StripeClient, desk: Desk) -> None:
    charge_of(client)
    first = desk.press("payouts")
    desk.press(f"payouts/{first['id']}/arrive")
    failed = desk.press(f"payouts/{first['id']}/fail")
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    second = desk.press("payouts")
    assert second["amount"] == first["amount"]
    desk.press(f"payouts/{second['id']}/arrive")
    entries = client.v1.balance_transactions.list({"payout": second["id"]}).data
    assert {one.type for one in entries} == {"payout_failure", "payout"}
    assert [one.id for one in client.v1.payouts.list({"status": "paid"}).data] == [second["id"]]


def test_simulated_balance_is_pending_until_available_day(client: stripe.StripeClient, desk: Desk) -> None:
    charge_of(client)
    assert [one.status for one in client.v1.balance_transactions.list().data] == ["pending"]
    desk.clock.advance(3 * 86400)
    assert [one.status for one in client.v1.balance_transactions.list().data] == ["available"]


def test_simulated_refund_failed_later_returns_money(client: stripe.StripeClient, desk: Desk) -> None:
    charge = charge_of(client)
    before = balance(client)
    refund = client.v1.refunds.create({"charge": charge})
    desk.press(f"refunds/{refund.id}/fail")
    assert balance(client) == before
    assert {one.type for one in client.v1.balance_transactions.list().data} == {"charge", "refund", "refund_failure"}


def test_simulator_console_every_action_after_payment_has_button(client: stripe.StripeClient, desk: Desk) -> None:
    desk.arm("fees_late", times=1)
    charge = charge_of(client)

    def press(path: str, **form: str) -> None:
        answer = desk.web.post(f"/after/{path}", data=form, base_url=PUBLIC_URL)
        assert answer.status_code == 303, answer.get_data(as_text=True)

    press(f"charge/{charge}/settle")
    press(f"charge/{charge}/dispute", reason="general", inquiry="on")
    (dispute,) = client.v1.disputes.list().data
    press(f"dispute/{dispute.id}/close")
    press("balance/usd/fee", amount="300")
    press("balance/usd/payout")
    (payout,) = client.v1.payouts.list().data
    press(f"payout/{payout.id}/arrive")
    page = desk.web.get("/", base_url=PUBLIC_URL).get_data(as_text=True)
    assert "warning closed" in page
    assert "Sends it back" in page
    assert desk.web.post("/after/payout/x/borrow", base_url=PUBLIC_URL).status_code == 404
