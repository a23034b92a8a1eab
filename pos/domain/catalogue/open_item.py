"""The one item an open item is sold as: goods that are not in the catalogue, with name, price and tax typed at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.money import Rates
from pos.domain.catalogue.models import Item, Price
from pos.domain.catalogue.queries import Picked
from pos.domain.catalogue.tax_rates import tax_category_names
from pos.domain.locations.queries import Place

# Written by the migration. Its lines are of the kind `retail`, under the tax category that the line names.
OPEN_ITEM = UUID("019cf2a4-0000-7000-8000-000000000002")


def open_item_categories(session: Session, place: Place, day: date) -> dict[str, str]:
    """The tax categories of the articles that a location sells on `day`, by key: an open item is taxed as one of them."""
    query = (
        select(Item.tax_category)
        .join(Price, Price.item_id == Item.id)
        .where(Item.kind == "retail", Item.active, Price.location_id == place.id, Price.from_on <= day)
        .distinct()
    )
    used = set(session.scalars(query))
    return {key: name for key, name in tax_category_names(session).items() if key in used}


def open_item(name: str, amount_minor: int, tax_category: str, rates: Mapping[str, Rates]) -> Picked:
    """Goods as they were typed at the desk, as if picked from the catalogue; without a rate of its category, untaxed."""
    rate = rates.get(tax_category)
    return Picked(
        item_id=OPEN_ITEM,
        kind="retail",
        name=name,
        service_id=None,
        service_name=None,
        minutes=None,
        code=None,
        key=None,
        tax_category=tax_category,
        price_minor=amount_minor,
        tax_percent=rate.first if rate else Decimal(0),
        second_tax_percent=rate.second if rate else Decimal(0),
    )
