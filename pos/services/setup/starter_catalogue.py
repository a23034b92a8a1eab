"""The catalogue a new clinic may begin with: treatments, add-ons, retail and packages of a trigger point clinic.

Prices are known in dollars and in euros; for another currency they are in proportion to what the clinic takes for 60
minutes of trigger point therapy. Names and texts are written in the language of the clinic, which may change
all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.i18n.translator import Translator, translator
from pos.core.ids import new_id
from pos.core.money import exponent
from pos.domain.catalogue.models import Item, PackagePlan, PlanItem, Price, Service
from pos.services.setup.usual_price import USUAL_SINGLE

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

# What is translated when it is written.
TEXTS = tuple(
    (text,)
    for text in (
        *(text for service in SERVICES for text in service[:3]),
        *(name for name, *_ in (*ADD_ONS, *RETAIL, *PACKAGES)),
        TERMS,
    )
)


_LISTS = ("USD", "EUR")


@dataclass(frozen=True)
class PriceList:
    """What the catalogue costs in a currency where 60 minutes of trigger point therapy cost `single_minor`."""

    currency: str
    single_minor: int

    def of(self, major: tuple[int, int]) -> int:
        """The price, minor units, of what costs `major` dollars and euros."""
        scale: int = 10 ** exponent(self.currency)
        for known, amount in zip(_LISTS, major, strict=True):
            if self.currency == known and self.single_minor == USUAL_SINGLE[known] * scale:
                return amount * scale
        exact = Decimal(self.single_minor) * major[0] / USUAL_SINGLE["USD"]
        step = self._step()
        return int((exact / step).quantize(Decimal(1), ROUND_HALF_UP)) * step

    def _step(self) -> int:
        """The minor units that prices are rounded to: the largest power of ten up to a fiftieth of the single price."""
        step = 1
        while step * 500 <= self.single_minor:
            step *= 10
        return step


class _Writer:
    """Writes items with their prices at each location, in the order of the register."""

    def __init__(self, session: Session, lists: Mapping[UUID, PriceList], from_on: date, w: Translator) -> None:
        self.session, self.lists, self.from_on, self.w = session, lists, from_on, w
        self.position = 0

    def item(self, major: tuple[int, int], **facts: object) -> Item:
        self.position += 1
        item = Item(id=new_id(), position=self.position, active=True, **facts)
        self.session.add(item)
        self.session.flush()
        self.session.add_all(
            Price(item_id=item.id, location_id=location_id, from_on=self.from_on, price_minor=prices.of(major))
            for location_id, prices in self.lists.items()
        )
        return item

    def treatments(self) -> Item:
        """Every service with its durations; returns the single that packages are made of."""
        single = None
        for order, (name, short, description, sizes) in enumerate(SERVICES):
            service = Service(
                id=new_id(),
                name=self.w(name),
                short_name=self.w(short),
                description=self.w(description),
                position=order,
            )
            self.session.add(service)
            self.session.flush()
            for minutes, major in sizes.items():
                item = self.item(
                    major,
                    kind="variant",
                    name=f"{service.short_name} {minutes}",
                    service_id=service.id,
                    minutes=minutes,
                    tax_category="service",
                )
                if single is None and minutes == 60:
                    single = item
        assert single is not None
        return single

    def package(
        self, single: Item, included: list[UUID], plan: tuple[str, int, int, int, str, tuple[int, int]]
    ) -> None:
        name, sessions, bonus, months, policy, major = plan
        item = self.item(major, kind="package", name=self.w(name), tax_category="service")
        self.session.add(
            PackagePlan(
                item_id=item.id,
                sessions=sessions,
                bonus_sessions=bonus,
                validity_months=months,
                refund_policy=policy,
                expiry_policy="account_credit",
                terms=self.w(TERMS),
            )
        )
        self.session.flush()
        self.session.add(PlanItem(plan_id=item.id, item_id=single.id, role="eligible"))
        if sessions >= 5:
            self.session.add_all(PlanItem(plan_id=item.id, item_id=extra, role="included") for extra in included)


def write_starter_catalogue(session: Session, lists: Mapping[UUID, PriceList], *, from_on: date, locale: str) -> None:
    """Fill the catalogue, with prices from a day on at each location of `lists`, in the language of a locale."""
    writer = _Writer(session, lists, from_on, translator(locale))
    single = writer.treatments()
    included = []
    for name, key, major in ADD_ONS:
        item = writer.item(major, kind="add_on", name=writer.w(name), key=key, tax_category="add_on")
        if name in ("Aromatherapy", "Hot compress"):
            included.append(item.id)
    for name, code, major in RETAIL:
        writer.item(major, kind="retail", name=writer.w(name), code=code, tax_category="retail")
    for plan in PACKAGES:
        writer.package(single, included, plan)
    session.flush()
