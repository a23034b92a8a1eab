"""The whole catalogue as a table: one row an item, what it costs at each location in columns of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.money import plain
from pos.domain.catalogue.package_plans import KeptPlan, kept_plans
from pos.domain.catalogue.price_list import Cell, listed_items, listed_prices
from pos.domain.catalogue.services_and_items import KeptItem, KeptService, kept_items, kept_services
from pos.domain.locations.queries import Place
from pos.reports.exporters import Cell as FileCell
from pos.reports.exporters import Sheet

COLUMNS = (
    "id", "kind", "service", "minutes", "name", "short_name", "description", "key", "barcode", "tax_category", "sessions",
    "bonus_sessions", "valid_months", "good_for", "includes", "refund_policy", "expiry_policy", "in_shop",
)  # fmt: skip
SEPARATOR = "|"


def price_columns(places: Sequence[Place]) -> dict[str, Place]:
    """The column of the prices of each location: `price` where there is only one, else `price_` and its short name."""
    if len(places) == 1:
        return {"price": places[0]}
    return {f"price_{place.slug}": place for place in places}


@dataclass
class Catalogue:
    """What is sold as it stands, with the prices of a day at some locations, minor units."""

    places: tuple[Place, ...]
    services: dict[UUID, KeptService]
    items: dict[UUID, KeptItem]
    plans: dict[UUID, KeptPlan]
    prices: dict[Cell, int | None]

    def cells(self, key: UUID) -> dict[str, str]:
        """An item as its row says it, by column; empty cells are left out, and all are for an unknown one."""
        found = {
            column: plain(minor, place.currency)
            for column, place in price_columns(self.places).items()
            if (minor := self.prices.get((key, place.id))) is not None
        }
        if key in self.plans:
            return {name: text for name, text in self._plan_cells(self.plans[key]).items() if text} | found
        if key in self.items:
            return {name: text for name, text in self._item_cells(self.items[key]).items() if text} | found
        return {}

    def _item_cells(self, item: KeptItem) -> dict[str, str]:
        terms = item.terms
        service = self.services[terms.service_id].terms if terms.service_id else None
        return {
            "id": str(item.item_id),
            "kind": terms.kind,
            "service": service.name if service else "",
            "minutes": str(terms.minutes or ""),
            "name": terms.name,
            "short_name": service.short_name if service else "",
            "description": service.description if service else "",
            "key": terms.key or "",
            "barcode": terms.code or "",
            "tax_category": terms.tax_category,
        }

    def _plan_cells(self, plan: KeptPlan) -> dict[str, str]:
        terms = plan.terms
        named = {
            role: f" {SEPARATOR} ".join(self.items[one].terms.name for one in getattr(terms, role) if one in self.items)
            for role in ("eligible", "included")
        }
        return {
            "id": str(plan.plan_id),
            "kind": "package",
            "name": terms.name,
            "sessions": str(terms.sessions),
            "bonus_sessions": str(terms.bonus_sessions),
            "valid_months": str(terms.validity_months),
            "good_for": named["eligible"],
            "includes": named["included"],
            "refund_policy": terms.refund_policy,
            "expiry_policy": terms.expiry_policy,
            "in_shop": "yes" if terms.in_shop else "no",
        }


def read_catalogue(session: Session, places: Sequence[Place], on: date | None = None) -> Catalogue:
    """All that is sold, retired things too, with the prices of a day; of today without one."""
    listed = listed_prices(session, places, on)
    return Catalogue(
        tuple(places),
        {one.service_id: one for one in kept_services(session)},
        {one.item_id: one for one in kept_items(session)},
        {one.plan_id: one for one in kept_plans(session)},
        {cell: price.price_minor for cell, price in listed.items()},
    )


def catalogue_sheet(session: Session, places: Sequence[Place]) -> Sheet:
    """What is on offer as a file that may be brought in again, in the order of the register."""
    found, columns = read_catalogue(session, places), (*COLUMNS, *price_columns(places))

    def rows() -> Iterator[tuple[FileCell, ...]]:
        for item in listed_items(session):
            cells = found.cells(item.item_id)
            yield tuple(cells.get(name, "") for name in columns)

    return Sheet("catalogue", columns, rows())
