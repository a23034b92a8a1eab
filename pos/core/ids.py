"""UUIDv7 keys (RFC 9562): ordered by time, minted by whoever starts a thing, so that a retry carries the same key."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID

from pos.core.errors import Invalid
from pos.core.messages.general import NOT_A_KEY


def new_id() -> UUID:
    """A fresh UUIDv7."""
    value = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def parse_id(text: object, *, field: str = "id") -> UUID:
    """The UUID in `text`; raises Invalid for anything else."""
    if isinstance(text, UUID):
        return text
    try:
        if isinstance(text, str) and len(text) in (32, 36):
            return UUID(text)
    except ValueError:
        pass
    raise Invalid(NOT_A_KEY, field=field)


def new_token(bits: int = 256) -> str:
    """An unguessable URL-safe token of at least `bits` random bits."""
    return secrets.token_urlsafe((bits + 7) // 8)
