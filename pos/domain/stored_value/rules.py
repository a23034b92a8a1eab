"""What stored value may do: limits of a gift card, expiry, and what a move is called. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pos.core.clock import add_months
from pos.core.errors import Conflict, Invalid
from pos.core.messages.stored_value import (
    CASH_OUT_LIMIT_OUT_OF_RANGE,
    GIFT_CARD_AMOUNT_NOT_SOLD,
    GIFT_CARD_LIMITS_OUT_OF_ORDER,
    GIFT_CARD_VALIDITY_OUT_OF_RANGE,
)
from pos.core.money import LARGEST_MINOR, exponent


class NotEnoughValue(Conflict):
    """A gift card or a client's account holds less than asked for; `balance_minor` is in `extra`."""

    code: ClassVar[str] = "not_enough_value"


@dataclass(frozen=True)
class CardTerms:
    """What a location asks of gift cards from a day on, in minor units; data a clinic sets, not advice.

    A card is sold or reloaded by `least_minor` to `most_minor` and never holds more than `balance_most_minor`. At
    `cash_out_minor` or less the rest is paid out in cash on request (None: never). Without `validity_months` cards do not
    expire.
    """

    least_minor: int
    most_minor: int
    balance_most_minor: int
    cash_out_minor: int | None = None
    validity_months: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.least_minor <= self.most_minor <= self.balance_most_minor <= LARGEST_MINOR:
            raise Invalid(GIFT_CARD_LIMITS_OUT_OF_ORDER, field="least_minor")
        if self.cash_out_minor is not None and not 0 <= self.cash_out_minor <= self.balance_most_minor:
            raise Invalid(CASH_OUT_LIMIT_OUT_OF_RANGE, field="cash_out_minor")
        if self.validity_months is not None and not 1 <= self.validity_months <= 240:
            raise Invalid(GIFT_CARD_VALIDITY_OUT_OF_RANGE, field="validity_months")

    def require_amount(self, amount_minor: int) -> None:
        """Refuse a face value outside the limits; raises Invalid with them in `extra`."""
        if not self.least_minor <= amount_minor <= self.most_minor:
            raise Invalid(
                GIFT_CARD_AMOUNT_NOT_SOLD,
                field="value_minor",
                least_minor=self.least_minor,
                most_minor=self.most_minor,
            )

    def expires_on(self, sold_on: date) -> date | None:
        """The last day of a card sold on a day."""
        return add_months(sold_on, self.validity_months) if self.validity_months else None


def usual_terms(currency: str) -> CardTerms:
    """The terms of a location that has set none: 10 to 1,000, at most 2,000 on a card, no cash, no expiry."""
    one = 10 ** exponent(currency)
    return CardTerms(10 * one, 1_000 * one, 2_000 * one)


def card_state(state: str, balance_minor: int, expires_on: date | None, day: date) -> str:
    """What a card is on a day: `active`, `used_up`, `expired`, `blocked` or `replaced`."""
    if state != "active":
        return state
    if expires_on is not None and expires_on < day:
        return "expired"
    return "active" if balance_minor else "used_up"


# The kinds of moves this room makes itself; who raises a client's credit names the reason in the same short way.
MOVES: dict[str, str] = {
    "issue": "Sold",
    "reload": "Reloaded",
    "hold": "Set aside for a card payment",
    "release": "Given back from a card payment",
    "spend": "Paid with",
    "refund": "Refunded",
    "void": "Sale cancelled",
    "cash_out": "Paid out",
    "expire": "Expired",
    "replace": "Moved from a lost card",
    "replaced": "Moved to a new card",
    "lapse": "From an expired package",
    "merge": "Moved when two records of a client were merged",
    "transfer": "Transferred",
    "goodwill": "Goodwill",
    "correction": "Corrected",
    "suspend": "Blocked while its payment is disputed",
    "resume": "The dispute of its payment is over",
    "lost": "Taken back: its payment was lost",
}


def move_name(kind: str) -> str:
    """What a move is called on screen and paper, in English."""
    return MOVES.get(kind) or kind.replace("_", " ").capitalize()
