"""Roles, permissions and limits in words."""

from __future__ import annotations

from flask_babel import gettext as _

from pos.domain.staff.limit_rules import Limit
from pos.domain.staff.permissions import Permission


def permission_groups() -> tuple[tuple[str, dict[Permission, str]], ...]:
    """Every permission in words, in groups."""
    return (
        (
            _("At the desk"),
            {
                Permission.RING_UP: _("Rings up sales and takes payments"),
                Permission.SEE_CLIENTS: _("Sees clients and what they have"),
                Permission.DISCOUNT: _("Gives discounts"),
                Permission.EXEMPT_TAX: _("Sells free of tax on a prescription or certificate"),
                Permission.RUN_DRAWER: _("Opens, counts and closes the drawer"),
                Permission.REFUND: _("Refunds and voids"),
                Permission.APPROVE: _("Approves by PIN what others may not do alone"),
            },
        ),
        (
            _("In the office"),
            {
                Permission.OWN: _("Signs in with a password and sees what they earn themselves"),
                Permission.SEE_REPORTS: _("Reads sales and reports"),
                Permission.EXPORT_LEDGER: _("Exports the journal"),
                Permission.RUN_CHECKS: _("Runs the checks of the books"),
                Permission.CORRECT_CREDITS: _("Adjusts packages, gives account credit and sessions"),
                Permission.MANAGE_CLIENTS: _("Changes what is kept of clients"),
            },
        ),
        (
            _("Settings"),
            {
                Permission.MANAGE_CATALOGUE: _("Changes services, prices, packages and stock"),
                Permission.MANAGE_BOOKS: _("Changes locations, desks, tax, accounts and card payments"),
                Permission.MANAGE_STAFF: _("Adds, changes and deactivates staff"),
                Permission.MANAGE_ROLES: _("Sets these limits, and which roles require a second factor"),
            },
        ),
    )


def limit_words(currency: str) -> dict[Limit, tuple[str, str, str]]:
    """Each limit: what is done alone up to it, its unit, and what it counts."""
    sessions, days, each = _("sessions"), _("days"), _("each time")
    return {
        Limit.DISCOUNT_PERCENT: (_("Discount on a line"), "%", _("of its price")),
        Limit.DISCOUNT: (_("Discounts of a ticket"), currency, _("all together")),
        Limit.OPEN_ITEM: (_("Open items of a ticket"), currency, _("all together")),
        Limit.SERVICE_CHARGE: (_("Service charges taken off a ticket"), currency, _("all together")),
        Limit.REFUND: (_("Refunds of a sale"), currency, _("all together")),
        Limit.CASH_REFUND: (
            _("Cash given back"), currency,
            _("for a sale not paid in cash alone, or for account credit; above it, any second person who may approve"),
        ),
        Limit.VOID: (_("A voided sale"), currency, each),
        Limit.PAID_OUT: (_("Cash out of the drawer"), currency, each),
        Limit.DIFFERENCE: (
            _("Drawer over or short"), currency, _("at its count; above it, any second person who may approve")
        ),
        Limit.GOODWILL: (_("Account credit given"), currency, each),
        Limit.COMPLIMENTARY: (_("Complimentary sessions"), sessions, each),
        Limit.EXTENSION: (_("Days added to a package"), days, _("all together")),
    }  # fmt: skip
