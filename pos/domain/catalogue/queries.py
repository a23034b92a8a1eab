"""Picking from the catalogue: the price and tax of a day, as frozen facts. Prices never come from a browser."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from pos.core.database.pipelined_queries import PreparedQuery, run_query
from pos.core.database.prepared import run
from pos.core.errors import Invalid
from pos.core.i18n.name_folding import name_key
from pos.core.messages.catalogue import ITEM_NOT_SOLD_ANY_MORE
from pos.core.money import Rates
from pos.core.plain_json import PlainJson
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
    Service,
    TaxRate,
    TierPrice,
)
from pos.domain.locations.queries import Place


@dataclass(frozen=True, slots=True)
class Plan(PlainJson):
    """The terms of a package plan as they stand today; an order keeps them as JSON."""

    sessions: int
    bonus_sessions: int
    validity_months: int
    refund_policy: str
    expiry_policy: str
    in_shop: bool
    terms: str
    terms_version: str
    eligible: tuple[UUID, ...]
    included: tuple[UUID, ...]
    sharing: bool = True
    share_cap: int | None = None
    transfer: bool = True
    freeze_days: int = 90
    extension_days: int = 365
    refund_fee_percent: str = "0"
    visit_conversion: bool = True
    upgrade_method: str = "list"
    tier: int = 0
    deposit_percent: str = "0"

    @property
    def credits(self) -> int:
        """Sessions the client gets, bonus included."""
        return self.sessions + self.bonus_sessions

    def snapshot_terms(self) -> dict[str, Any]:
        """What a purchased package keeps of the plan: all but what is sold, which its lot says."""
        return {name: value for name, value in asdict(self).items() if name not in ("eligible", "included", "in_shop")}


class Picked(msgspec.Struct, frozen=True):
    """One sellable item with the price (minor units, as displayed) and tax of a day at a location.

    `surcharges` are what a visit costs more with a therapist of a tier, by its level.
    """

    item_id: UUID
    kind: str
    name: str
    service_id: UUID | None
    service_name: str | None
    minutes: int | None
    code: str | None
    key: str | None
    tax_category: str
    price_minor: int
    tax_percent: Decimal
    plan: Plan | None = None
    tax_point: str = "sale"
    surcharges: dict[int, int] = {}
    second_tax_percent: Decimal = Decimal(0)

    def list_minor(self, tier: int) -> int:
        """Its price with a therapist of a tier."""
        return self.price_minor + self.surcharges.get(tier, 0)


@dataclass(frozen=True)
class ServiceGroup:
    """A service and its variants, for menus."""

    id: UUID
    name: str
    short_name: str
    description: str
    variants: tuple[Picked, ...]


@dataclass(frozen=True)
class Menu:
    """All that a location sells on a day, in display order."""

    services: tuple[ServiceGroup, ...]
    add_ons: tuple[Picked, ...]
    retail: tuple[Picked, ...]
    packages: tuple[Picked, ...]

    def all(self) -> tuple[Picked, ...]:
        """Every item of the menu."""
        variants = tuple(v for group in self.services for v in group.variants)
        return variants + self.add_ons + self.retail + self.packages


_NONE = Decimal(0)
_RATES = (
    select(TaxRate.tax_category, TaxRate.rate_percent, TaxRate.second_percent)
    .where(TaxRate.location_id == bindparam("place"), TaxRate.from_on <= bindparam("day"))
    .order_by(TaxRate.from_on)
)


def tax_rates(session: Session, place: Place, day: date) -> dict[str, Rates]:
    """The rates by tax category on `day`."""
    rows = run(session, _RATES, place=place.id, day=day)
    return {row.tax_category: Rates(row.rate_percent, row.second_percent) for row in rows}


def _plans(session: Session, item_ids: Collection[UUID], day: date) -> dict[UUID, Plan]:
    """The plans among some items that are offered on `day`."""
    if not item_ids:
        return {}
    roles: dict[UUID, dict[str, list[UUID]]] = {}
    links = session.execute(
        select(PlanItem.plan_id, PlanItem.role, PlanItem.item_id)
        .join(Item, Item.id == PlanItem.item_id)
        .where(PlanItem.plan_id.in_(item_ids))
        .order_by(Item.position, Item.id)
    )
    for plan_id, role, item_id in links:
        roles.setdefault(plan_id, {}).setdefault(role, []).append(item_id)
    return {
        row.item_id: Plan(
            sessions=row.sessions,
            bonus_sessions=row.bonus_sessions,
            validity_months=row.validity_months,
            refund_policy=row.refund_policy,
            expiry_policy=row.expiry_policy,
            in_shop=row.in_shop,
            terms=row.terms,
            terms_version=row.terms_version,
            eligible=tuple(roles.get(row.item_id, {}).get("eligible", ())),
            included=tuple(roles.get(row.item_id, {}).get("included", ())),
            sharing=row.sharing,
            share_cap=row.share_cap,
            transfer=row.transfer,
            freeze_days=row.freeze_days,
            extension_days=row.extension_days,
            refund_fee_percent=f"{row.refund_fee_percent.normalize():f}",
            visit_conversion=row.visit_conversion,
            upgrade_method=row.upgrade_method,
            tier=row.tier,
            deposit_percent=f"{row.deposit_percent.normalize():f}",
        )
        for row in session.scalars(
            select(PackagePlan).where(
                PackagePlan.item_id.in_(item_ids),
                or_(PackagePlan.sale_from_on.is_(None), PackagePlan.sale_from_on <= day),
                or_(PackagePlan.sale_to_on.is_(None), PackagePlan.sale_to_on >= day),
            )
        )
    }


_NEWEST = (
    select(Price.item_id, func.max(Price.from_on).label("from_on"))
    .where(Price.location_id == bindparam("place"), Price.from_on <= bindparam("day"))
    .group_by(Price.item_id)
)
_CURRENT = _NEWEST.subquery()
_SOLD = (
    Item.id,
    Item.kind,
    Item.name,
    Item.service_id,
    Item.minutes,
    Item.code,
    Item.key,
    Item.tax_category,
    Service.name.label("service_name"),
    Price.price_minor,
)
_HERE = and_(Price.item_id == Item.id, Price.location_id == bindparam("place"))
_ALL_SOLD = (
    select(*_SOLD, Item.position)
    .join_from(Item, _CURRENT, _CURRENT.c.item_id == Item.id)
    .join(Price, and_(_HERE, Price.from_on == _CURRENT.c.from_on))
    .outerjoin(Service, Service.id == Item.service_id)
    .where(Item.active, Price.price_minor.is_not(None))
)
# Every price and rate of some items up to a day, the newest last: one short question for the path of a sale.
_SOME_SOLD = (
    select(
        *_SOLD,
        TaxRate.rate_percent,
        TaxRate.second_percent,
        TaxRate.tax_point,
        TierPrice.level,
        TierPrice.surcharge_minor,
    )
    .join_from(Item, Price, and_(_HERE, Price.from_on <= bindparam("day")))
    .outerjoin(Service, Service.id == Item.service_id)
    .outerjoin(
        TaxRate,
        and_(
            TaxRate.location_id == Price.location_id,
            TaxRate.tax_category == Item.tax_category,
            TaxRate.from_on <= bindparam("day"),
        ),
    )
    .outerjoin(
        TierPrice,
        and_(
            TierPrice.item_id == Item.id,
            TierPrice.location_id == Price.location_id,
            TierPrice.from_on <= bindparam("day"),
        ),
    )
    .where(Item.active, Item.id.in_(bindparam("items", expanding=True)))
    .order_by(Price.from_on, TaxRate.from_on, TierPrice.from_on)
)


def _picked(
    row: Any,
    rates: Rates,
    plans: dict[UUID, Plan],
    tax_point: str | None = None,
    surcharges: dict[int, int] | None = None,
) -> Picked:
    return Picked(
        item_id=row.id,
        kind=row.kind,
        name=row.name,
        service_id=row.service_id,
        service_name=row.service_name,
        minutes=row.minutes,
        code=row.code,
        key=row.key,
        tax_category=row.tax_category,
        price_minor=row.price_minor,
        tax_percent=rates.first,
        second_tax_percent=rates.second,
        plan=plans.get(row.id),
        # A treatment is used when it is sold; only what is paid ahead can be taxed later.
        tax_point=tax_point if tax_point and row.kind == "package" else "sale",
        surcharges=surcharges or {},
    )


def items_query(place: Place, day: date, item_ids: Collection[UUID]) -> PreparedQuery:
    """What `pick` asks; of one item at least."""
    return PreparedQuery(_SOME_SOLD, {"place": place.id, "day": day, "items": sorted(item_ids)})


def pick(session: Session, place: Place, day: date, item_ids: Collection[UUID]) -> dict[UUID, Picked]:
    """The named items with the price and tax of `day`; raises Invalid if one is not sold here."""
    if not item_ids:
        return {}
    rows = run_query(session, items_query(place, day, item_ids))
    newest: dict[UUID, Any] = {}
    surcharges: dict[UUID, dict[int, int]] = {}
    for row in rows:
        newest[row.id] = row
        if row.level is not None:
            surcharges.setdefault(row.id, {})[row.level] = row.surcharge_minor
    # A price that has ended is the newest row, with nothing in it.
    newest = {key: row for key, row in newest.items() if row.price_minor is not None}
    plans = _plans(session, [row.id for row in newest.values() if row.kind == "package"], day)
    newest = {key: row for key, row in newest.items() if row.kind != "package" or key in plans}
    if len(newest) < len(set(item_ids)):
        raise Invalid(ITEM_NOT_SOLD_ANY_MORE, field="item_id")
    return {
        key: _picked(
            row,
            Rates(row.rate_percent or _NONE, row.second_percent or _NONE),
            plans,
            row.tax_point,
            surcharges.get(key),
        )
        for key, row in newest.items()
    }


def menu(session: Session, place: Place, day: date) -> Menu:
    """Everything sold at a location on `day`."""
    rows = sorted(run(session, _ALL_SOLD, place=place.id, day=day), key=lambda row: (row.position, name_key(row.name)))
    plans = _plans(session, [row.id for row in rows if row.kind == "package"], day)
    rates = tax_rates(session, place, day)
    offered = [row for row in rows if row.kind != "package" or row.id in plans]
    picked = [_picked(row, rates.get(row.tax_category, Rates(_NONE)), plans) for row in offered]
    services = sorted(
        session.scalars(select(Service).where(Service.active)), key=lambda one: (one.position, name_key(one.name))
    )
    groups = tuple(
        ServiceGroup(
            s.id,
            s.name,
            s.short_name,
            s.description,
            tuple(sorted((p for p in picked if p.service_id == s.id), key=lambda p: p.minutes or 0)),
        )
        for s in services
    )
    return Menu(
        services=tuple(group for group in groups if group.variants),
        add_ons=tuple(p for p in picked if p.kind == "add_on"),
        retail=tuple(p for p in picked if p.kind == "retail"),
        packages=tuple(p for p in picked if p.kind == "package"),
    )


def visit_items(session: Session) -> list[tuple[UUID, str]]:
    """Every kind of visit that is on sale, in the order of the menu."""
    query = select(Item.id, Item.name, Item.position).where(Item.kind == "variant", Item.active)
    rows = sorted(session.execute(query), key=lambda row: (row.position, name_key(row.name)))
    return [(row.id, row.name) for row in rows]


def tier_prices(session: Session, location_ids: Collection[UUID]) -> list[tuple[TierPrice, str]]:
    """The surcharges of tiers at some locations with the names of their items, newest first."""
    query = (
        select(TierPrice, Item.name)
        .join(Item, Item.id == TierPrice.item_id)
        .where(TierPrice.location_id.in_(location_ids))
        .order_by(TierPrice.from_on.desc(), Item.position, TierPrice.level)
    )
    return [(price, name) for price, name in session.execute(query)]
