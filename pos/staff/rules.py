"""Roles and what each may do."""

from __future__ import annotations

from enum import StrEnum


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
