"""Barcodes of items: the same article under the lengths in which scanners report it. Pure."""

from __future__ import annotations

import re

# UPC-A has 12 digits, EAN-13 is the same number with a zero in front, GTIN-14 with two; EAN-8 and EAN-13 are other numbers.
_GTIN = re.compile(r"[0-9]{12,14}")


def same_code(one: str, other: str) -> bool:
    """Whether two codes name the same article: equal but for case and blanks, or one GTIN in 12, 13 and 14 digits.

    036000291452 (UPC-A) and 0036000291452 (EAN-13) are one; GS1 General Specifications 3.3.
    """
    return _normal(one) == _normal(other)


def _normal(code: str) -> str:
    bare = code.strip().casefold()
    return bare.zfill(14) if _GTIN.fullmatch(bare) else bare
