"""What a credit is worth, and which credit a line takes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from pos.core.money import cumulative_share

# A visit may be checked out on the day after it took place, judged by its own day; credits end only when that is over.
LATE_CHECKOUT = timedelta(days=1)


def next_value(net_minor: int, left: int, quantity: int, recognised_minor: int, unpaid_net_minor: int = 0) -> int:
    """Net value to recognise for the next credits, by cumulative rounding; `left` of `quantity` have left with them.

    round(T·k/n) − recognised so far; never negative, which a reversal of another session's rounding could make it. T is
    the whole price net of tax: what was paid and, of a package paid in parts, `unpaid_net_minor`. No more leaves than
    was paid.
    """
    value = cumulative_share(net_minor + unpaid_net_minor, left, quantity) - recognised_minor
    return max(0, min(value, net_minor - recognised_minor))


def usable(price_minor: int, paid_minor: int, quantity: int) -> int:
    """How many credits of a package paid in parts may be used in all: floor(paid · n / price). Otherwise all."""
    return quantity * paid_minor // price_minor if price_minor else quantity


def due_for(price_minor: int, paid_minor: int, quantity: int, number: int) -> int:
    """What is to be paid, as displayed, before the credit of this number may be used; 0 where it may be used already."""
    return max(0, -(-price_minor * number // quantity) - paid_minor)


def part_of(total_minor: int, before: int, count: int, quantity: int) -> int:
    """The share of `count` of `quantity` equal parts, after `before` of them: what of the tax goes with those credits."""
    return cumulative_share(total_minor, before + count, quantity) - cumulative_share(total_minor, before, quantity)


@dataclass(frozen=True)
class LotFacts:
    """A lot as the desk sees it; `eligible` and `included` map items to the list price frozen at sale.

    `remaining` is what the client asked for may use: of somebody else's lot, named in `shared_by`, no more than their cap,
    and of a package paid in parts what is paid for. `unpaid_minor` is still to be paid of it, as displayed, and
    `next_due_minor` before its next credit may be used.
    """

    lot_id: UUID
    package_id: UUID
    name: str
    quantity: int
    remaining: int
    expires_on: date | None
    granted_at: datetime
    net_minor: int
    eligible: dict[UUID, int]
    included: dict[UUID, int]
    status: str = "active"
    shared_by: str = ""
    unpaid_minor: int = 0
    next_due_minor: int = 0
    tier: int = 0

    def valid_on(self, day: date) -> bool:
        """Whether a visit on `day` may use it: expiry counts the day itself."""
        return self.expires_on is None or day <= self.expires_on


def next_of(lots: Sequence[LotFacts], day: date, used: dict[UUID, int]) -> LotFacts | None:
    """Of lots that all fit, the one a visit takes: valid, with more left than `used`; soonest expiring, then oldest."""
    left = [lot for lot in lots if lot.valid_on(day) and lot.remaining - used.get(lot.lot_id, 0) >= 1]
    return min(left, key=lambda lot: (lot.expires_on or date.max, lot.granted_at, lot.lot_id), default=None)


def soonest(lots: Sequence[LotFacts], item_id: UUID, day: date, used: dict[UUID, int]) -> LotFacts | None:
    """The lot a session takes of those that are good for it."""
    return next_of([lot for lot in lots if item_id in lot.eligible], day, used)
