"""Terminal locations: the places readers stand at."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


@handles("post", "/v1/terminal/locations")
@documented("A location has a name and an address with a country.")
def create(call: Call) -> Json:
    """A new place for readers."""
    world, params = call.world, call.params
    if not params.get("display_name") or not params.get("address"):
        raise ApiError(400, "Missing required param: display_name or address.", code="parameter_missing")
    return world.store.put(
        {
            "id": world.new_id("tml"),
            "object": "terminal.location",
            "address": {name: params["address"].get(name) for name in _ADDRESS},
            "display_name": params["display_name"],
            "livemode": False,
            "metadata": merged({}, params.get("metadata")),
        }
    )


@handles("get", "/v1/terminal/locations")
@documented("Locations in pages.")
def list_(call: Call) -> Json:
    """Places for readers."""
    return page("/v1/terminal/locations", call.world.store.all("terminal.location"), call.params)
