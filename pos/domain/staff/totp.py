"""Codes that change every 30 seconds (RFC 6238 with SHA-1 and six digits, as every authenticator app knows them)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
# A step before and after the present one: clocks of phones go wrong, and typing takes time (RFC 6238, section 5.2).
TOLERANCE = 1


def new_secret() -> str:
    """A secret of 160 bits in base 32, the length of the hash (RFC 4226, section 4)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_of(moment: datetime) -> int:
    """The number of the 30-second step since 1970 that a moment is in."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The code of a step (RFC 4226, section 5.3)."""
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = mac[-1] & 0xF
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of_code(secret: str, code: str, moment: datetime, *, after: int) -> int | None:
    """The step near a moment that a code belongs to, if it is later than `after`; None for any other code."""
    now, typed = step_of(moment), code.encode("ascii", "ignore")
    fits = [
        step
        for step in range(now - TOLERANCE, now + TOLERANCE + 1)
        if hmac.compare_digest(code_at(secret, step).encode(), typed) and step > after
    ]
    return fits[0] if fits else None


def address_for_apps(secret: str, account: str, issuer: str) -> str:
    """The `otpauth` address that a QR code hands to an authenticator app."""
    label = quote(f"{issuer}:{account}", safe=":@")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}"
