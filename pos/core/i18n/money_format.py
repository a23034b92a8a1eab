"""How an amount is written in a locale: marks, groups and signs from CLDR, decimals from our own table.

The register's script is handed the same pattern and writes with it, because a browser's tables differ from ours: in groups
of four digits, in decimal marks, in signs, and in locales it does not know. Groups begin at 1,000 in every locale, so that
columns line up; the minus is U+2212 in every locale.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

from babel.core import Locale
from babel.numbers import get_currency_symbol

MINUS = "\u2212"
_NO_BREAK = "\u00a0"
# Marks that turn the direction of writing: our pages and papers are written from left to right.
_DIRECTION = str.maketrans("", "", "\u200e\u200f\u061c")


@dataclass(frozen=True)
class AmountPattern:
    """What stands before and after the digits, and between them. `first` and `others` are sizes of groups, 0 for none."""

    before: str
    after: str
    negative_before: str
    negative_after: str
    decimal: str
    group: str
    first: int
    others: int

    def text(self, minor: int, exponent: int) -> str:
        """An amount of minor units with `exponent` digits after the decimal mark."""
        digits = str(abs(minor)).rjust(exponent + 1, "0")
        whole, part = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
        groups: list[str] = []
        size = self.first
        while size and len(whole) > size:
            groups.insert(0, whole[-size:])
            whole, size = whole[:-size], self.others
        number = self.group.join([whole, *groups]) + (self.decimal + part if part else "")
        if minor < 0:
            return f"{self.negative_before}{number}{self.negative_after}"
        return f"{self.before}{number}{self.after}"

    def facts(self) -> dict[str, str | int]:
        """The pattern as the register's script is handed it."""
        return asdict(self)


@lru_cache(maxsize=256)
def plain_pattern(locale: Locale) -> AmountPattern:
    """Amounts without their currency, for columns."""
    found = locale.decimal_formats[None]
    return _pattern(locale, "", "", MINUS, "", found.grouping)


@lru_cache(maxsize=1024)
def currency_pattern(locale: Locale, currency: str) -> AmountPattern:
    """Amounts with their currency's sign."""
    found = locale.currency_formats["standard"]
    sign = get_currency_symbol(currency, locale).translate(_DIRECTION)
    (before, negative_before), (after, negative_after) = found.prefix, found.suffix
    return _pattern(
        locale,
        _signed(before, sign, leads=True),
        _signed(after, sign, leads=False),
        _signed(negative_before, sign, leads=True),
        _signed(negative_after, sign, leads=False),
        found.grouping,
    )


def _pattern(
    locale: Locale, before: str, after: str, negative_before: str, negative_after: str, grouping: tuple[int, int]
) -> AmountPattern:
    symbols = locale.number_symbols["latn"]
    first, others = (size if size < 100 else 0 for size in grouping)
    return AmountPattern(
        before, after, negative_before, negative_after, symbols["decimal"], symbols["group"], first, others
    )


def _signed(text: str, sign: str, *, leads: bool) -> str:
    """A part of CLDR's pattern with the currency's sign; letters keep a blank from the digits, as in CHF 12."""
    part = text.translate(_DIRECTION).replace("-", MINUS).replace("¤", sign)
    if leads and part[-1:].isalpha():
        return part + _NO_BREAK
    if not leads and part[:1].isalpha():
        return _NO_BREAK + part
    return part
