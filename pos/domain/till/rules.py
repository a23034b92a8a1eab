"""What a till knows without a database: denominations, counts, and what each movement of cash means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos.core.errors import Invalid, NeedsConfirmation
from pos.core.hashing import digest
from pos.core.messages.till import (
    AMOUNT_MISSING,
    AMOUNT_UNUSUALLY_LARGE,
    COUNT_NOT_A_WHOLE_NUMBER,
    MOVEMENT_KIND_MISSING,
    NO_SALE_MOVES_NO_MONEY,
    NO_SUCH_COIN,
)
from pos.core.money import LARGEST_MINOR, exponent, plain

# Coins and notes in minor units, rising. A currency that is not here is counted as one sum.
_DENOMINATIONS: dict[str, tuple[int, ...]] = {
    "USD": (1, 5, 10, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10000),
    "CAD": (5, 10, 25, 100, 200, 500, 1000, 2000, 5000, 10000),
    "EUR": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000),
    "GBP": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000),
    "CHF": (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000),
    "AUD": (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000),
    "NZD": (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000),
    "JPY": (1, 5, 10, 50, 100, 500, 1000, 2000, 5000, 10000),
}
_MOST_PIECES = 100_000


def denominations(currency: str) -> tuple[int, ...]:
    """The coins and notes of a currency in minor units, rising; none where they are not known."""
    return _DENOMINATIONS.get(currency, ())


def counted(counts: Mapping[str, Any], currency: str, *, field: str) -> int:
    """What counted coins and notes sum to, in minor units; keys are denominations in minor units as text.

    Raises Invalid, naming `field`, for a piece the currency does not have or a number that is no count.
    """
    known = {str(piece) for piece in denominations(currency)}
    total = 0
    for piece, number in counts.items():
        if piece not in known:
            raise Invalid(NO_SUCH_COIN(currency=currency, piece=str(piece)[:12]), field=field)
        if type(number) is not int or not 0 <= number <= _MOST_PIECES:
            raise Invalid(COUNT_NOT_A_WHOLE_NUMBER, field=field)
        total += int(piece) * number
    return total


# More than this many of the largest note beyond what is due is rather a barcode or a slip than cash on the counter.
NOTES_OVER_DUE = 5
# And more than this many of them is rather a slip than what a drawer holds.
NOTES_IN_DRAWER = 100


def largest_note(currency: str) -> int:
    """The largest note of a currency in minor units; 100 units, or 10,000 without cents, where its notes are not known."""
    known = denominations(currency)
    scale: int = 10 ** (exponent(currency) or 2)
    return known[-1] if known else 100 * scale


def likely_tender(due_minor: int, currency: str) -> int:
    """The most cash that is taken for a due amount without asking whether it is right; minor units."""
    return due_minor + NOTES_OVER_DUE * largest_note(currency)


def likely_sum(currency: str) -> int:
    """The most that is counted in a drawer, or paid into it, without asking whether it is right; minor units."""
    return NOTES_IN_DRAWER * largest_note(currency)


def require_likely(minor: int, most_minor: int, currency: str, *, confirmed_minor: int | None, field: str) -> None:
    """Raise NeedsConfirmation, naming `field`, for more than `most_minor` unless this very amount was confirmed."""
    if minor > most_minor and minor != confirmed_minor:
        raise NeedsConfirmation(
            AMOUNT_UNUSUALLY_LARGE(amount=plain(minor, currency), currency=currency, limit=plain(most_minor, currency)),
            field=field,
            amount_minor=minor,
        )


@dataclass(frozen=True)
class Kind:
    """A movement of cash: in (+1), out (−1) or none (0), the account it is booked against, and how people say it."""

    direction: int
    against: str
    words: str


KINDS: dict[str, Kind] = {
    "paid_in": Kind(+1, "cash_paid_in_out", "Paid in"),
    "paid_out": Kind(-1, "cash_paid_in_out", "Paid out"),
    "drop": Kind(-1, "bank", "Drop"),
    "tip_paid_out": Kind(-1, "tips_payable", "Tip paid out"),
    "no_sale": Kind(0, "", "No-sale opening"),
}


def require_amount(kind: str, amount_minor: int) -> None:
    """Raise Invalid unless the amount fits the kind: nothing for an opening, more than nothing for the rest."""
    if kind not in KINDS:
        raise Invalid(MOVEMENT_KIND_MISSING, field="kind")
    if KINDS[kind].direction == 0:
        if amount_minor:
            raise Invalid(NO_SALE_MOVES_NO_MONEY, field="amount")
    elif not 0 < amount_minor <= LARGEST_MINOR:
        raise Invalid(AMOUNT_MISSING, field="amount")


def z_hash(number: int, document: dict[str, Any], previous_hash: str) -> str:
    """SHA-256 over a Z's number, its facts and the hash of the Z before."""
    return digest([number, document, previous_hash])
