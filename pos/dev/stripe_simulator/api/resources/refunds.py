"""Refunds: money going back, whole or in part, never more than was taken."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.faults import strike
from pos.dev.stripe_simulator.objects import payments
from pos.dev.stripe_simulator.objects.money import shown
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json


@handles("post", "/v1/refunds")
@documented(
    "A refund names a charge or an intent, is at most what remains of it, and is refused while that is charged back. "
    "Card refunds succeed at once."
)
def create(call: Call) -> Json:
    """A new refund."""
    world, params = call.world, call.params
    charge = _charge(call)
    remaining = charge["amount_captured"] - charge["amount_refunded"]
    if any(not one["is_charge_refundable"] for one in world.store.where("dispute", "charge", charge["id"])):
        raise ApiError(
            400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if remaining == 0:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", remaining)
    if amount < 1:
        raise ApiError(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > remaining:
        currency = charge["currency"]
        raise ApiError(
            400,
            f"Refund amount ({shown(amount, currency)}) is greater than unrefunded amount on charge "
            f"({shown(remaining, currency)})",
            code="amount_too_large",
            param="amount",
        )
    identifier = world.new_id("re")
    entry = payments.new_balance_entry(world, "refund", identifier, -amount, charge["currency"], fee=0)
    kind = charge["payment_method_details"]["type"]
    destination = {"reference": None, "reference_status": "pending", "reference_type": None, "type": "refund"}
    refund: Json = {
        "id": identifier,
        "object": "refund",
        "amount": amount,
        "balance_transaction": entry["id"],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "destination_details": {"card": destination, "type": "card"} if kind == "card" else {"type": kind},
        "metadata": merged({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if strike(world.store, "refund", charge["id"]) == "refund_pending" else "succeeded",
        "transfer_reversal": None,
    }
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    world.store.put(refund)
    world.store.put(charge)
    world.tell("refund.created", refund)
    world.tell("charge.refunded", charge)
    return refund


def _charge(call: Call) -> Json:
    world, params = call.world, call.params
    if ("charge" in params) == ("payment_intent" in params):
        raise ApiError(
            400, "One of the following params should be provided for this request: payment_intent or charge."
        )
    if "charge" in params:
        charge = world.find("charge", params["charge"], "charge")
    else:
        intent = world.find("payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise ApiError(
                400,
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = world.find("charge", intent["latest_charge"], "charge")
    if not charge["captured"]:
        raise ApiError(400, f"Charge {charge['id']} was not captured, so there is nothing to refund.", param="charge")
    return charge


@handles("get", "/v1/refunds/{}")
@documented("A refund by its id.")
def retrieve(call: Call) -> Json:
    """One refund."""
    return call.world.find("refund", call.ids[0])


@handles("get", "/v1/refunds")
@documented("Refunds newest first, of one charge or intent when asked.")
def list_(call: Call) -> Json:
    """Refunds in pages."""
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    found = [
        refund
        for refund in call.world.store.all("refund")
        if all(refund[name] == value for name, value in wanted.items())
    ]
    return page("/v1/refunds", found, call.params)
