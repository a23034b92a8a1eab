"""One canonical form for hashes: JSON with sorted keys, no spaces, UTF-8."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
# Writes what `_is_plain` as the other does, in a fifth of the time.
_PLAIN_ENCODER = msgspec.json.Encoder(order="sorted")
_SCALARS = frozenset({str, int, bool, type(None)})


def _is_plain(value: Any) -> bool:
    """Whether a value is made of texts, whole numbers, true, false, null, lists and objects alone."""
    kind = type(value)
    if kind is dict:
        for name in value:
            if type(name) is not str:
                return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return kind in _SCALARS
    for inner in value:  # noqa: SIM110  (a generator is called once for each value, and each sale hashes some three hundred)
        if type(inner) not in _SCALARS and not _is_plain(inner):
            return False
    return True


def canonical(value: Any) -> bytes:
    """Bytes that two equal values always share; dates and UUIDs as their text."""
    return _PLAIN_ENCODER.encode(value) if _is_plain(value) else _ENCODER.encode(value).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form."""
    return sha256_hex(canonical(value))
