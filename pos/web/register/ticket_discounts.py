"""The discounts of a ticket for its column of sums: each that somebody gave, with its reason and what it takes off."""

from __future__ import annotations

from typing import Any

from pos.domain.sales.carts import CartRequest
from pos.domain.sales.pricing import Cart, Discount


def _row(discount: Discount, minor: int, line: str | None) -> dict[str, Any]:
    return {
        "line": line,
        "percent": str(discount.percent) if discount.percent is not None else None,
        "reason": discount.reason,
        "amount_minor": minor,
    }


def discounts_json(wanted: CartRequest, cart: Cart) -> list[dict[str, Any]]:
    """A row for each discount by hand: those of lines, which name theirs, then that of the ticket; none for a promo code."""
    rows = [
        _row(requested.discount, priced.line_discount_minor, priced.line.name)
        for requested, priced in zip(wanted.lines, cart.lines, strict=False)
        if requested.discount
    ]
    if wanted.discount:
        rows.append(_row(wanted.discount, sum(line.ticket_discount_minor for line in cart.lines), None))
    return rows
