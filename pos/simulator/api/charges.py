"""Charges and the balance transactions that carry their fees."""

from __future__ import annotations

from pos.simulator.api.calls import Call, handles
from pos.simulator.api.lists import page
from pos.simulator.store import Json
from pos.simulator.tags import documented


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


@handles("get", "/v1/balance_transactions/{}")
@documented("A balance transaction by its id: amount, fee and net in minor units.")
def retrieve_balance_transaction(call: Call) -> Json:
    """One balance transaction."""
    return call.world.find("balance_transaction", call.ids[0])


@handles("get", "/v1/balance_transactions")
@documented("Balance transactions newest first, of one source or type when asked.")
def list_balance_transactions(call: Call) -> Json:
    """Balance transactions in pages."""
    wanted = {name: call.params[name] for name in ("source", "type", "currency") if name in call.params}
    found = [
        entry
        for entry in call.world.store.all("balance_transaction")
        if all(entry[name] == value for name, value in wanted.items())
    ]
    return page("/v1/balance_transactions", found, call.params)
