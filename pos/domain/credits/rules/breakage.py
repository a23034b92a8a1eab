"""Breakage before credits end: what of a package its client is not expected to use. Pure.

The value of the credits left stays owed, lot by lot; beside it stands what was recognised of it as breakage. IFRS 15
B44–B47 and ASC 606-10-55-46 to 49 know two ways, and a clinic chooses one with its adviser:

| method | what is recognised while credits are left |
|---|---|
| `proportional` | expected percent p: V · p/(100 − p), where V is the value of the sessions used |
| `remote` | nothing; all that is left when nothing was used for so many months that use has become remote |
| `lapse` | nothing: when the credits end |

Never more than what is left is worth, so what turns out otherwise is taken back. Never of credits whose value becomes
account credit when they end: that is the client's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pos.core.clock import add_months
from pos.core.errors import Invalid
from pos.core.messages.books import BREAKAGE_METHOD_MISSING, BREAKAGE_MONTHS_OUT_OF_RANGE, BREAKAGE_PERCENT_OUT_OF_RANGE
from pos.core.money import cumulative_share, round_half_up

METHODS = ("lapse", "proportional", "remote")
MOST_MONTHS = 240


@dataclass(frozen=True)
class Expectation:
    """How a location recognises breakage; `expected_percent` and `remote_months` belong to their methods."""

    method: str = "lapse"
    expected_percent: Decimal = Decimal(10)
    remote_months: int = 24

    def checked(self) -> Expectation:
        """Itself; raises Invalid naming the field that is wrong."""
        if self.method not in METHODS:
            raise Invalid(BREAKAGE_METHOD_MISSING, field="method")
        if not 0 < self.expected_percent < 100:
            raise Invalid(BREAKAGE_PERCENT_OUT_OF_RANGE, field="expected_percent")
        if not 1 <= self.remote_months <= MOST_MONTHS:
            raise Invalid(BREAKAGE_MONTHS_OUT_OF_RANGE(most=MOST_MONTHS), field="remote_months")
        return self


@dataclass(frozen=True)
class Unused:
    """A lot as breakage looks at it, minor units. `used` counts sessions used and burned; `returns`: its value becomes
    account credit at the end; `rests`: frozen or suspended.
    """

    net_minor: int
    quantity: int
    used: int
    owed_minor: int
    recognised_minor: int
    last_use_on: date
    returns: bool = False
    rests: bool = False


def ahead(lot: Unused, how: Expectation, today: date) -> int:
    """What should be recognised ahead of a lot today, in all; never below zero, never above what is owed."""
    if lot.returns:
        return 0
    if how.method == "proportional":
        value_used = cumulative_share(lot.net_minor, lot.used, lot.quantity)
        expected = round_half_up(Decimal(value_used) * how.expected_percent / (100 - how.expected_percent))
        return min(lot.owed_minor, expected)
    if how.method == "remote" and not lot.rests:
        return lot.owed_minor if today >= add_months(lot.last_use_on, how.remote_months) else 0
    return min(lot.recognised_minor, lot.owed_minor)
