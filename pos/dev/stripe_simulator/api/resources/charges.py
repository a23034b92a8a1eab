"""Charges: what was taken of a card."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json


@handles("get", "/v1/charges/{}")
@documented("A charge by its id; its balance transaction may still be null.")
def retrieve(call: Call) -> Json:
    """One charge."""
    return call.world.find("charge", call.ids[0], "charge")


@handles("get", "/v1/charges")
@documented("Charges newest first, of one intent when asked.")
def list_(call: Call) -> Json:
    """Charges in pages."""
    intent = call.params.get("payment_intent")
    store = call.world.store
    found = store.where("charge", "payment_intent", intent) if intent else store.all("charge")
    return page("/v1/charges", found, call.params)
