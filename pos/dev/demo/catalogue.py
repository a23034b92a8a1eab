"""What the demo clinics sell: the starting catalogue of a trigger point clinic, in dollars and in euros."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.ids import new_id
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
    Service,
    TaxRate,
)

FROM = date(2024, 1, 1)

_NEUTRAL = (
    "Some clients find it eases muscular discomfort. Results vary; this is not a diagnosis or a substitute for medical"
    " care."
)

# name, short name, description, {minutes: (dollars, euros)} in major units
SERVICES = (
    (
        "Trigger point therapy",
        "Trigger point",
        f"Sustained manual pressure on tender points in muscle. {_NEUTRAL}",
        {30: (55, 49), 45: (78, 69), 60: (100, 89), 90: (140, 125)},
    ),
    (
        "Combination: trigger point and Swedish",
        "Combination Swedish",
        f"Pressure on tender points combined with long Swedish strokes. {_NEUTRAL}",
        {30: (55, 49), 45: (75, 67), 60: (95, 85), 90: (135, 119)},
    ),
    (
        "Combination: trigger point and sports",
        "Combination sports",
        f"Pressure on tender points combined with sports massage techniques. {_NEUTRAL}",
        {30: (60, 53), 45: (80, 71), 60: (105, 93), 90: (148, 132)},
    ),
    (
        "Muscular balancing with compress",
        "Balancing",
        f"Slow work on tense muscle, with a warm compress. {_NEUTRAL}",
        {30: (60, 53), 45: (80, 71), 60: (105, 93)},
    ),
    ("Full body massage", "Full body", "A calm massage from neck to feet.", {60: (90, 79), 90: (130, 115)}),
    ("Foot massage", "Foot", "Feet and lower legs.", {30: (45, 39), 45: (60, 53), 60: (75, 65)}),
)
# name, key on the desk, (dollars, euros)
ADD_ONS = (
    ("Aromatherapy", "A", (12, 11)),
    ("Hot compress", "H", (10, 9)),
    ("Hot stones", "S", (20, 18)),
    ("Cupping", "C", (20, 18)),
    ("15 minutes more", "M", (25, 22)),
)
# name, barcode, (dollars, euros)
RETAIL = (("Massage oil, 250 ml", "4006381333931", (18, 16)), ("Trigger point ball", "4012345678901", (14, 12)))
# name, sessions, bonus, months, policy, (dollars, euros)
PACKAGES = (
    ("3 × Trigger point 60", 3, 0, 6, "pro_rata", (285, 254)),
    ("5 × Trigger point 60", 5, 0, 12, "pro_rata", (460, 409)),
    ("5 + 1 × Trigger point 60", 5, 1, 12, "single_price", (500, 445)),
    ("10 × Trigger point 60", 10, 0, 12, "single_price", (900, 799)),
    ("12 × Trigger point 60", 12, 0, 12, "single_price", (984, 876)),
)
TERMS = (
    "Sessions are for the named client and may be used until the date shown. Please cancel a visit 24 hours ahead. What is"
    " left can be refunded by the policy shown with the package."
)


def _item(session: Session, prices: tuple[int, int], locations: tuple[UUID, UUID], **facts: object) -> Item:
    item = Item(id=new_id(), **facts)
    session.add(item)
    session.flush()
    for location_id, major in zip(locations, prices, strict=True):
        session.add(Price(item_id=item.id, location_id=location_id, from_on=FROM, price_minor=major * 100))
    return item


def stock(session: Session, locations: tuple[UUID, UUID], taxes: tuple[Decimal, Decimal]) -> None:
    """Fill the catalogue for a dollar and a euro location, with their tax rates."""
    position = 0
    single = None
    for order, (name, short, description, sizes) in enumerate(SERVICES):
        service = Service(id=new_id(), name=name, short_name=short, description=description, position=order)
        session.add(service)
        session.flush()
        for minutes, prices in sizes.items():
            position += 1
            item = _item(
                session,
                prices,
                locations,
                kind="variant",
                name=f"{short} {minutes}",
                service_id=service.id,
                minutes=minutes,
                tax_category="service",
                position=position,
            )
            if single is None and minutes == 60:
                single = item
    assert single is not None
    included = []
    for name, key, prices in ADD_ONS:
        position += 1
        item = _item(
            session, prices, locations, kind="add_on", name=name, key=key, tax_category="add_on", position=position
        )
        if name in ("Aromatherapy", "Hot compress"):
            included.append(item.id)
    for name, code, prices in RETAIL:
        position += 1
        _item(session, prices, locations, kind="retail", name=name, code=code, tax_category="retail", position=position)
    for name, sessions, bonus, months, policy, prices in PACKAGES:
        position += 1
        item = _item(session, prices, locations, kind="package", name=name, tax_category="service", position=position)
        session.add(
            PackagePlan(
                item_id=item.id,
                sessions=sessions,
                bonus_sessions=bonus,
                validity_months=months,
                refund_policy=policy,
                expiry_policy="account_credit",
                terms=TERMS,
            )
        )
        session.flush()
        session.add(PlanItem(plan_id=item.id, item_id=single.id, role="eligible"))
        if sessions >= 5:
            session.add_all(PlanItem(plan_id=item.id, item_id=extra, role="included") for extra in included)
    for location_id, percent in zip(locations, taxes, strict=True):
        for category in ("service", "add_on", "retail"):
            session.add(TaxRate(location_id=location_id, tax_category=category, from_on=FROM, rate_percent=percent))
