"""Tax rates as they are kept, with a start date, and changing them. What was sold keeps the rate of its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from pos.core.errors import Invalid
from pos.core.messages.catalogue import NO_SUCH_CATEGORY, TAX_POINT_MISSING, TAX_RATE_OUT_OF_RANGE
from pos.domain.catalogue.models import Item, TaxRate

TAX_POINTS = ("sale", "redemption")


@dataclass(frozen=True)
class TaxSetting:
    """The tax of a category of goods from a day on; `tax_point` says when that of its packages becomes due."""

    category: str
    from_on: date
    percent: Decimal
    tax_point: str


def kept_rates(session: Session, location_id: UUID) -> list[TaxRate]:
    """All rates of a location, past and to come, by category and day."""
    query = select(TaxRate).where(TaxRate.location_id == location_id)
    return list(session.scalars(query.order_by(TaxRate.tax_category, TaxRate.from_on)))


def categories(session: Session, location_id: UUID) -> list[str]:
    """The categories of what is sold, and those the location has a rate for."""
    rated = select(TaxRate.tax_category).where(TaxRate.location_id == location_id)
    sold = select(Item.tax_category).where(Item.kind != "gift_card")
    return sorted(session.scalars(union(rated, sold)))


def set_tax(session: Session, location_id: UUID, setting: TaxSetting) -> str:
    """Set a rate from a day on; returns what that very day said before, in words. Raises Invalid naming the field."""
    if setting.category not in categories(session, location_id):
        raise Invalid(NO_SUCH_CATEGORY, field="category")
    exponent = setting.percent.as_tuple().exponent
    if (
        not setting.percent.is_finite()
        or not 0 <= setting.percent <= 100
        or (isinstance(exponent, int) and exponent < -3)
    ):
        raise Invalid(TAX_RATE_OUT_OF_RANGE, field="percent")
    if setting.tax_point not in TAX_POINTS:
        raise Invalid(TAX_POINT_MISSING, field="tax_point")
    row = session.get(TaxRate, (location_id, setting.category, setting.from_on))
    before = f"{row.rate_percent.normalize():f} at {row.tax_point}" if row else ""
    if row is None:
        row = TaxRate(location_id=location_id, tax_category=setting.category, from_on=setting.from_on)
    row.rate_percent, row.tax_point = setting.percent, setting.tax_point
    session.add(row)
    session.flush()
    return before
