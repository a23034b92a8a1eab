"""From what a ticket asks for to a priced cart: prices and tax of the day, credits of the client, tip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.clock import zone
from pos.core.errors import Invalid
from pos.core.messages.sales import (
    EXEMPTION_NOT_FOR_THIS,
    ONLY_PACKAGES_TAKE_A_VISIT,
    OPEN_ITEM_NOT_TYPED,
    OPEN_ITEM_WITHOUT_CATEGORY,
    PAID_BEFORE_ABOVE_PRICE,
    TIP_UNUSUALLY_LARGE,
    TIP_WITHOUT_TREATMENT,
    VISIT_DAY_OUT_OF_RANGE,
)
from pos.core.money import LARGEST_MINOR, percent_of
from pos.core.plain_json import PlainJson
from pos.domain.catalogue.gift_card_item import GIFT_CARD, GIFT_CARD_ITEM
from pos.domain.catalogue.open_item import OPEN_ITEM, open_item, open_item_categories
from pos.domain.catalogue.queries import Picked, Plan, pick, tax_rates
from pos.domain.credits.queries import lots_of
from pos.domain.credits.rules.value import LATE_CHECKOUT, LotFacts
from pos.domain.locations.queries import Place
from pos.domain.sales.cart_options import ACCOUNT_CREDIT, PriceOverride, Stored, StoredPart, price_override
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.sales.pricing import (
    Cart,
    CartLine,
    Cover,
    Exemption,
    price_cart,
)
from pos.domain.sales.service_charges import AppliedCharge, charge_lines, due_charges
from pos.domain.sales.tender_kinds import STORED
from pos.domain.staff.queries import tiers_of
from pos.services.checkout.gift_card_lines import pick_gift
from pos.services.checkout.instalments import first_part, pick_parts
from pos.services.checkout.promo_codes import AppliedPromo, with_promo
from pos.services.checkout.stored_value_tenders import AppliedTender, apply_tenders
from pos.services.checkout.visit_conversion import Single, require_fit, single_of
from pos.services.credit_cover.covers import covers_of, tier_of
from pos.services.credit_cover.credit_upgrades import covered_by_first, upgrade_options
from pos.services.credit_cover.line_persons import persons_of, require_treated, with_persons

EXEMPTABLE = ("variant", "add_on", "package")


@dataclass(frozen=True, slots=True)
class Grant(PlainJson):
    """The terms of a package in a cart and the single prices of the day, frozen with it."""

    plan: Plan
    list_prices: dict[UUID, int]


@dataclass(frozen=True)
class PricedCart:
    """A priced ticket. `lots` are the client's lots as they were looked at, `person_lots` those of the persons that lines
    name beside them; `grants` by package item.

    `charges` are the service charges on the ticket, and those that a person took off.
    `kept_back_minor` is what gift cards and account credit do not pay, so that a card can be charged the rest.
    """

    cart: Cart
    tip_minor: int
    tip_staff_id: UUID | None
    lots: tuple[LotFacts, ...]
    grants: dict[UUID, Grant]
    applied: tuple[AppliedTender, ...] = ()
    promo: AppliedPromo | None = None
    kept_back_minor: int = 0
    person_lots: Mapping[UUID, tuple[LotFacts, ...]] = field(default_factory=dict)
    charges: tuple[AppliedCharge, ...] = ()

    @property
    def due_minor(self) -> int:
        """What is to be paid now, tip included."""
        return self.cart.total_minor + self.tip_minor

    @property
    def stored(self) -> tuple[StoredPart, ...]:
        """What gift cards, account credit and money received outside the till pay of it."""
        return tuple(applied.part for applied in self.applied if applied.part)

    @property
    def stored_minor(self) -> int:
        """The sum of what pays before cash and card."""
        return sum(part.amount_minor for part in self.stored)

    @property
    def rest_minor(self) -> int:
        """What is left for cash and card."""
        return self.due_minor - self.stored_minor

    @property
    def moves_value(self) -> bool:
        """Whether credits or stored value are sold or used: nothing that is sold where the books are stopped."""
        uses_value = any(part.kind in STORED for part in self.stored)
        return self.needs_client or uses_value or any(p.line.gift for p in self.cart.lines)

    @property
    def needs_client(self) -> bool:
        """Whether somebody must own what is bought or used."""
        has_account = any(part.kind == ACCOUNT_CREDIT for part in self.stored)
        return (
            bool(self.grants)
            or has_account
            or any(p.line.cover or p.line.part or p.line.person_id for p in self.cart.lines)
        )


def service_day(wanted: CartRequest, day: date) -> date:
    """The day of a ticket's visits: today, or the day before when it is checked out late; raises Invalid for any other."""
    visit_on = wanted.service_on or day
    if not day - LATE_CHECKOUT <= visit_on <= day:
        raise Invalid(VISIT_DAY_OUT_OF_RANGE, field="service_on")
    return visit_on


def _singles(
    session: Session, place: Place, wanted: CartRequest, plans: dict[UUID, Plan], client_id: UUID | None, day: date
) -> list[tuple[CartLineRequest, Single]]:
    """The visits paid today that become the first sessions of packages on the ticket, by the package's line."""
    found = []
    for line in wanted.lines:
        if line.visit_conversion is None:
            continue
        if line.item_id not in plans:
            raise Invalid(ONLY_PACKAGES_TAKE_A_VISIT, field="visit_conversion")
        single = single_of(session, place, line.visit_conversion, day=day)
        require_fit(session, single, plans[line.item_id], client_id=client_id, quantity=line.quantity)
        found.append((line, single))
    return found


def _first_visit(line: CartLineRequest, single: Single, item: Picked, tier: int, package: Picked) -> CartLine:
    """The visit as the first credit of its package pays it, with what a higher tier costs beyond it."""
    assert package.plan is not None
    whole, covered = item.list_minor(tier), covered_by_first(item, tier, package.plan, package.price_minor)
    return CartLine(
        item_id=item.item_id,
        kind=item.kind,
        name=item.name,
        quantity=1,
        unit_minor=whole,
        tax_category=item.tax_category,
        tax_percent=item.tax_percent,
        second_tax_percent=item.second_tax_percent,
        therapist_id=single.therapist_id,
        cover=Cover("first", line.item_id, 1, covered, upgrade_minor=whole - covered, surcharge=whole > covered),
    )


def _exemption(line: CartLineRequest, item: Picked) -> Exemption | None:
    if line.exemption is None:
        return None
    if item.kind not in EXEMPTABLE:
        raise Invalid(EXEMPTION_NOT_FOR_THIS, field="exemption")
    # A treatment is free of tax as a whole line; sessions are counted in packages alone.
    return line.exemption if item.plan else replace(line.exemption, count=None)


def _tiers(
    session: Session, wanted: CartRequest, items: list[Picked], visits: list[tuple[CartLineRequest, Single]]
) -> dict[UUID, int]:
    """The tier of each therapist named, where any of the items costs more with one; asks nothing otherwise."""
    if not any(item.surcharges for item in items):
        return {}
    named = {line.therapist_id for line in wanted.lines} | {single.therapist_id for _, single in visits}
    return tiers_of(session, [one for one in named if one is not None])


def _tip(wanted: CartRequest, cart: Cart) -> int:
    if wanted.tip is None:
        return 0
    if wanted.tip.percent is not None:
        return percent_of(cart.tip_base_minor, wanted.tip.percent)
    amount = wanted.tip.amount_minor or 0
    if amount > max(10 * cart.list_minor, LARGEST_MINOR // 10**6):
        raise Invalid(TIP_UNUSUALLY_LARGE, field="tip")
    return amount


def named_items(wanted: CartRequest) -> set[UUID]:
    """The items a ticket names that the catalogue prices."""
    later = {line.line_id for line in wanted.lines if line.part and line.part.lot_id}
    return {
        line.item_id
        for line in wanted.lines
        if line.item_id not in (GIFT_CARD_ITEM, OPEN_ITEM) and line.line_id not in later
    }


def _open_items(session: Session, place: Place, wanted: CartRequest, day: date) -> dict[UUID, Picked]:
    """The open items of a ticket by their line, under the tax of the articles they are taxed as; raises Invalid."""
    for line in wanted.lines:
        if (line.item_id == OPEN_ITEM) != (line.open_item is not None) or (line.open_item and line.price):
            raise Invalid(OPEN_ITEM_NOT_TYPED, field="open_item")
    typed = {line.line_id: line.open_item for line in wanted.lines if line.open_item}
    if not typed:
        return {}
    categories, rates = open_item_categories(session, place, day), tax_rates(session, place, day)
    if any(one.tax_category not in categories for one in typed.values()):
        raise Invalid(OPEN_ITEM_WITHOUT_CATEGORY, field="tax_category")
    return {line_id: open_item(one.name, one.amount_minor, one.tax_category, rates) for line_id, one in typed.items()}


def _charged(
    session: Session, place: Place, wanted: CartRequest, lines: list[CartLine], day: date, at: datetime | None
) -> tuple[Cart, tuple[AppliedCharge, ...]]:
    """The lines priced, and the service charges of the location, which are reckoned of the priced visits."""

    def priced(every: list[CartLine]) -> Cart:
        return price_cart(
            every,
            currency=place.currency,
            tax_inclusive=place.tax_inclusive,
            tax_method=place.tax_method,
            discount=wanted.discount,
        )

    cart = priced(lines)
    if at is None or not place.service_charges:
        return cart, ()
    local = at.astimezone(zone(place.time_zone))
    visit_on = wanted.service_on or place.business_date(at)
    minute = local.hour * 60 + local.minute
    evening = wanted.service_on or local.date() - timedelta(days=1)
    charges = due_charges(
        place.service_charges, wanted.service_charges, cart, day=visit_on, minute=minute, evening=evening
    )
    if not any(one.charged for one in charges):
        return cart, charges
    return priced(lines + charge_lines(charges, tax_rates(session, place, day))), charges


def price_request(
    session: Session,
    place: Place,
    wanted: CartRequest,
    *,
    client_id: UUID | None,
    day: date,
    is_unknown_yet: bool = False,
    buyer_hash: str | None = None,
    at: datetime | None = None,
) -> PricedCart:
    """Price a ticket for `day` at a location; prices come from the catalogue only.

    `at` is the instant by which service charges are judged; without one, as in the shop, none is added.

    `is_unknown_yet`: a quote for somebody who will be known with the order, and is taken to have used no promo code;
    `buyer_hash` tells who buys in the shop, before they are a client.

    Raises Invalid for items not sold here, NoCreditLeft for a chosen lot that is used up.
    """
    wanted = with_persons(session, wanted, client_id)
    picked = pick(session, place, day, named_items(wanted))
    require_treated(wanted, picked)
    paid_later = [line for line in wanted.lines if line.part and line.part.lot_id]
    # Lines whose amount is their own and not of the catalogue.
    typed = {
        line.line_id: pick_gift(session, place, line, day) for line in wanted.lines if line.item_id == GIFT_CARD_ITEM
    }
    typed |= _open_items(session, place, wanted, day)
    later = pick_parts(session, place, paid_later, client_id=client_id)
    typed |= {line_id: item for line_id, (item, _) in later.items()}
    plans = {item_id: item.plan for item_id, item in picked.items() if item.plan is not None}
    grants: dict[UUID, Grant] = {}
    if plans:
        named = {item for plan in plans.values() for item in plan.eligible + plan.included}
        singles = pick(session, place, day, named) if named else {}
        grants = {
            item_id: Grant(plan, {i: singles[i].list_minor(plan.tier) for i in plan.eligible + plan.included})
            for item_id, plan in plans.items()
        }
    visits = _singles(session, place, wanted, plans, client_id, day)
    visited = pick(session, place, day, {single.item_id for _, single in visits if not single.pack})
    lots: tuple[LotFacts, ...] = ()
    person_lots: dict[UUID, tuple[LotFacts, ...]] = {}
    if any(item.kind == "variant" for item in picked.values()):
        lots = tuple(lots_of(session, client_id, place.id)) if client_id is not None else ()
        person_lots = {person: tuple(lots_of(session, person, place.id)) for person in persons_of(wanted)}
    tiers = _tiers(session, wanted, [*picked.values(), *visited.values()], visits)
    treated = {
        (line.item_id, tier_of(tiers, line.therapist_id)): (picked[line.item_id], tier_of(tiers, line.therapist_id))
        for line in wanted.lines
        if line.item_id in picked and picked[line.item_id].kind == "variant"
    }
    every = {lot.lot_id: lot for own in (lots, *person_lots.values()) for lot in own}
    reaches = upgrade_options(session, place, list(every.values()), treated.values(), day)
    covers = covers_of(wanted, picked, lots, person_lots, reaches, tiers, service_day(wanted, day), day)
    lines = [
        CartLine(
            item_id=line.item_id,
            kind=item.kind,
            name=item.name,
            quantity=line.quantity,
            unit_minor=part.amount_minor if part else line.price.amount_minor if line.price else list_minor,
            agreed=PriceOverride(None, line.open_item.reason)
            if line.open_item
            else price_override(line.price, item.kind, list_minor),
            tax_category=item.tax_category,
            tax_percent=item.tax_percent,
            second_tax_percent=item.second_tax_percent,
            therapist_id=line.therapist_id,
            cover=covers.get(line.line_id),
            discount=line.discount,
            gift=line.gift if item.kind == GIFT_CARD else None,
            tax_point=item.tax_point,
            exemption=_exemption(line, item),
            sessions=item.plan.credits if item.plan else 1,
            part=part,
            person_id=line.person_id,
        )
        for line in wanted.lines
        for item in (typed.get(line.line_id) or picked[line.item_id],)
        for part in (later[line.line_id][1] if line.line_id in later else first_part(place, line, item),)
        for list_minor in (item.list_minor(tier_of(tiers, line.therapist_id)),)
    ]
    promo = None
    if wanted.promo:
        lines, promo = with_promo(
            session,
            place,
            lines,
            wanted.promo,
            client_id=client_id,
            day=day,
            is_unknown_yet=is_unknown_yet,
            buyer_hash=buyer_hash,
        )
    lines += [
        _first_visit(line, single, visited[single.item_id], tier_of(tiers, single.therapist_id), picked[line.item_id])
        for line, single in visits
        if not single.pack
    ]
    cart, charges = _charged(session, place, wanted, lines, day, at)
    tip = _tip(wanted, cart)
    if tip and not cart.lines:
        raise Invalid(TIP_WITHOUT_TREATMENT, field="tip")
    # Stored value does not buy stored value: a gift card is paid with money.
    payable = cart.total_minor + tip - cart.gift_minor
    paid_before = sum(single.paid_minor for _, single in visits)
    if paid_before > payable - tip:
        raise Invalid(PAID_BEFORE_ABOVE_PRICE, field="visit_conversion")
    before = tuple(
        AppliedTender(
            Stored(ACCOUNT_CREDIT),
            "",
            one.paid_minor,
            StoredPart(ACCOUNT_CREDIT, one.paid_minor, None, one.back, line.item_id if one.pack else None),
        )
        for line, one in visits
    )
    applied = before + apply_tenders(
        session,
        place,
        wanted.stored,
        client_id=client_id,
        payable_minor=payable - paid_before,
        money_minor=cart.gift_minor,
        day=day,
    )
    tip_to = wanted.tip.staff_id if wanted.tip else None
    return PricedCart(cart, tip, tip_to, lots, grants, applied, promo, person_lots=person_lots, charges=charges)
