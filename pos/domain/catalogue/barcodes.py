"""Barcodes of items: the same article under the lengths in which scanners report it. Pure."""

from __future__ import annotations

import re

# UPC-A has 12 digits, EAN-13 is the same number with a zero in front, GTIN-14 with two; EAN-8 and EAN-13 are other numbers.
_GTIN = re.compile(r"[0-9]{12,14}")
# Lengths in which a number ends with a check digit; other texts are codes of the clinic's own.
_CHECKED = re.compile(r"[0-9]{8}|[0-9]{12,14}")


def same_code(one: str, other: str) -> bool:
    """Whether two codes name the same article: equal but for case and blanks, or one GTIN in 12, 13 and 14 digits.

    036000291452 (UPC-A) and 0036000291452 (EAN-13) are one; GS1 General Specifications 3.3.
    """
    return _normal(one) == _normal(other)


def _normal(code: str) -> str:
    bare = code.strip().casefold()
    return bare.zfill(14) if _GTIN.fullmatch(bare) else bare


def wrong_check_digit(code: str) -> str | None:
    """The check digit an EAN-8, UPC-A, EAN-13 or GTIN-14 should end with where it ends with another; None: nothing is wrong.

    From the right, digits before the last count three and one by turns; GS1 General Specifications 7.9.1.
    """
    if not _CHECKED.fullmatch(code):
        return None
    counted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(code[:-1])))
    right = str(-counted % 10)
    return None if code[-1] == right else right
