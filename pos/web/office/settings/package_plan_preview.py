"""How a plan reads to whoever may buy it: price per session, saving, and where it cannot be bought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from pos.core.clock import add_months
from pos.core.money import percent_of, round_half_up
from pos.domain.catalogue.package_plans import DatedPrice, KeptPlan, PlanTerms
from pos.domain.catalogue.queries import menu
from pos.domain.locations.queries import Place
from pos.web.common.template_context import page_translator


@dataclass(frozen=True)
class Reading:
    """A plan at one location; minor units as displayed. `price_on` is set where the price only begins then.

    `hindrances` are sentences on why it is not bought there today; `notes` say what else a buyer would not see.
    """

    place: Place
    price_minor: int | None
    price_on: date | None
    each_minor: int
    each_is_exact: bool
    saving_minor: int
    valid_until: date | None
    hindrances: tuple[str, ...]
    notes: tuple[str, ...]


def price_on(prices: Sequence[DatedPrice], place: Place, day: date) -> DatedPrice | None:
    """The price that counts at a location on a day, or the next one to come; `prices` are newest first."""
    own_prices = [price for price in prices if price.location_id == place.id]
    current = next((price for price in own_prices if price.from_on <= day), None)
    return current or (own_prices[-1] if own_prices else None)


def _hindrances(
    place: Place, kept: KeptPlan, price: DatedPrice | None, later: date | None, missing: Sequence[str]
) -> list[str]:
    """Why it is not bought at a location today."""
    day, terms, say = place.today(), kept.terms, page_translator().day
    found = []
    if not kept.active:
        found.append(_("It is retired."))
    if price is None or price.price_minor is None:
        found.append(_("It has no price here: set one to sell it."))
    elif later is not None:
        found.append(_("Its price begins on %(day)s.", day=say(later)))
    if missing:
        found.append(_("Not sold here by themselves, and so not in a package: %(items)s.", items=", ".join(missing)))
    if terms.sale_from_on and terms.sale_from_on > day:
        found.append(_("Its sale begins on %(day)s.", day=say(terms.sale_from_on)))
    if terms.sale_to_on and terms.sale_to_on < day:
        found.append(_("Its sale ended on %(day)s.", day=say(terms.sale_to_on)))
    return found


def _notes(terms: PlanTerms, price_minor: int | None, place: Place) -> Iterator[str]:
    """What a buyer in the shop would not see."""
    if not terms.in_shop:
        yield _("Sold at the desk only.")
    if terms.deposit_percent and price_minor:
        least = page_translator().money(max(1, percent_of(price_minor, terms.deposit_percent)), place.currency)
        yield _("At the desk it may be paid in parts, %(amount)s or more at once.", amount=least)


def reading_of(
    session: Session, place: Place, kept: KeptPlan, prices: Sequence[DatedPrice], names: dict[str, str]
) -> Reading:
    """How a plan, saved or only typed, reads at a location today; `names` of items by key."""
    day, terms = place.today(), kept.terms
    singles = {item.item_id: item.price_minor for item in menu(session, place, day).all()}
    price = price_on(prices, place, day)
    missing = [names.get(str(key), "?") for key in (*terms.eligible, *terms.included) if key not in singles]
    single = min((singles[key] for key in terms.eligible if key in singles), default=0)
    listed = price.price_minor if price else None
    minor, credits = listed or 0, max(terms.credits, 1)
    later = price.from_on if price and price.from_on > day else None
    return Reading(
        place=place,
        price_minor=listed,
        price_on=later,
        each_minor=round_half_up(Decimal(minor) / credits),
        each_is_exact=minor % credits == 0,
        saving_minor=max(0, single * credits - minor),
        valid_until=None if terms.expiry_policy == "never" else add_months(day, terms.validity_months),
        hindrances=tuple(_hindrances(place, kept, price, later, missing)),
        notes=tuple(_notes(terms, listed, place)),
    )
