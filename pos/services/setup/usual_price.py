"""What 60 minutes usually cost, in the currencies of the price lists that are known."""

from __future__ import annotations

from pos.core.money import exponent

USUAL_SINGLE = {"USD": 100, "EUR": 89}


def usual_single_minor(currency: str) -> int | None:
    """The price in minor units; None for any other currency."""
    scale: int = 10 ** exponent(currency)
    return USUAL_SINGLE[currency] * scale if currency in USUAL_SINGLE else None
