"""Behaviours of the simulated API beyond what the gateway's own tests see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import stripe

from pos.dev.stripe_simulator.api.routing import HANDLERS
from pos.dev.stripe_simulator.faults import FAULTS, arm
from pos.dev.stripe_simulator.provenance import BEHAVIOURS
from pos.dev.stripe_simulator.state.clock import ManualClock
from pos.dev.stripe_simulator.wsgi import build_app
from tests.simulator.test_contract import session
from tests.support.simulator_client import Desk


def charged(client: stripe.StripeClient, amount: int = 5000) -> stripe.PaymentIntent:
    params: Any = {"amount": amount, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    return client.v1.payment_intents.create(params)


def test_simulator_every_handler_names_its_source() -> None:
    tagged = {behaviour.name for behaviour in BEHAVIOURS}
    for handler in HANDLERS.values():
        assert f"{handler.__module__.rpartition('.')[2]}.{handler.__name__}" in tagged
    assert {behaviour.tag for behaviour in BEHAVIOURS} == {"documented", "inferred"}


def test_simulated_intent_confirmed_with_test_card_succeeds(client: stripe.StripeClient) -> None:
    intent = charged(client)
    assert (intent.status, intent.amount_received) == ("succeeded", 5000)
    charge = client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})
    entry: Any = charge.balance_transaction
    assert (charge.captured, entry.fee, entry.net) == (True, 175, 4825)


def test_simulated_card_declined_is_402_and_kept_on_intent(client: stripe.StripeClient) -> None:
    card = "pm_card_visa_chargeDeclinedInsufficientFunds"
    intent = client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": card})
    assert declined.value.http_status == 402
    assert (declined.value.code, declined.value.error.decline_code) == ("card_declined", "insufficient_funds")
    after = client.v1.payment_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error is not None
    client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert client.v1.payment_intents.retrieve(intent.id).last_payment_error is None


def test_simulated_manual_capture_above_authorised_is_refused(client: stripe.StripeClient) -> None:
    params: Any = {"amount": 5000, "currency": "usd", "capture_method": "manual", "payment_method": "pm_card_visa"}
    intent = client.v1.payment_intents.create(params | {"confirm": True})
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("requires_capture", 0, 5000)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 5001})
    taken = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 4000})
    assert (taken.status, taken.amount_received) == ("succeeded", 4000)


def test_simulated_refund_above_captured_is_refused(client: stripe.StripeClient, desk: Desk) -> None:
    intent = charged(client)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 3000})
    with pytest.raises(stripe.InvalidRequestError) as more:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 2001})
    assert more.value.param == "amount"
    rest = client.v1.refunds.create({"charge": str(intent.latest_charge)})
    assert (rest.amount, rest.status) == (2000, "succeeded")
    with pytest.raises(stripe.InvalidRequestError) as done:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert done.value.code == "charge_already_refunded"
    charge = client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["refunds"]})
    assert charge.refunded
    assert charge.refunds is not None
    assert sum(refund.amount for refund in charge.refunds.data) == 5000
    assert desk.events()[-4:] == ["refund.created", "charge.refunded"] * 2


def test_simulated_refund_of_unpaid_intent_is_refused(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})


def test_simulated_fee_arriving_late_settles_later(client: stripe.StripeClient, desk: Desk) -> None:
    desk.arm("fees_late")
    charge_id = str(charged(client).latest_charge)
    assert client.v1.charges.retrieve(charge_id).balance_transaction is None
    desk.press(f"charges/{charge_id}/settle")
    assert client.v1.charges.retrieve(charge_id).balance_transaction
    assert desk.events()[-1] == "charge.updated"


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [(49, "usd", "amount_too_small"), (100_000_000, "usd", "amount_too_large"), (500, "xyz", None)],
)
def test_simulated_intent_amount_or_currency_out_of_bounds_is_refused(
    client: stripe.StripeClient, amount: int, currency: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert refused.value.code == code


def test_simulated_intent_of_session_cannot_be_canceled_alone(client: stripe.StripeClient, desk: Desk) -> None:
    page = client.v1.checkout.sessions.create(session())
    assert page.payment_intent is None
    desk.press(f"sessions/{page.id}/decline", code="expired_card")
    intent_id = str(client.v1.checkout.sessions.retrieve(page.id).payment_intent)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent_id)
    client.v1.checkout.sessions.expire(page.id)
    assert client.v1.payment_intents.retrieve(intent_id).status == "canceled"


def test_simulated_session_paid_cannot_be_paid_again_or_expired(client: stripe.StripeClient, desk: Desk) -> None:
    page = client.v1.checkout.sessions.create(session())
    desk.press(f"sessions/{page.id}/pay")
    assert desk.web.post(f"/_sim/sessions/{page.id}/pay", base_url="http://127.0.0.1").status_code == 400
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        client.v1.checkout.sessions.expire(page.id)
    assert len(desk.simulator.world.store.all("charge")) == 1


def test_simulated_idempotency_key_repeated_replays_answer(client: stripe.StripeClient) -> None:
    params: Any = {"amount": 5000, "currency": "usd"}
    first = client.v1.payment_intents.create(params, {"idempotency_key": "k"})
    again = client.v1.payment_intents.create(params, {"idempotency_key": "k"})
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.create(params | {"amount": 5001}, {"idempotency_key": "k"})


def test_simulated_idempotency_key_invalid_parameters_leave_it_free(client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "k"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": 5000, "currency": "usd", "colour": 1}, options)
    assert client.v1.payment_intents.create({"amount": 5000, "currency": "usd"}, options).id


def test_simulated_idempotency_key_endpoint_error_is_replayed(client: stripe.StripeClient, desk: Desk) -> None:
    intent = client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    options: Any = {"idempotency_key": "k"}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create({"payment_intent": intent.id}, options)
        if not desk.simulator.world.store.all("charge"):
            client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})


def test_simulated_idempotency_key_expires_after_a_day(client: stripe.StripeClient, desk: Desk) -> None:
    params: Any = {"amount": 5000, "currency": "usd"}
    first = client.v1.payment_intents.create(params, {"idempotency_key": "k"})
    desk.clock.advance(24 * 3600 + 1)
    assert client.v1.payment_intents.create(params, {"idempotency_key": "k"}).id != first.id


def test_simulated_idempotency_key_declined_confirmation_is_replayed(client: stripe.StripeClient, desk: Desk) -> None:
    intent = client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.confirm(
                intent.id, {"payment_method": "pm_card_visa_chargeDeclined"}, {"idempotency_key": "k"}
            )
    assert len(desk.simulator.world.store.all("charge")) == 1


def test_simulated_expand_unknown_is_refused_and_rolled_back(client: stripe.StripeClient, desk: Desk) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.create({"amount": 5000, "currency": "usd", "expand": ["weather"]})
    assert desk.simulator.world.store.all("payment_intent") == []
    assert desk.events() == []


def test_simulated_list_is_paged(client: stripe.StripeClient) -> None:
    made = [charged(client).id for _ in range(5)]
    first = client.v1.payment_intents.list({"limit": 2})
    assert ([intent.id for intent in first.data], first.has_more) == ([made[4], made[3]], True)
    second = client.v1.payment_intents.list({"limit": 2, "starting_after": made[3]})
    assert [intent.id for intent in second.data] == [made[2], made[1]]
    back = client.v1.payment_intents.list({"limit": 2, "ending_before": made[1]})
    assert [intent.id for intent in back.data] == [made[3], made[2]]
    every = client.v1.payment_intents.list({"limit": 2}).auto_paging_iter()
    assert [intent.id for intent in every] == made[::-1]


def test_simulator_state_survives_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    app = build_app(file, clock=ManualClock(1_795_000_000))
    arm(app.world.store, "rate_limit", pattern="/v1/refunds")
    account = app.world.account_id
    app.close()
    again = build_app(file)
    assert again.world.account_id == account
    assert again.world.store.run("SELECT name FROM fault")[0]["name"] == "rate_limit"
    again.close()


def test_simulator_fault_every_kind_is_armed_and_disarmed(desk: Desk) -> None:
    for name in FAULTS:
        desk.arm(name)
    armed = desk.web.get("/_sim/faults", base_url="http://127.0.0.1").json
    assert [fault["name"] for fault in armed] == list(FAULTS)
    desk.web.delete(f"/_sim/faults/{armed[0]['id']}", base_url="http://127.0.0.1")
    desk.web.delete("/_sim/faults", base_url="http://127.0.0.1")
    assert desk.web.get("/_sim/faults", base_url="http://127.0.0.1").json == []


def test_simulator_fault_unknown_is_refused(desk: Desk) -> None:
    assert desk.web.post("/_sim/faults", json={"name": "gremlins"}, base_url="http://127.0.0.1").status_code == 400


def test_simulated_webhook_delivery_is_repeated_until_accepted(client: stripe.StripeClient, desk: Desk) -> None:
    answers = iter([500, 404, 200])
    desk.receiver = lambda body, headers: next(answers)
    client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    box = desk.simulator.postbox
    assert [delivery.last_answer for delivery in box.carry_over_due()] == ["500"]
    assert box.carry_over_due() == []
    desk.clock.advance(2)
    assert [delivery.last_answer for delivery in box.carry_over_due()] == ["404"]
    desk.clock.advance(10)
    assert [delivery.state for delivery in box.carry_over_due()] == ["delivered"]
    assert desk.simulator.world.store.all("event")[0]["pending_webhooks"] == 0


def test_simulated_webhook_late_waits_an_hour(client: stripe.StripeClient, desk: Desk) -> None:
    desk.arm("webhook_late")
    client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    assert desk.simulator.postbox.carry_over_due() == []
    desk.clock.advance(3600)
    assert len(desk.simulator.postbox.carry_over_due()) == 1


def test_simulated_event_can_be_delivered_again(client: stripe.StripeClient, desk: Desk) -> None:
    client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    desk.press("flush")
    event = desk.simulator.world.store.all("event")[0]
    desk.press(f"events/{event['id']}/redeliver")
    desk.press("flush")
    assert [json.loads(body)["id"] for body, _ in desk.delivered] == [event["id"]] * 2
