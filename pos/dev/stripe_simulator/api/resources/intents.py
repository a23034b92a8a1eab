"""PaymentIntents: one per payment, tried until it succeeds or is canceled."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.objects import money, payments
from pos.dev.stripe_simulator.objects.declines import DECLINES
from pos.dev.stripe_simulator.provenance import documented, inferred
from pos.dev.stripe_simulator.state.store import Json

# Stripe's ready-made test cards → the decline they meet; None is a card that works.
TEST_CARDS: dict[str, str | None] = {
    "pm_card_visa": None,
    "pm_card_visa_chargeDeclined": "card_declined",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedLostCard": "lost_card",
    "pm_card_visa_chargeDeclinedStolenCard": "stolen_card",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_chargeDeclinedProcessingError": "processing_error",
}
_EDITABLE = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")


@handles("post", "/v1/payment_intents")
@documented("An intent begins by waiting for a payment method; card_present is for readers.")
def create(call: Call) -> Json:
    """A new intent; confirmed at once when asked to."""
    params, world = call.params, call.world
    currency = money.check_currency(params["currency"])
    means = params.get("allowed_payment_method_types") or ["card"]
    intent = payments.new_intent(
        world,
        amount=money.check_amount(params["amount"], currency),
        currency=currency,
        means=means,
        metadata=merged({}, params.get("metadata")),
        allowed_payment_method_types=params.get("allowed_payment_method_types"),
        capture_method=params.get("capture_method", "automatic_async"),
        setup_future_usage=params.get("setup_future_usage"),
        **{name: params.get(name) for name in _EDITABLE},
    )
    return _confirm(call, intent, params.get("payment_method")) if params.get("confirm") else intent


@handles("get", "/v1/payment_intents/{}")
@documented("An intent by its id.")
def retrieve(call: Call) -> Json:
    """One intent."""
    return call.world.find("payment_intent", call.ids[0], "intent")


@handles("get", "/v1/payment_intents")
@documented("Intents newest first.")
def list_(call: Call) -> Json:
    """Intents in pages."""
    return page("/v1/payment_intents", call.world.store.all("payment_intent"), call.params)


@handles("post", "/v1/payment_intents/{}")
@documented("Amount and words can change while no card was accepted; metadata always.")
def update(call: Call) -> Json:
    """Change an intent."""
    intent, params = retrieve(call), call.params
    if set(params) - {"metadata", "expand", "description"} and intent["status"] != "requires_payment_method":
        raise ApiError(
            400,
            f"This PaymentIntent's {next(iter(set(params) - {'metadata', 'expand', 'description'}))} could not be "
            f"updated because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    if "currency" in params:
        intent["currency"] = money.check_currency(params["currency"])
    if "amount" in params:
        intent["amount"] = money.check_amount(params["amount"], intent["currency"])
    intent |= {name: params[name] or None for name in _EDITABLE if name in params}
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    return call.world.store.put(intent)


@handles("post", "/v1/payment_intents/{}/confirm")
@documented("Confirming with a card charges it, or answers 402 and remembers the decline on the intent.")
def confirm(call: Call) -> Json:
    """Try a test card on an intent."""
    return _confirm(call, retrieve(call), call.params.get("payment_method"))


@handles("post", "/v1/payment_intents/{}/capture")
@documented("An authorised intent is captured once, for its amount or less.")
def capture(call: Call) -> Json:
    """Capture an intent."""
    return payments.capture(call.world, retrieve(call), call.params.get("amount_to_capture"))


@handles("post", "/v1/payment_intents/{}/cancel")
@documented("A session's intent cannot be canceled by itself: the session is expired instead.")
def cancel(call: Call) -> Json:
    """Cancel an intent."""
    intent = retrieve(call)
    if "_session" in intent:
        raise ApiError(
            400,
            "You cannot cancel the PaymentIntent of a Checkout Session directly. Expire the Checkout Session instead.",
            code="payment_intent_unexpected_state",
        )
    return payments.cancel(call.world, intent, call.params.get("cancellation_reason"))


@inferred("A payment method that is none of the ready-made test cards does not exist here.")
def _confirm(call: Call, intent: Json, card: str | None) -> Json:
    if card is None:
        raise ApiError(
            400, "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )  # fmt: skip
    if card not in TEST_CARDS:
        raise ApiError(400, f"No such PaymentMethod: '{card}'", code="resource_missing", param="payment_method")
    declined = TEST_CARDS[card]
    if declined is None:
        return payments.charge(call.world, intent, "card")
    intent = payments.decline(call.world, intent, "card", DECLINES[declined])
    refusal = DECLINES[declined].error(intent["latest_charge"])
    refusal.error["payment_intent"] = intent
    raise refusal
