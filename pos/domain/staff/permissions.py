"""Roles and what each may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pos.core.money import percent_of


class Permission(StrEnum):
    """One kind of action. Whoever has OWN signs in to the office by a password."""

    OWN = "own"
    RING_UP = "ring_up"
    SEE_CLIENTS = "see_clients"
    RUN_DRAWER = "run_drawer"
    DISCOUNT = "discount"
    EXEMPT_TAX = "exempt_tax"
    SEE_REPORTS = "see_reports"
    EXPORT_LEDGER = "export_ledger"
    RUN_CHECKS = "run_checks"
    REFUND = "refund"
    CORRECT_CREDITS = "correct_credits"
    MANAGE_CLIENTS = "manage_clients"
    MANAGE_BOOKS = "manage_books"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_STAFF = "manage_staff"
    MANAGE_ROLES = "manage_roles"
    APPROVE = "approve"


class Role(StrEnum):
    """What somebody is at the clinic."""

    RECEPTIONIST = "receptionist"
    THERAPIST = "therapist"
    MANAGER = "manager"
    OWNER = "owner"
    BOOKKEEPER = "bookkeeper"


_DESK = frozenset(
    {Permission.RING_UP, Permission.SEE_CLIENTS, Permission.RUN_DRAWER, Permission.DISCOUNT, Permission.EXEMPT_TAX}
)
_ALL = frozenset(Permission)

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.RECEPTIONIST: _DESK,
    Role.THERAPIST: frozenset({Permission.OWN}),
    Role.MANAGER: _ALL - {Permission.MANAGE_ROLES},
    Role.OWNER: _ALL,
    Role.BOOKKEEPER: frozenset(
        {Permission.OWN, Permission.SEE_REPORTS, Permission.EXPORT_LEDGER, Permission.RUN_CHECKS}
    ),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role includes a permission."""
    return permission in ALLOWED[role]


@dataclass(frozen=True)
class DiscountLimit:
    """The most a role takes off alone: of each line in percent, of a ticket in minor units; None is no limit."""

    percent: Decimal | None
    amount_minor: int | None


@dataclass(frozen=True)
class Reduction:
    """What discounts by hand take off a line of an item, or off a whole ticket (no `item_id`), and of what; minor units."""

    item_id: UUID | None
    price_minor: int
    off_minor: int


@dataclass(frozen=True)
class LineCut:
    """A line as displayed without discounts by hand, and what its own discount and the ticket's take off; minor units."""

    item_id: UUID
    price_minor: int
    line_off_minor: int
    ticket_off_minor: int


def charged(cuts: Sequence[LineCut]) -> list[tuple[int, int]]:
    """The price of each line and all that discounts by hand take off it, minor units."""
    return [(cut.price_minor, cut.line_off_minor + cut.ticket_off_minor) for cut in cuts]


def reductions(cuts: Sequence[LineCut]) -> list[Reduction]:
    """What the discounts of a ticket take off: one for each line that has a discount, one for the ticket's own."""
    found = [Reduction(cut.item_id, cut.price_minor, cut.line_off_minor) for cut in cuts if cut.line_off_minor]
    if of_ticket := sum(cut.ticket_off_minor for cut in cuts):
        found.append(Reduction(None, sum(cut.price_minor for cut in cuts), of_ticket))
    return found


def is_agreed(cuts: Sequence[LineCut], agreed: Sequence[Reduction], limit: DiscountLimit | None = None) -> bool:
    """Whether a consent to `agreed` holds for these discounts: they take off no more in all, and no more of any item.

    "No more" is of the sum and of the share of each line; the ticket's own discount is looked at like an item. What was
    not agreed to, such as another item's, must be within `limit`; without one there must be none.
    """
    given = reductions(cuts)
    if sum(one.off_minor for one in given) > sum(one.off_minor for one in agreed):
        return False
    held = {one.item_id for one in given if _holds(one.item_id, given, agreed)}
    rest = [
        replace(
            cut,
            line_off_minor=0 if cut.item_id in held else cut.line_off_minor,
            ticket_off_minor=0 if None in held else cut.ticket_off_minor,
        )
        for cut in cuts
    ]
    return not reductions(rest) if limit is None else not is_above(charged(rest), limit)


def _holds(item_id: UUID | None, given: Sequence[Reduction], agreed: Sequence[Reduction]) -> bool:
    """Whether what is taken off an item is within what was agreed for it: the sum, and the largest share of a line."""
    now = [one for one in given if one.item_id == item_id]
    then = [one for one in agreed if one.item_id == item_id]
    if sum(one.off_minor for one in now) > sum(one.off_minor for one in then):
        return False
    # Shares are compared without dividing; a percentage is rounded to a minor unit on each line.
    return all(
        any((one.off_minor - 1) * other.price_minor <= other.off_minor * one.price_minor for other in then)
        for one in now
    )


def is_above(cuts: Iterable[tuple[int, int]], limit: DiscountLimit) -> bool:
    """Whether discounts are more than a role may give alone. `cuts` are price and reduction of each line, minor units."""
    total = 0
    for price, cut in cuts:
        # A discount of the ticket is spread by largest remainder, which may put one unit more on a line.
        if limit.percent is not None and cut > percent_of(price, limit.percent) + (1 if limit.percent else 0):
            return True
        total += cut
    return limit.amount_minor is not None and total > limit.amount_minor
