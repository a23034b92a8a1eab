"""Dataclasses as JSON values and back, by the types of their fields: keys, days and decimals are texts.

The dataclasses have `slots=True`: msgspec reads the missing fields of another one from its class, and then leaves them out
where it writes the object again.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec


def to_plain(value: object) -> Any:
    """What a JSON column takes, every field by its name."""
    return msgspec.to_builtins(value, str_keys=True)


class PlainJson:
    """A dataclass that tickets and orders keep as JSON, field by field."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        found: dict[str, Any] = to_plain(self)
        return found

    @classmethod
    def from_json(cls, value: object) -> Self:
        """What `to_json` wrote; missing fields take their defaults. Raises msgspec.ValidationError, a ValueError."""
        return msgspec.convert(value, cls)
