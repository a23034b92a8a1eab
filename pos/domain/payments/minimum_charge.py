"""The least amount a card can be charged, by currency. Pure."""

from __future__ import annotations

from pos.core.i18n.message import Message
from pos.core.messages.payments import (
    AMOUNT_BELOW_CARD_MINIMUM,
    AMOUNT_NOT_CHARGEABLE,
    AMOUNT_TOO_LARGE_FOR_CARD,
    AMOUNT_TOO_SMALL_FOR_CARD,
)
from pos.core.money import plain

# ISO minor units. Stripe's "minimum charge amounts": https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
# Of a currency that is not listed there Stripe itself says so when it is asked.
LEAST_CHARGE = {
    "AED": 2_00, "AUD": 50, "BGN": 1_00, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 15_00, "DKK": 2_50, "EUR": 50, "GBP": 30,
    "HKD": 4_00, "HUF": 175_00, "INR": 50, "JPY": 50, "MXN": 10_00, "MYR": 2_00, "NOK": 3_00, "NZD": 50, "PLN": 2_00,
    "RON": 2_00, "SEK": 3_00, "SGD": 50, "THB": 10_00, "USD": 50,
}  # fmt: skip
# What the card service says of an amount, where it had to be asked.
REFUSED_AMOUNTS = {
    "amount_too_small": AMOUNT_TOO_SMALL_FOR_CARD,
    "amount_too_large": AMOUNT_TOO_LARGE_FOR_CARD,
    "amount_not_representable": AMOUNT_NOT_CHARGEABLE,
}


def least_charge(currency: str) -> int:
    """The least amount in minor units that a card can be charged."""
    return LEAST_CHARGE.get(currency, 1)


def too_small(card_minor: int, currency: str) -> Message | None:
    """Why a card cannot be charged so little, in one sentence; None where it can."""
    least = least_charge(currency)
    if card_minor >= least:
        return None
    rest, lowest = plain(card_minor, currency), plain(least, currency)
    return AMOUNT_BELOW_CARD_MINIMUM(amount=rest, lowest=lowest)
