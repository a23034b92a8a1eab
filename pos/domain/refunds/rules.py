"""Which way money goes back, and how its parts may move. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pos.core.errors import Invalid
from pos.core.messages.refunds import ABOVE_WHAT_IS_LEFT_OF_PAYMENT
from pos.domain.locations.cash_rounding import EXACT, CashRounding
from pos.domain.sales.tender_kinds import TENDER_KINDS

# A refund that the bank had taken may still come back from it, days later; nothing comes back from a failure.
TRANSITIONS: dict[str, frozenset[str]] = {
    "created": frozenset({"waiting", "unknown", "paid_back", "failed"}),
    "waiting": frozenset({"paid_back", "failed"}),
    "unknown": frozenset({"waiting", "paid_back", "failed"}),
    "paid_back": frozenset({"failed"}),
    "failed": frozenset(),
}


def may_move(state: str, onward: str) -> bool:
    """Whether a card's part in `state` may become `onward`."""
    return onward in TRANSITIONS[state]


def next_key(key: str) -> str:
    """The idempotency key after `key`, for a refund that was looked for and is not there: `k`, `k+2`, `k+3` …"""
    base, _, number = key.partition("+")
    return f"{base}+{int(number or 1) + 1}"


@dataclass(frozen=True)
class TenderLeft:
    """A tender of a sale and what of it was not given back yet, in minor units; `rounding_minor` of cash as it was taken."""

    position: int
    kind: str
    left_minor: int
    rounding_minor: int = 0


@dataclass(frozen=True)
class Destination:
    """An amount that goes back one way; `tender_position` is the tender it came by, None for one that had none.

    `rounding_minor` is what is handed over in cash beyond the amount, negative where it is less.
    """

    kind: str
    amount_minor: int
    tender_position: int | None = None
    rounding_minor: int = 0

    @property
    def moved_minor(self) -> int:
        """The money that moves: of cash, what is handed over."""
        return self.amount_minor + self.rounding_minor


def destinations(
    tenders: Sequence[TenderLeft],
    total_minor: int,
    *,
    as_credit: bool = False,
    rounding: CashRounding = EXACT,
) -> tuple[Destination, ...]:
    """How an amount goes back: to cards up to what they paid, then stored value, then cash; or onto the client's account.

    What goes back in cash is rounded like what is paid in cash.
    Raises Invalid when the tenders have less left than that.
    """
    if not total_minor:
        return ()
    if as_credit:
        return (Destination("account_credit", total_minor),)
    ways, rest = [], total_minor
    for tender in sorted(tenders, key=lambda tender: (TENDER_KINDS[tender.kind].refund_rank, tender.position)):
        part = min(rest, tender.left_minor)
        if part > 0:
            more = rounding.difference(part) if tender.kind == "cash" else 0
            ways.append(Destination(tender.kind, part, tender.position, more))
            rest -= part
    if rest:
        raise Invalid(ABOVE_WHAT_IS_LEFT_OF_PAYMENT, field="amount")
    return tuple(ways)


def as_taken(tenders: Sequence[TenderLeft], ways: Sequence[Destination]) -> tuple[Destination, ...]:
    """The ways of a void: each tender goes back whole, so its cash is what was taken, whatever is usual meanwhile."""
    taken = {tender.position: tender.rounding_minor for tender in tenders}
    return tuple(
        replace(way, rounding_minor=taken[way.tender_position]) if way.tender_position in taken else way for way in ways
    )


def wants_second_person(tenders: Sequence[TenderLeft], ways: Sequence[Destination]) -> bool:
    """Whether even a manager asks somebody: cash that leaves the drawer for a sale that was not paid by cash alone."""
    return any(way.kind == "cash" for way in ways) and any(tender.kind != "cash" for tender in tenders)
