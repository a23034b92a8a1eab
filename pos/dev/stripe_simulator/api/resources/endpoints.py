"""Webhook endpoints: where an account wants to be told, in which version, of what."""

from __future__ import annotations

import secrets

from pos.dev.stripe_simulator.api.lists import page
from pos.dev.stripe_simulator.api.metadata import merged
from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json


@handles("post", "/v1/webhook_endpoints")
@documented(
    "An endpoint keeps the API version it was made with; its secret is in the answer that made it, and only there."
)
def create(call: Call) -> Json:
    """A new endpoint. The simulator lists it; what it sends where, and signed with what, it was told at its start."""
    world, params = call.world, call.params
    endpoint = {
        "id": world.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": world.now(),
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "status": "enabled",
        "url": params["url"],
    }
    world.store.put(endpoint)
    return endpoint | {"secret": f"whsec_sim{secrets.token_hex(16)}"}


@handles("get", "/v1/webhook_endpoints")
@documented("Endpoints newest first, without their secrets.")
def list_(call: Call) -> Json:
    """Endpoints in pages."""
    return page("/v1/webhook_endpoints", call.world.store.all("webhook_endpoint"), call.params)
