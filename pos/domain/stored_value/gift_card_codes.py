"""The bearer code of a gift card: sixteen signs that can be read aloud, the last one a check. Pure.

Only the code's hash and its last four signs are kept. The code itself follows from the card's key and the installation's
secret, so that a certificate can be printed again by who may, while a copy of the database alone can spend nothing. After a
change of the secret cards in clients' hands go on working (their hash does not depend on it); only printing an old
certificate again is over, and a lost card is then replaced by a new one.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from pos.core.hashing import sha256_hex

# Crockford's alphabet: no I, L, O or U, so that nothing is misread or spells a word.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_READ_AS = str.maketrans("OIL", "011", " -–—.")


def _check_sign(payload: str) -> str:
    """Luhn's sum in base 32: any one wrong sign and nearly every swap of two is noticed."""
    total = 0
    for place, sign in enumerate(reversed(payload)):
        value = SIGNS.index(sign) * (1 if place % 2 else 2)
        total += value // 32 + value % 32
    return SIGNS[-total % 32]


def code_of(card_id: UUID, secret: str) -> str:
    """The code of a card under an installation's secret: 75 bits nobody can guess, and a check sign."""
    digest = hmac.new(secret.encode(), b"gift-card:" + card_id.bytes, hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    payload = "".join(SIGNS[number >> 5 * place & 31] for place in range(LENGTH - 1))
    return payload + _check_sign(payload)


def read_code(text: str) -> str | None:
    """The code somebody typed or scanned, in one spelling; None if it cannot be one: too short, or a slip of the hand."""
    code = text.strip().upper().translate(_READ_AS)
    if len(code) != LENGTH or any(sign not in SIGNS for sign in code):
        return None
    return code if _check_sign(code[:-1]) == code[-1] else None


def shown(code: str) -> str:
    """The code in groups of four, as it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def code_hash(code: str) -> str:
    """What a code is found by. It is random enough that a plain hash gives nothing away."""
    return sha256_hex(b"gift-card:" + code.encode())
