"""A credit on a visit it was not made for: longer or with a higher tier by paying the difference, shorter as it is.

A longer visit takes a credit by itself, as one of its own duration would. What it costs beyond the credit is, by the
`upgrade_method` in the terms the package was sold with:

| method | the client pays | 60 min credit of ten for 900.00 on a 90 min visit |
|---|---|---|
| `list` | list(90) − list(60) | 140.00 − 100.00 = 40.00 |
| `value` | list(90) − what the credit cost | 140.00 − 90.00 = 50.00 |

Both list prices are those of the day of the sale: the client bought a session of 60 min, whatever it costs now, and buys the
30 min beyond it today. With the price of 60 min frozen in the lot a rise of prices would be charged on the part that is paid
for already. The frozen price is used where 60 min is not sold any more. A credit given free has no value to set off: it goes
by list prices.

A shorter visit uses the whole credit and nothing is paid back, so it is never taken by itself: the desk chooses the lot.

A therapist of a higher tier than the credit's costs the difference by the same rule: list(visit, tier) − list(visit, the
credit's tier), or less the credit's value. A credit that pays the visit whole is taken first. A lower tier uses the whole
credit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from pos.core.money import cumulative_share
from pos.domain.catalogue.models import Item, Price, TierPrice
from pos.domain.catalogue.queries import Picked, Plan
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.credits.rules.value import LotFacts, next_of
from pos.domain.locations.queries import Place
from pos.domain.sales.pricing import Cover


@dataclass(frozen=True)
class UpgradeOption:
    """What one credit covers of a visit it was not made for, as displayed; `longer`: or with a higher tier (`surcharge`)."""

    covered_minor: int
    longer: bool
    surcharge: bool = False


# By lot, item and the therapist's tier.
Reaches = Mapping[tuple[UUID, UUID, int], UpgradeOption]


@dataclass(frozen=True)
class Made:
    """A variant that lots are good for; `list_minor` is its list price of the day, None where it is not sold any more.

    `surcharges` are by tier.
    """

    service_id: UUID
    minutes: int
    list_minor: int | None
    surcharges: dict[int, int]


def _made(session: Session, place: Place, day: date, item_ids: Collection[UUID]) -> dict[UUID, Made]:
    price_of_item = and_(Price.item_id == Item.id, Price.location_id == place.id, Price.from_on <= day)
    rows = session.execute(
        select(Item.id, Item.service_id, Item.minutes, Item.active, Price.price_minor)
        .join_from(Item, Price, price_of_item, isouter=True)
        .where(Item.kind == "variant", Item.id.in_(item_ids))
        .order_by(Price.from_on)
    )
    found = {row.id: Made(row.service_id, row.minutes, row.price_minor if row.active else None, {}) for row in rows}
    dated = session.execute(
        select(TierPrice.item_id, TierPrice.level, TierPrice.surcharge_minor)
        .where(TierPrice.location_id == place.id, TierPrice.from_on <= day, TierPrice.item_id.in_(found))
        .order_by(TierPrice.from_on)
    )
    for item_id, level, minor in dated:
        found[item_id].surcharges[level] = minor
    return found


def _values(session: Session, place: Place, lot_ids: Collection[UUID]) -> dict[UUID, int]:
    """What a credit cost, as prices are displayed here, of the lots whose terms go by value and that cost something."""
    rows = session.execute(
        select(
            CreditLot.id,
            CreditLot.net_minor,
            CreditLot.tax_minor,
            CreditLot.price_minor,
            CreditLot.quantity,
            PurchasedPackage.terms,
        )
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(CreditLot.id.in_(lot_ids))
    )
    return {
        row.id: cumulative_share(
            row.price_minor or row.net_minor + (row.tax_minor if place.tax_inclusive else 0), 1, row.quantity
        )
        for row in rows
        if row.terms.get("upgrade_method") == "value" and row.net_minor
    }


def upgrade_options(
    session: Session, place: Place, lots: Sequence[LotFacts], visits: Collection[tuple[Picked, int]], day: date
) -> Reaches:
    """How far each lot reaches to visits, with the tier of their therapist, that it was not made for; asks nothing where
    all fit."""
    near: dict[tuple[UUID, UUID, int], UpgradeOption] = {}
    others = []
    for lot in lots:
        for visit, tier in visits:
            whole, own = visit.list_minor(tier), visit.list_minor(lot.tier)
            if visit.item_id not in lot.eligible:
                others.append((lot, visit, tier))
            elif tier > lot.tier and whole > own:
                near[lot.lot_id, visit.item_id, tier] = UpgradeOption(own, longer=True, surcharge=True)
    made = _made(session, place, day, {item for lot, _, _ in others for item in lot.eligible}) if others else {}
    for lot, visit, tier in others:
        assert visit.minutes is not None
        whole = visit.list_minor(tier)
        same = [
            (item, made[item]) for item in lot.eligible if item in made and made[item].service_id == visit.service_id
        ]
        if not same:
            continue
        shorter = [(item, one) for item, one in same if one.minutes < visit.minutes]
        if shorter:
            item, one = max(shorter, key=lambda pair: pair[1].minutes)
            sold = None if one.list_minor is None else one.list_minor + one.surcharges.get(lot.tier, 0)
            base = lot.eligible[item] if sold is None else sold
            surcharge = tier > lot.tier and whole > visit.list_minor(lot.tier)
            near[lot.lot_id, visit.item_id, tier] = UpgradeOption(min(base, whole), longer=True, surcharge=surcharge)
        else:
            near[lot.lot_id, visit.item_id, tier] = UpgradeOption(whole, longer=False)
    longer = {lot_id for (lot_id, _, _), reach in near.items() if reach.longer}
    values = _values(session, place, longer) if longer else {}
    prices = {(visit.item_id, tier): visit.list_minor(tier) for visit, tier in visits}
    for (lot_id, item_id, tier), reach in near.items():
        if reach.longer and lot_id in values:
            covered = min(values[lot_id], prices[item_id, tier])
            near[lot_id, item_id, tier] = replace(reach, covered_minor=covered)
    return near


def upgraded(
    lots: Sequence[LotFacts],
    reaches: Reaches,
    quantity: int,
    item: Picked,
    tier: int,
    day: date,
    used: dict[UUID, int],
    *,
    longer_only: bool = False,
) -> Cover | None:
    """The credits of the soonest-expiring lot that reaches to a visit, counted in `used`; None without one."""
    reaching = {
        lot_id
        for (lot_id, item_id, of_tier), reach in reaches.items()
        if (item_id, of_tier) == (item.item_id, tier) and (reach.longer or not longer_only)
    }
    lot = next_of([lot for lot in lots if lot.lot_id in reaching], day, used)
    if lot is None:
        return None
    reach = reaches[lot.lot_id, item.item_id, tier]
    uses = min(quantity, lot.remaining - used.get(lot.lot_id, 0))
    used[lot.lot_id] = used.get(lot.lot_id, 0) + uses
    beyond = uses * (item.list_minor(tier) - reach.covered_minor)
    return Cover(
        "credit", lot.lot_id, uses, uses * reach.covered_minor, upgrade_minor=beyond, surcharge=reach.surcharge
    )


def covered_by_first(item: Picked, tier: int, plan: Plan, price_minor: int) -> int:
    """What the first credit of a package sold now, for `price_minor` as displayed, covers of a visit with a tier."""
    whole, own = item.list_minor(tier), item.list_minor(plan.tier)
    if tier <= plan.tier or whole <= own:
        return whole
    value = cumulative_share(price_minor, 1, plan.credits)
    return min(value if plan.upgrade_method == "value" else own, whole)
