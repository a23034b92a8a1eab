"""Events: what happened, for those who cannot be reached by webhook."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json

_KEPT_SECONDS = 30 * 86400


@handles("get", "/v1/events/{}")
@documented("An event by its id, kept thirty days.")
def retrieve(call: Call) -> Json:
    """One event."""
    return call.world.find("event", call.ids[0])


@handles("get", "/v1/events")
@documented("Events of the last thirty days newest first, by type (with *) or by several types.")
def list_(call: Call) -> Json:
    """Events in pages."""
    params = call.params
    if "type" in params and "types" in params:
        raise ApiError(400, "You may only specify one of these parameters: type, types.", param="types")
    if len(params.get("types", [])) > 20:
        raise ApiError(400, "You may name up to 20 types.", param="types")
    patterns = params.get("types") or [params.get("type", "*")]
    oldest = call.world.now() - _KEPT_SECONDS
    found = [
        event
        for event in call.world.store.all("event")
        if event["created"] >= oldest and any(fnmatchcase(event["type"], pattern) for pattern in patterns)
    ]
    if "delivery_success" in params:
        found = [event for event in found if (event["pending_webhooks"] == 0) == params["delivery_success"]]
    return page("/v1/events", found, params)
