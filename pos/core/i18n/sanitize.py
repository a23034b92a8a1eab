"""Text from outside, made fit to be kept and printed."""

from __future__ import annotations

import re
import unicodedata


def printable(text: str, most: int) -> str:
    """`text` on one line, without control characters, unpaired surrogates and outer blanks, `most` characters at most.

    PostgreSQL refuses NUL, and no database takes half a surrogate pair; both can arrive in JSON.
    """
    spaced = re.sub(r"\s+", " ", text)
    return "".join(c for c in spaced if unicodedata.category(c)[0] != "C").strip()[:most]
