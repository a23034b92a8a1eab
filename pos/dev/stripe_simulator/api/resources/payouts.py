"""Payouts to the clinic's bank."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json


@handles("get", "/v1/payouts/{}")
@documented("A payout by its id.")
def retrieve(call: Call) -> Json:
    """One payout."""
    return call.world.find("payout", call.ids[0], "payout")


@handles("get", "/v1/payouts")
@documented("Payouts newest first, of one status when asked.")
def list_(call: Call) -> Json:
    """Payouts in pages."""
    status = call.params.get("status")
    found = [one for one in call.world.store.all("payout") if status in (None, one["status"])]
    return page("/v1/payouts", found, call.params)
