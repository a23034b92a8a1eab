"""From what on an event at the desk is listed for a manager to look at: one set of limits for each location."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.messages.general import PERCENTAGE_MISSING
from pos.core.messages.till import REVIEW_AMOUNT_OUT_OF_RANGE, REVIEW_NUMBER_OUT_OF_RANGE
from pos.core.money import LARGEST_MINOR
from pos.domain.locations.models import ReviewLimit

# The least and the most of each whole number.
WHOLE = {"no_sale_minutes": (0, 240), "shortages": (1, 100), "extension_days": (1, 3650)}


@dataclass(frozen=True)
class ReviewLimits:
    """Amounts are minor units of the location's currency. Listed is what is as much or more.

    `void_minor` of a void paid in cash, `cash_refund_minor` of a card sale refunded in cash, `discount_percent` that
    discounts by hand and agreed prices take off a sale, `no_sale_minutes` between a void and a drawer opened for nothing,
    `shortages` of one person in the days asked for, `extension_days` by which a last day was moved.
    """

    void_minor: int = 0
    cash_refund_minor: int = 0
    discount_percent: Decimal = Decimal(20)
    no_sale_minutes: int = 15
    shortages: int = 3
    extension_days: int = 1

    def checked(self) -> ReviewLimits:
        """Themselves; raises Invalid, naming the field, for what is no limit."""
        for name in ("void_minor", "cash_refund_minor"):
            if not 0 <= getattr(self, name) <= LARGEST_MINOR:
                raise Invalid(REVIEW_AMOUNT_OUT_OF_RANGE, field=name)
        if not 0 <= self.discount_percent <= 100:
            raise Invalid(PERCENTAGE_MISSING, field="discount_percent")
        for name, (least, most) in WHOLE.items():
            if not least <= getattr(self, name) <= most:
                raise Invalid(REVIEW_NUMBER_OUT_OF_RANGE(least=least, most=most), field=name)
        return self

    def to_json(self) -> dict[str, Any]:
        """The limits as columns and as the audit log keeps them."""
        return asdict(self)


def review_limits(session: Session, location_id: UUID) -> ReviewLimits:
    """The limits of a location; the usual ones where none were set."""
    row = session.get(ReviewLimit, location_id)
    if row is None:
        return ReviewLimits()
    return ReviewLimits(**{name: getattr(row, name) for name in ReviewLimits.__dataclass_fields__})
