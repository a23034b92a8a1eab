"""Packages as they are compared in the shop: price per session, saving, validity, and which size is cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.clock import add_months
from pos.core.errors import NotFound
from pos.core.messages.packages import PACKAGE_NOT_SOLD_ONLINE_HERE
from pos.core.money import cumulative_share, round_half_up
from pos.domain.catalogue.queries import (
    Menu,
    Picked,
    Plan,
    menu,
)
from pos.domain.locations.queries import Place
from pos.domain.sales.pricing import CartLine, price_cart


@dataclass(frozen=True)
class Cheaper:
    """Another package for the same treatment whose sessions cost less; `in_all`: it costs less altogether, too."""

    name: str
    credits: int
    each_minor: int
    in_all: bool


@dataclass(frozen=True)
class Example:
    """What comes back after `used` sessions, as displayed (tax as on the price)."""

    used: int
    back_minor: int


@dataclass(frozen=True)
class Offer:
    """A package that can be bought today. Amounts in minor units as displayed; `total_minor` is what is paid, tax included.

    `single_minor` is the cheapest single session the package replaces; `lowest` marks the lowest price per session.
    """

    item_id: UUID
    name: str
    plan: Plan
    treatments: tuple[Picked, ...]
    included: tuple[str, ...]
    currency: str
    price_minor: int
    single_minor: int
    total_minor: int
    valid_until: date | None
    cheaper: Cheaper | None = None
    lowest: bool = False

    @property
    def credits(self) -> int:
        """Sessions, bonus included."""
        return self.plan.credits

    @property
    def each(self) -> Decimal:
        """The exact price of a session in minor units."""
        return Decimal(self.price_minor) / self.credits

    @property
    def each_minor(self) -> int:
        """The price of a session, rounded; see `each_is_exact`."""
        return round_half_up(self.each)

    @property
    def each_is_exact(self) -> bool:
        """Whether the price divides evenly."""
        return self.price_minor % self.credits == 0

    @property
    def saving_minor(self) -> int:
        """What it costs less than as many singles, never below 0."""
        return max(0, self.single_minor * self.credits - self.price_minor)

    @property
    def example(self) -> Example | None:
        """A worked refund by the policy; None where no money comes back."""
        used = 3 if self.credits > 5 else 1
        if self.plan.refund_policy == "pro_rata":
            return Example(used, self.price_minor - cumulative_share(self.price_minor, used, self.credits))
        if self.plan.refund_policy == "single_price":
            return Example(used, max(0, self.price_minor - used * self.single_minor))
        return None


def _offer(place: Place, item: Picked, plan: Plan, sold: dict[UUID, Picked], day: date) -> Offer | None:
    named = plan.eligible + plan.included
    if not plan.in_shop or not plan.eligible or not all(item_id in sold for item_id in named):
        return None
    line = CartLine(
        item.item_id, item.kind, item.name, 1, item.price_minor, item.tax_category, item.tax_percent,
        second_tax_percent=item.second_tax_percent,
    )  # fmt: skip
    cart = price_cart([line], currency=place.currency, tax_inclusive=place.tax_inclusive, tax_method=place.tax_method)
    if not cart.total_minor:
        return None
    treatments = tuple(sold[item_id] for item_id in plan.eligible)
    return Offer(
        item_id=item.item_id,
        name=item.name,
        plan=plan,
        treatments=treatments,
        included=tuple(sold[item_id].name for item_id in plan.included),
        currency=place.currency,
        price_minor=item.price_minor,
        single_minor=min(treatment.price_minor for treatment in treatments),
        total_minor=cart.total_minor,
        valid_until=None if plan.expiry_policy == "never" else add_months(day, plan.validity_months),
    )


def _compared(offer: Offer, offers: Sequence[Offer]) -> Offer:
    """The offer with the size that is cheaper per session: one that costs less in all comes first, then the cheapest."""
    same = [other for other in offers if set(other.plan.eligible) == set(offer.plan.eligible)]
    below = [other for other in same if other.each < offer.each]
    if not below:
        return replace(offer, lowest=len(same) > 1)
    best = min(below, key=lambda other: (other.price_minor > offer.price_minor, other.each))
    in_all = best.price_minor <= offer.price_minor
    return replace(offer, cheaper=Cheaper(best.name, best.credits, best.each_minor, in_all))


def offers_of(place: Place, sold: Menu, day: date) -> tuple[Offer, ...]:
    """The packages of a menu that can be bought online, compared with each other."""
    items = {item.item_id: item for item in sold.all()}
    found = [_offer(place, item, item.plan, items, day) for item in sold.packages if item.plan is not None]
    offers = [offer for offer in found if offer is not None]
    return tuple(_compared(offer, offers) for offer in offers)


def offer_of(session: Session, place: Place, item_id: UUID) -> Offer:
    """One package as it is sold today; raises NotFound for anything that cannot be bought online here."""
    day = place.today()
    for offer in offers_of(place, menu(session, place, day), day):
        if offer.item_id == item_id:
            return offer
    raise NotFound(PACKAGE_NOT_SOLD_ONLINE_HERE)
