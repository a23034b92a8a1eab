"""The calls that set an account up: `gateway().setup`."""

from __future__ import annotations

from typing import Any

from pos.integrations.stripe import payment_parsing
from pos.integrations.stripe.connection import Connection
from pos.integrations.stripe.setup_types import (
    EVENTS,
    Endpoint,
    PlaceRequest,
    ReaderPlace,
)
from pos.integrations.stripe.types import (
    API_VERSION,
    Reader,
    Rejected,
    Unknown,
)

_ALL: dict[str, Any] = {"limit": 100}
_OURS = "tenderpoint_location"
_KEY = "tenderpoint_key"


class Setup:
    """Endpoints, readers and their places."""

    def __init__(self, connection: Connection) -> None:
        self._stripe = connection

    def list_endpoints(self) -> tuple[Endpoint, ...] | Unknown | Rejected:
        """The webhook endpoints of the account."""
        return self._stripe.reading_all(
            lambda: self._stripe.api.webhook_endpoints.list(_ALL),
            lambda rows: tuple(_endpoint(row) for row in rows),
        )

    def create_endpoint(self, url: str, *, key: str) -> Endpoint | Unknown | Rejected:
        """Have Stripe send what we need to an address, in our API version; the same key gives the same endpoint."""
        params: Any = {
            "url": url,
            "enabled_events": list(EVENTS),
            "api_version": API_VERSION,
            "description": "Tenderpoint",
            "metadata": {_KEY: key},
        }
        return self._stripe.doing(
            lambda: self._stripe.api.webhook_endpoints.create(params, {"idempotency_key": key}), _endpoint
        )

    def list_reader_places(self) -> tuple[ReaderPlace, ...] | Unknown | Rejected:
        """The places of the account readers stand at."""
        return self._stripe.reading_all(
            lambda: self._stripe.api.terminal.locations.list(_ALL),
            lambda rows: tuple(_place(row) for row in rows),
        )

    def create_reader_place(self, request: PlaceRequest, *, key: str) -> ReaderPlace | Unknown | Rejected:
        """Make a place readers stand at; the same key gives the same place."""
        address: dict[str, str] = {"country": request.country}
        if request.lines:
            address["line1"] = request.lines[0]
        if len(request.lines) > 1:
            address["city"] = request.lines[-1]
        params: Any = {"display_name": request.name, "address": address, "metadata": {_OURS: request.place_id}}
        return self._stripe.doing(
            lambda: self._stripe.api.terminal.locations.create(params, {"idempotency_key": key}), _place
        )

    def register_reader(self, code: str, label: str, place_id: str, *, key: str) -> Reader | Unknown | Rejected:
        """Add the reader that shows a pairing code to the account, at a place of `list_reader_places`."""
        params: Any = {"registration_code": code, "label": label, "location": place_id}
        return self._stripe.doing(
            lambda: self._stripe.api.terminal.readers.create(params, {"idempotency_key": key}),
            payment_parsing.of_reader,
        )

    def rename_reader(self, reader_id: str, label: str) -> Reader | Unknown | Rejected:
        """Give a reader another name."""
        return self._stripe.doing(
            lambda: self._stripe.api.terminal.readers.update(reader_id, {"label": label}), payment_parsing.of_reader
        )


def _endpoint(row: dict[str, Any]) -> Endpoint:
    return Endpoint(
        endpoint_id=row["id"],
        url=row["url"],
        enabled=row["status"] == "enabled",
        api_version=row.get("api_version"),
        events=tuple(row["enabled_events"]),
        key=(row.get("metadata") or {}).get(_KEY),
        secret=row.get("secret"),
    )


def _place(row: dict[str, Any]) -> ReaderPlace:
    return ReaderPlace(row["id"], row["display_name"], (row.get("metadata") or {}).get(_OURS))
