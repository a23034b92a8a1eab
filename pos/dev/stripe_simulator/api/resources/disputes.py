"""Disputes: what a client's bank has taken back, and the evidence against it."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.objects import disputes
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json

_FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip


@handles("get", "/v1/disputes/{}")
@documented("A dispute by its id, with the balance transactions it has made so far.")
def retrieve(call: Call) -> Json:
    """One dispute."""
    return call.world.find("dispute", call.ids[0], "dispute")


@handles("get", "/v1/disputes")
@documented("Disputes newest first, of one charge or intent when asked.")
def list_(call: Call) -> Json:
    """Disputes in pages."""
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    found = [one for one in call.world.store.all("dispute") if all(one[k] == v for k, v in wanted.items())]
    return page("/v1/disputes", found, call.params)


@handles("post", "/v1/disputes/{}")
@documented("Evidence is submitted unless submit is false; files are named by the ids of uploads.")
def update(call: Call) -> Json:
    """Keep evidence, and hand it to the bank."""
    world, params = call.world, call.params
    dispute = world.find("dispute", call.ids[0], "dispute")
    evidence = params.get("evidence", {})
    for name in _FILES:
        if evidence.get(name):
            world.find("file", evidence[name], f"evidence[{name}]")
    dispute["metadata"] = merged(dispute["metadata"], params.get("metadata"))
    return disputes.answer(world, dispute, evidence, submit=params.get("submit", True))


@handles("post", "/v1/disputes/{}/close")
@documented("Closing a dispute accepts it as lost, for good.")
def close(call: Call) -> Json:
    """Give a dispute up."""
    call.world.find("dispute", call.ids[0], "dispute")
    return disputes.lose(call.world, call.ids[0])
