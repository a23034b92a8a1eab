"""Metadata: at most fifty keys of forty signs with values of five hundred; an empty value takes a key away."""

from __future__ import annotations

from typing import Any

from pos.dev.stripe_simulator.errors import ApiError


def merged(before: dict[str, str], given: Any) -> dict[str, str]:
    """The metadata after an update; an empty string for the whole takes everything away. Raises ApiError."""
    if given == "":
        return {}
    after = before | (given or {})
    for key, value in after.items():
        if len(key) > 40 or "[" in key or "]" in key:
            raise ApiError(400, f"Invalid metadata key: {key}", param="metadata")
        if len(value) > 500:
            raise ApiError(
                400, f"Metadata values can have up to 500 characters, but {key} is longer.", param=f"metadata[{key}]"
            )
    after = {key: value for key, value in after.items() if value != ""}
    if len(after) > 50:
        raise ApiError(400, "Metadata can have up to 50 keys.", param="metadata")
    return after
