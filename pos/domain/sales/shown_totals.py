"""The totals a person confirmed on the screen, compared with the priced cart before money is taken."""

from __future__ import annotations

from dataclasses import dataclass

from pos.core.errors import Conflict, NoCreditLeft
from pos.core.messages.sales import AMOUNT_CHANGED, LAST_CREDIT_USED, STORED_VALUE_CHANGED
from pos.domain.sales.pricing import Cart


@dataclass(frozen=True, slots=True)
class ShownTotals:
    """What the screen showed: due and paid by stored value in minor units, and credits used. None was not shown."""

    due_minor: int | None = None
    credits: int | None = None
    stored_minor: int | None = None

    def require(self, cart: Cart, *, tip_minor: int, stored_minor: int) -> None:
        """Refuse a cart that comes to other totals: raises NoCreditLeft for fewer credits, else Conflict."""
        due_minor = cart.total_minor + tip_minor
        if self.credits is not None and cart.credits_used < self.credits:
            single = next((p.line for p in cart.lines if p.line.kind == "variant" and p.line.cover is None), None)
            raise NoCreditLeft(
                LAST_CREDIT_USED,
                item=single.name if single else None,
                single_minor=single.unit_minor if single else None,
                due_minor=due_minor,
            )
        if self.stored_minor is not None and self.stored_minor != stored_minor:
            rest_minor = due_minor - stored_minor
            raise Conflict(STORED_VALUE_CHANGED, why="stored_changed", stored_minor=stored_minor, rest_minor=rest_minor)
        if self.due_minor is not None and self.due_minor != due_minor:
            raise Conflict(AMOUNT_CHANGED, why="due_changed", due_minor=due_minor)


# For programs that ring up without a screen: nothing to compare with.
NOTHING_SHOWN = ShownTotals()
