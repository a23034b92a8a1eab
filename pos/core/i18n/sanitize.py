"""Text from outside, made fit to be kept and printed."""

from __future__ import annotations

import re
import unicodedata


def printable(text: str, most: int) -> str:
    """`text` on one line with single blanks, without control characters and unpaired surrogates, `most` characters at most.

    PostgreSQL refuses NUL, and no database takes half a surrogate pair; both can arrive in JSON.
    """
    spaced = re.sub(r"\s+", " ", text)
    visible = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:most]
