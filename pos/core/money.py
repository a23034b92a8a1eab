"""Money: integer minor units of one ISO 4217 currency, and the few exact operations a till needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple, Protocol

from pos.core.errors import Invalid
from pos.core.messages.general import (
    AMOUNT_TOO_LARGE,
    NOT_A_CURRENCY,
    NOT_AN_AMOUNT,
    PERCENTAGE_MISSING,
    TOO_MANY_DECIMALS,
)

# ISO 4217 minor-unit exponents that are not 2. Stripe and CLDR differ on some of these (ISK, UGX); this is ISO's list.
_EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_CODE = re.compile(r"[A-Z]{3}")
# ISO 4217, list one: the currencies in use. Funds, precious metals and units of account are left out.
_IN_USE = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
        "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
        "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
        "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR "
        "RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD "
        "TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
    ).split()
)
# Far above any clinic's day and far below 2^63, so sums of many rows stay exact in both databases.
LARGEST_MINOR = 10**12


def exponent(currency: str) -> int:
    """Digits after the decimal point in `currency` (JPY 0, USD 2, KWD 3)."""
    if not _CODE.fullmatch(currency):
        raise Invalid(NOT_A_CURRENCY(currency=currency), field="currency")
    return _EXPONENTS.get(currency, 2)


def is_currency(code: str) -> bool:
    """Whether a code is a currency in use."""
    return code in _IN_USE


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of minor units in one currency; adding two currencies raises."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("money is a whole number of minor units")

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, factor: int) -> Money:
        if type(factor) is not int:
            raise TypeError("multiply money by a whole number, or use percent_of")
        return Money(self.minor * factor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return to_decimal(self.minor, self.currency)


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units as an exact Decimal of major units (1234 USD → 12.34)."""
    return Decimal(minor).scaleb(-exponent(currency))


def plain(minor: int, currency: str) -> str:
    """Machine-readable amount with the currency's digits and a point: `-12.30`; for CSV and JSON, not for people."""
    return f"{to_decimal(minor, currency):.{exponent(currency)}f}"


def read_percent(text: str, *, field: str = "percent") -> Decimal:
    """A percentage as a person writes it: `8`, `7.5`, `7,5 %`; raises Invalid for what is no number."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation as error:
        raise Invalid(PERCENTAGE_MISSING, field=field) from error
    if not percent.is_finite():
        raise Invalid(PERCENTAGE_MISSING, field=field)
    return percent


def parse_amount(text: str, currency: str, *, field: str = "amount") -> int:
    """Minor units from what a person typed: `12`, `12.5`, `12,50`, `1 234.50`; raises Invalid for anything else."""
    cleaned = re.sub(r"[\s\u00a0\u202f'’]", "", text.strip())
    match = re.fullmatch(r"(\d{1,13})(?:[.,](\d*))?", cleaned)
    digits = exponent(currency)
    if not match:
        raise Invalid(NOT_AN_AMOUNT(typed=text.strip()[:40]), field=field)
    whole, part = match.group(1), (match.group(2) or "")
    if len(part) > digits:
        raise Invalid(TOO_MANY_DECIMALS(currency=currency, digits=digits), field=field)
    scale: int = 10**digits
    minor = int(whole) * scale + int((part + "0" * digits)[:digits] or "0")
    if minor > LARGEST_MINOR:
        raise Invalid(AMOUNT_TOO_LARGE, field=field)
    return minor


def round_half_up(value: Decimal) -> int:
    """Nearest whole minor unit, halves away from zero (commercial rounding)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def ratio(part: int, whole: int, digits: int) -> Decimal:
    """`part` ÷ `whole`, rounded half up to so many digits, as amounts are; `whole` is not 0."""
    return (Decimal(part) / whole).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def share_of(part: int, whole: int, digits: int = 1) -> Decimal:
    """`part` in percent of `whole`, rounded half up to so many digits; `whole` is not 0."""
    return ratio(100 * part, whole, digits)


def percent_of(minor: int, percent: Decimal) -> int:
    """`percent` of an amount, rounded half up."""
    return round_half_up(Decimal(minor) * percent / 100)


def inside(minor: int, percent: Decimal) -> int:
    """The tax contained in a gross amount at `percent`, rounded half up (110 at 10 % → 10)."""
    return round_half_up(Decimal(minor) * percent / (100 + percent))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` minor units in proportion to `weights` by largest remainder; the parts sum to `total` exactly.

    Ties go to the earlier weight. All-zero weights put everything on the first. Raises ValueError for no weights or a
    negative one.
    """
    if not weights or any(w < 0 for w in weights):
        raise ValueError("weights must be non-negative and not empty")
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign = -1 if total < 0 else 1
    exact = [divmod(abs(total) * w, whole) for w in weights]
    parts: list[int] = [quotient for quotient, _ in exact]
    missing = abs(total) - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: (-exact[i][1], i))[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]


def cumulative_share(total: int, count: int, of: int) -> int:
    """What `count` of `of` equal parts of `total` amount to, rounded half up: round(T·k/n)."""
    return round_half_up(Decimal(total) * count / of)


class Rate(NamedTuple):
    """The rate of one tax, in percent; `is_second`: it is the location's second tax."""

    percent: Decimal
    is_second: bool = False

    @property
    def key(self) -> str:
        """The rate in keys of accounts and measures: `8`, of a second tax `second:9.975`."""
        return f"{'second:' if self.is_second else ''}{self.percent.normalize():f}"


class Rates(NamedTuple):
    """The rates of the taxes on one net, in percent: of the first tax, and of the second (0: there is none)."""

    first: Decimal
    second: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """The rate of both together."""
        return self.first + self.second

    def on(self, net_minor: int) -> int:
        """The tax on a net, minor units: each rounded by itself, half up."""
        return percent_of(net_minor, self.first) + (percent_of(net_minor, self.second) if self.second else 0)


class Taxed(Protocol):
    """Whatever has the rates it was taxed at."""

    @property
    def tax_percent(self) -> Decimal:
        """The rate of the first tax."""

    @property
    def second_tax_percent(self) -> Decimal:
        """The rate of the second tax; 0: there is none."""


def rates_of(taxed: Taxed) -> Rates:
    """The rates something was taxed at."""
    return Rates(taxed.tax_percent, taxed.second_tax_percent)


def second_share(tax_minor: int, of_tax: int, of_second: int) -> int:
    """How much of a part of some tax is the second tax, which was `of_second` of it all: in proportion, rounded half up.

    Taken of what is left each time, the parts sum to both taxes exactly.
    """
    return cumulative_share(of_second, tax_minor, of_tax) if of_second and of_tax else 0
