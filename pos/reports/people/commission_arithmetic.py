"""What a commission is: a percentage of a base, rounded once per line, and taken back as the base goes back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pos.core.money import percent_of

# What a commission is for: somebody's visit, or what they sold.
VISIT, SALE = "visit", "sale"


@dataclass(frozen=True)
class Rates:
    """What somebody earns from a day on, in percent of the net amount of their visits and of what they sell."""

    from_on: date
    visit: Decimal
    sale: Decimal

    def of(self, ground: str) -> Decimal:
        """The percentage of one ground."""
        return self.visit if ground == VISIT else self.sale


def rates_on(rates: Iterable[Rates], day: date) -> Rates | None:
    """The rates that hold on a day: the newest that begin on it or before."""
    return max((one for one in rates if one.from_on <= day), key=lambda one: one.from_on, default=None)


def stretches(first: date, last: date, begins: Iterable[date]) -> list[tuple[date, date]]:
    """Some days cut where other rates begin: from the first to the last of each part, both included."""
    starts = sorted({first, *(day for day in begins if first < day <= last)})
    ends = [*(day - timedelta(days=1) for day in starts[1:]), last]
    return list(zip(starts, ends, strict=True))


def taken_back(base_minor: int, gone: Sequence[int], percent: Decimal) -> list[int]:
    """What each giving back takes of a line's commission; all of it once all of the base went back. Minor units.

    The commission on what is left is rounded, not the part that goes: 33.33 % of 10.00 is 3.33; of 5.00 left 1.67, so 1.66
    is taken, and then 1.67.
    """
    parts, left = [], base_minor
    for minor in gone:
        parts.append(percent_of(left, percent) - percent_of(left - minor, percent))
        left -= minor
    return parts
