"""Payouts to the clinic's bank."""

from __future__ import annotations

from pos.simulator.api.calls import Call, handles
from pos.simulator.api.lists import page
from pos.simulator.store import Json
from pos.simulator.tags import documented


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
