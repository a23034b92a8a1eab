"""How a tip is shared: among those who treated, back from those who got it, and out of the pool. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from pos.core.money import allocate

# Who has a tip: a person, or nobody in particular (the pool).
Holder = UUID | None
Shares = list[tuple[Holder, int]]
# Kinds of line that are treatment: what a tip is for.
TREATMENT = ("variant", "add_on")


def _by_weight(minor: int, weights: Mapping[UUID, int]) -> Shares:
    # Where no value is known (treatments at a price of zero), everybody counts the same.
    values = list(weights.values()) if any(weights.values()) else [1] * len(weights)
    return [(holder, part) for holder, part in zip(weights, allocate(minor, values), strict=True) if part]


def share_tip(tip_minor: int, chosen: UUID | None, lines: Iterable[tuple[UUID | None, str, int]]) -> Shares:
    """Whose a tip is, in minor units: of the person chosen; or of the therapists named; or, where none is, of the pool.

    `lines` are (therapist, kind, undiscounted price). Several therapists share in proportion to the undiscounted price of
    the treatment on their lines, credits or not, by largest remainder. Rule 7.2.
    """
    if not tip_minor:
        return []
    if chosen is not None:
        return [(chosen, tip_minor)]
    treated: dict[UUID, int] = {}
    for therapist, kind, list_minor in lines:
        if therapist is not None and kind in TREATMENT:
            treated[therapist] = treated.get(therapist, 0) + list_minor
    return _by_weight(tip_minor, treated) if treated else [(None, tip_minor)]


def take_back(tip_minor: int, held: Mapping[Holder, int]) -> Shares:
    """From whom a tip that is given back is taken, as amounts below zero: in proportion to what each has of it.

    `held` are amounts of one sale's tip, none below zero; raises ValueError for more than they sum to.
    """
    if tip_minor > sum(held.values()):
        raise ValueError("more tip is taken back than was given")
    if not tip_minor:
        return []
    order = sorted(held, key=lambda holder: str(holder or ""))
    parts = allocate(tip_minor, [held[holder] for holder in order])
    return [(holder, -part) for holder, part in zip(order, parts, strict=True) if part]


def share_pool(minor: int, worth: Mapping[UUID, int], *, by_value: bool) -> Shares:
    """What of a pool each of some people gets: the same, or in proportion to the treatment they gave (`worth`, minor units).

    A pool below zero (a tip given back after it was shared) is taken from them in the same way.
    """
    order = {holder: worth[holder] if by_value else 0 for holder in sorted(worth, key=str)}
    return _by_weight(minor, order)
