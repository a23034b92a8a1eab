"""How much a desk may take while the server does not answer. Pure; the desk's browser holds to it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.core.errors import Invalid
from pos.core.messages.sales import (
    OFFLINE_AMOUNT_OUT_OF_RANGE,
    OFFLINE_MINUTES_OUT_OF_RANGE,
    OFFLINE_SALES_OUT_OF_RANGE,
)
from pos.core.money import LARGEST_MINOR, exponent

MOST_MINUTES = 240
MOST_SALES = 100
# Without a limit of its own: this many units of the currency, a hundred times as many where it has no cents.
_USUAL_UNITS = 1000


@dataclass(frozen=True)
class OfflineLimits:
    """`minutes` since the server last answered (0: nothing is taken), so many sales, and so much cash in minor units.

    Without `amount_minor` the usual sum holds.
    """

    minutes: int = 30
    sales: int = 20
    amount_minor: int | None = None

    def require_sensible(self) -> None:
        """Raise Invalid, naming the field, for limits outside what a desk can keep."""
        if not 0 <= self.minutes <= MOST_MINUTES:
            raise Invalid(OFFLINE_MINUTES_OUT_OF_RANGE(most=MOST_MINUTES), field="offline_minutes")
        if not 1 <= self.sales <= MOST_SALES:
            raise Invalid(OFFLINE_SALES_OUT_OF_RANGE(most=MOST_SALES), field="offline_sales")
        if self.amount_minor is not None and not 0 < self.amount_minor <= LARGEST_MINOR:
            raise Invalid(OFFLINE_AMOUNT_OUT_OF_RANGE, field="offline_amount")

    def most_minor(self, currency: str) -> int:
        """How much cash may be taken in all, in minor units."""
        if self.amount_minor is not None:
            return self.amount_minor
        scale: int = 10 ** (exponent(currency) or 2)
        return _USUAL_UNITS * scale
