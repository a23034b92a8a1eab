"""Roles and what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos.kernel.money import exponent, percent_of


class Permission(StrEnum):
    """One kind of deed."""

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
    MANAGE_BOOKS = "manage_books"
    MANAGE_CATALOGUE = "manage_catalogue"
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
    Role.THERAPIST: frozenset(),
    Role.MANAGER: _ALL,
    Role.OWNER: _ALL,
    Role.BOOKKEEPER: frozenset({Permission.SEE_REPORTS, Permission.EXPORT_LEDGER, Permission.RUN_CHECKS}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role includes a permission."""
    return permission in ALLOWED[role]


@dataclass(frozen=True)
class DiscountLimit:
    """The most a role without `approve` takes off alone: of each line in percent, of a ticket in minor units."""

    percent: Decimal
    amount_minor: int


def usual_discount_limit(currency: str) -> DiscountLimit:
    """The limit of a location that has set none: 10 % of each line and 20 units a ticket, 2,000 without cents."""
    scale: int = 10 ** (exponent(currency) or 2)
    return DiscountLimit(Decimal(10), 20 * scale)


def is_above(cuts: Iterable[tuple[int, int]], limit: DiscountLimit) -> bool:
    """Whether discounts are more than a role may give alone. `cuts` are price and reduction of each line, minor units."""
    total = 0
    for price, cut in cuts:
        # A discount of the ticket is spread by largest remainder, which may put one unit more on a line.
        if cut > percent_of(price, limit.percent) + 1:
            return True
        total += cut
    return total > limit.amount_minor
