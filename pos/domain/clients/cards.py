"""The card of a client: a code in their account that names them at the desk. It pays nothing and opens nothing. Pure."""

from __future__ import annotations

import re
from uuid import UUID

# Crockford's alphabet, as for gift cards; 26 signs hold the 128 bits of a key.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_CODE = re.compile(rf"C-([{_SIGNS}]{{{_LENGTH}}})")


def card_code(client_id: UUID) -> str:
    """What the card says, for QR codes and scanners: `C-` and the client's key in base 32."""
    number = client_id.int
    return "C-" + "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def read_card(text: str) -> UUID | None:
    """The client a scanned or typed code names, whether or not there is one; None for any other text."""
    found = _CODE.fullmatch(text.strip().upper())
    if found is None:
        return None
    number = 0
    for sign in found[1]:
        number = number * 32 + _SIGNS.index(sign)
    return UUID(int=number) if number < 1 << 128 else None
