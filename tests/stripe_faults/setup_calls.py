"""The calls that set Stripe up, and what each looks like on the line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SetupSite:
    """A call site and the action it belongs to: a `look`, the `endpoint`, or a `reader`."""

    name: str
    method: str
    path: str
    action: str


SETUP_SITES = (
    SetupSite("fetch_account", "get", "/v1/account", "look"),
    SetupSite("list_endpoints", "get", "/v1/webhook_endpoints", "endpoint"),
    SetupSite("create_endpoint", "post", "/v1/webhook_endpoints", "endpoint"),
    SetupSite("list_reader_places", "get", "/v1/terminal/locations", "reader"),
    SetupSite("create_reader_place", "post", "/v1/terminal/locations", "reader"),
    SetupSite("register_reader", "post", "/v1/terminal/readers", "reader"),
    SetupSite("rename_reader", "post", "/v1/terminal/readers/*", "rename"),
)
