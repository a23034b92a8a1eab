"""Tax categories, and the rates as they are kept, with a start date. What was sold keeps the rate of its day."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.i18n.sanitize import printable
from pos.core.messages.catalogue import (
    NO_SUCH_CATEGORY,
    NO_SUCH_TAX_RATE,
    SECOND_TAX_HAS_NO_NAME,
    TAX_CATEGORY_IN_USE,
    TAX_CATEGORY_NAME_MISSING_OR_LONG,
    TAX_CATEGORY_NAME_TAKEN,
    TAX_POINT_MISSING,
    TAX_RATE_OUT_OF_RANGE,
)
from pos.domain.catalogue.models import Item, TaxCategory, TaxRate
from pos.domain.locations.models import Location

TAX_POINTS = ("sale", "redemption")
# What gift cards point to: a voucher for money has no tax of its own, so nobody sets a rate for it.
NOT_TAXED = "none"
MOST_NAME = 40
_MOST_KEY = 20


@dataclass(frozen=True)
class TaxSetting:
    """The tax of a category of goods from a day on; `tax_point` says when that of its packages becomes due.

    `second_percent` is the rate of the location's second tax, on the same net.
    """

    category: str
    from_on: date
    percent: Decimal
    tax_point: str
    second_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class CategoryState:
    """A category as the office lists it; `used` counts what is on sale in it."""

    key: str
    name: str
    active: bool
    used: int


def kept_rates(session: Session, location_id: UUID) -> list[TaxRate]:
    """All rates of a location, past and to come, by category and day."""
    query = select(TaxRate).where(TaxRate.location_id == location_id)
    return list(session.scalars(query.order_by(TaxRate.tax_category, TaxRate.from_on)))


def tax_category_names(session: Session, *, active: bool = False) -> dict[str, str]:
    """What the categories are called, by key, in the order of their names; all of them, or those that are in use."""
    query = select(TaxCategory.key, TaxCategory.name).where(TaxCategory.key != NOT_TAXED)
    if active:
        query = query.where(TaxCategory.active)
    return {row.key: row.name for row in sorted(session.execute(query), key=lambda row: name_key(row.name))}


def tax_category_states(session: Session) -> list[CategoryState]:
    """The categories as the office lists them: those in use by name, then the retired ones."""
    counted = select(Item.tax_category, func.count()).where(Item.active).group_by(Item.tax_category)
    used: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    rows = session.scalars(select(TaxCategory).where(TaxCategory.key != NOT_TAXED))
    return [
        CategoryState(row.key, row.name, row.active, used.get(row.key, 0))
        for row in sorted(rows, key=lambda row: (not row.active, name_key(row.name)))
    ]


def require_rate(percent: Decimal, *, field: str = "percent") -> None:
    """Raise Invalid for a rate below 0 or above 100 percent, or with more than three digits after the point."""
    exponent = percent.as_tuple().exponent
    if not percent.is_finite() or not 0 <= percent <= 100 or (isinstance(exponent, int) and exponent < -3):
        raise Invalid(TAX_RATE_OUT_OF_RANGE, field=field)


def set_tax(session: Session, location_id: UUID, setting: TaxSetting) -> str:
    """Set a rate from a day on; returns what that very day said before, in words. Raises Invalid naming the field."""
    if setting.category not in tax_category_names(session, active=True):
        raise Invalid(NO_SUCH_CATEGORY, field="category")
    require_rate(setting.percent)
    require_rate(setting.second_percent, field="second_percent")
    if setting.second_percent and not session.get_one(Location, location_id).second_tax_label:
        raise Invalid(SECOND_TAX_HAS_NO_NAME, field="second_percent")
    if setting.tax_point not in TAX_POINTS:
        raise Invalid(TAX_POINT_MISSING, field="tax_point")
    row = session.get(TaxRate, (location_id, setting.category, setting.from_on))
    before = rate_words(row) if row else ""
    if row is None:
        row = TaxRate(location_id=location_id, tax_category=setting.category, from_on=setting.from_on)
    row.rate_percent, row.second_percent, row.tax_point = setting.percent, setting.second_percent, setting.tax_point
    session.add(row)
    session.flush()
    return before


def rate_words(row: TaxRate) -> str:
    """A rate as the audit log names it: `19 at sale`, `5 and 9.975 at sale`."""
    second = f" and {row.second_percent.normalize():f}" if row.second_percent else ""
    return f"{row.rate_percent.normalize():f}{second} at {row.tax_point}"


def has_second_rate(session: Session, location_id: UUID) -> bool:
    """Whether the second tax of a location has, had or will have a rate."""
    rows = session.scalars(select(TaxRate.second_percent).where(TaxRate.location_id == location_id))
    return any(rows)


def remove_rate(session: Session, location_id: UUID, category: str, from_on: date, *, today: date) -> str:
    """Take a rate back before its day; returns what it said. Raises NotFound where there is none that is still to come."""
    row = session.get(TaxRate, (location_id, category, from_on), with_for_update=True)
    if row is None or row.from_on <= today:
        raise NotFound(NO_SUCH_TAX_RATE)
    before = rate_words(row)
    session.delete(row)
    session.flush()
    return before


def _clean_name(session: Session, name: str, but: str | None) -> str:
    clean = printable(name, MOST_NAME + 1)
    if not 0 < len(clean) <= MOST_NAME:
        raise Invalid(TAX_CATEGORY_NAME_MISSING_OR_LONG, field="name")
    for row in session.execute(select(TaxCategory.key, TaxCategory.name)):
        if row.key != but and row.name.casefold() == clean.casefold():
            raise Invalid(TAX_CATEGORY_NAME_TAKEN, field="name")
    return clean


def _new_key(session: Session, name: str) -> str:
    """A key of its own after a name: `home_visits`, `home_visits_2`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: _MOST_KEY - 3] or "category"
    taken = set(session.scalars(select(TaxCategory.key)))
    number = 2
    key = base
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def category(session: Session, key: str) -> TaxCategory:
    """A category by its key, locked for this transaction; raises NotFound."""
    row = None if key == NOT_TAXED else session.get(TaxCategory, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(NO_SUCH_CATEGORY)
    return row


def add_category(session: Session, name: str) -> TaxCategory:
    """Add a category; raises Invalid for its name."""
    clean = _clean_name(session, name, None)
    row = TaxCategory(key=_new_key(session, clean), name=clean, active=True)
    session.add(row)
    session.flush()
    return row


def rename_category(session: Session, row: TaxCategory, name: str) -> None:
    """Call a category otherwise; raises Invalid."""
    row.name = _clean_name(session, name, row.key)
    session.flush()


def set_category_active(session: Session, row: TaxCategory, *, active: bool) -> None:
    """Retire a category, or bring it back; raises Conflict while something on sale is taxed by it."""
    used = session.scalar(select(func.count()).where(Item.tax_category == row.key, Item.active)) or 0
    if not active and used:
        raise Conflict(TAX_CATEGORY_IN_USE(count=used))
    row.active = active
    session.flush()
