"""What is paid in cash, rounded to the smallest coin in use. Pure.

Only the money that crosses the counter is rounded: prices, tax and what is owed stay exact, and so does a card payment.
What a clinic gains or loses by it is booked on an account of its own. A country's usual rounding is in `country_habits.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CashRounding:
    """To the nearest multiple of `step_minor`, minor units; just between two goes up, or down with `halves_down`."""

    step_minor: int = 1
    halves_down: bool = False

    def rounded(self, minor: int) -> int:
        """The cash that settles an amount, which is not negative."""
        whole, rest = divmod(minor, self.step_minor)
        up = rest * 2 > self.step_minor or (rest * 2 == self.step_minor and not self.halves_down)
        return (whole + up) * self.step_minor

    def difference(self, minor: int) -> int:
        """What the cash is more than the amount it settles; negative where it is less."""
        return self.rounded(minor) - minor

    def fits(self, minor: int) -> bool:
        """Whether coins in use make up an amount."""
        return minor % self.step_minor == 0


EXACT = CashRounding()
# By the key a location keeps; the steps are minor units of currencies with two decimals.
CASH_ROUNDINGS: Mapping[str, CashRounding] = MappingProxyType(
    {
        "none": EXACT,
        "5": CashRounding(5),
        "10": CashRounding(10),
        "10_down": CashRounding(10, halves_down=True),
        "50": CashRounding(50),
        "100": CashRounding(100),
        "500": CashRounding(500),
    }
)
