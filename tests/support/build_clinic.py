"""Building the clinic of `tests/support/clinic.py`: its two locations, their people, catalogue and prices."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from pos.core.database.unit_of_work import unit_of_work
from pos.domain.catalogue.models import (
    Item,
    PackagePlan,
    PlanItem,
    Price,
    Service,
    TaxCategory,
    TaxRate,
)
from pos.domain.clients import registration as clients
from pos.domain.ledger import posting as ledger
from pos.domain.locations.models import Desk, Location
from pos.domain.locations.queries import desk_place
from pos.domain.receipts import repository as receipts
from pos.domain.staff import credentials as staff
from pos.domain.staff.permissions import Role
from pos.domain.till.shifts import open_shift
from tests.support.clinic import (
    ADD_ONS,
    EUR_TAX,
    FLOAT_MINOR,
    PLANS,
    PRICES_FROM,
    RETAIL,
    SERVICES,
    USD_TAX,
    Clinic,
    Colleague,
    Site,
    TaxHabit,
)


def _location(session: Session, slug: str, currency: str, tax: TaxHabit) -> Location:
    european = currency == "EUR"
    location = Location(
        slug=slug,
        name="Altstadt" if european else "Riverside",
        clinic_name="Ruhepunkt" if european else "Stillpoint Clinic",
        address_lines=["Marktgasse 4", "93047 Regensburg"] if european else ["12 Mill Street", "Portland, OR 97205"],
        phone=None,
        email=f"{slug}@clinic.example",
        country="DE" if european else "US",
        locale="de_DE" if european else "en_US",
        currency=currency,
        time_zone="Europe/Berlin" if european else "America/New_York",
        cutoff_hour=0,
        tax_inclusive=tax.inclusive,
        tax_method=tax.method,
        tax_label="GST" if tax.second else "MwSt." if european else "Sales tax",
        tax_id_label="GST no." if tax.second else None,
        tax_id="12345 6789 RT0001" if tax.second else None,
        second_tax_label="QST" if tax.second else None,
        second_tax_id_label="QST no." if tax.second else None,
        second_tax_id="1234567890 TQ0001" if tax.second else None,
        receipt_prefix="RGB" if european else "RIV",
        position=1 if european else 0,
    )
    session.add(location)
    session.flush()
    ledger.open_books(session, location.id)
    receipts.open_series(session, location.id)
    for category in ("service", "goods"):
        session.add(
            TaxRate(
                location_id=location.id,
                tax_category=category,
                from_on=PRICES_FROM,
                rate_percent=Decimal(tax.percent),
                second_percent=Decimal(tax.second or 0),
                tax_point=tax.point,
            )
        )
    session.flush()
    return location


def _add_catalogue(session: Session, locations: tuple[Location, ...]) -> dict[str, UUID]:
    items: dict[str, Item] = {}
    prices: dict[str, int] = {}

    def add(key: str, item: Item, price_minor: int) -> None:
        items[key], prices[key] = item, price_minor
        item.position = len(items)
        session.add(item)

    for position, (key, (name, variants)) in enumerate(SERVICES.items()):
        service = Service(name=name, short_name=name.rpartition(" + ")[2], position=position)
        session.add(service)
        session.flush()
        for minutes, price in variants.items():
            variant = Item(
                kind="variant",
                name=f"{name}, {minutes} min",
                service_id=service.id,
                minutes=minutes,
                tax_category="service",
            )
            add(f"{key}_{minutes}", variant, price)
    for key, (name, price) in ADD_ONS.items():
        add(key, Item(kind="add_on", name=name, tax_category="service"), price)
    for key, (name, price) in RETAIL.items():
        add(key, Item(kind="retail", name=name, code=f"0{len(items):011d}", tax_category="goods"), price)
    for key, (name, _, _, price, _, _) in PLANS.items():
        add(key, Item(kind="package", name=name, tax_category="service"), price)
    session.flush()
    for key, (_, sessions, bonus, _, months, free) in PLANS.items():
        session.add(PackagePlan(item_id=items[key].id, sessions=sessions, bonus_sessions=bonus, validity_months=months))
        session.flush()
        session.add(PlanItem(plan_id=items[key].id, item_id=items["trigger_60"].id, role="eligible"))
        session.add_all(PlanItem(plan_id=items[key].id, item_id=items[name].id, role="included") for name in free)
    session.add_all(
        Price(item_id=item.id, location_id=location.id, from_on=PRICES_FROM, price_minor=prices[key])
        for key, item in items.items()
        for location in locations
    )
    session.flush()
    return {key: item.id for key, item in items.items()}


def _add_site(session: Session, location: Location, desk_names: tuple[str, ...], staff_id: UUID) -> Site:
    desks, shifts = [], []
    for name in desk_names:
        desk = Desk(location_id=location.id, name=name)
        session.add(desk)
        session.flush()
        shift = open_shift(session, desk_place(session, desk.id), staff_id=staff_id, float_minor=FLOAT_MINOR)
        desks.append(desk.id)
        shifts.append(shift.id)
    return Site(location.id, location.slug, location.currency, tuple(desks), tuple(shifts))


def create_clinic(app: Flask, secret: str, *, usd: TaxHabit = USD_TAX, eur: TaxHabit = EUR_TAX) -> Clinic:
    """Fill the empty database of `app` with two clinics; `secret` is the installation's, which PINs are found by."""

    def conduct(session: Session) -> Clinic:
        session.add(TaxCategory(key="goods", name="Goods"))
        session.flush()
        here = _location(session, "riverside", "USD", usd)
        there = _location(session, "altstadt", "EUR", eur)
        items = _add_catalogue(session, (here, there))

        def hire(name: str, role: Role, pin: str, *locations: Location, office: bool = False) -> Colleague:
            email = f"{name.lower()}@clinic.example" if office else None
            password = f"a long password of {name}" if office else None
            person = staff.hire(
                session,
                name=name,
                role=role,
                locations=tuple(location.id for location in locations),
                secret=secret,
                pin=pin,
                email=email,
                password=password,
                treats=role is Role.THERAPIST,
            )
            return Colleague(person.id, name, role, pin, email, password)

        owner = hire("Olga", Role.OWNER, "510243", here, there, office=True)
        ana = clients.register(
            session,
            given_name="Ana",
            family_name="Núñez",
            email="ana@mail.example",
            phone="(503) 555-0142",
            country="US",
        )
        ben = clients.register(
            session, given_name="Ben", family_name="Fischer", email="ben@mail.example", phone=None, country="DE"
        )
        return Clinic(
            app=app,
            usd=_add_site(session, here, ("Front", "Back"), owner.id),
            eur=_add_site(session, there, ("Empfang",), owner.id),
            items=items,
            receptionist=hire("Rita", Role.RECEPTIONIST, "140857", here),
            therapist=hire("Theo", Role.THERAPIST, "271934", here),
            manager=hire("Mara", Role.MANAGER, "380416", here, office=True),
            eur_receptionist=hire("Edda", Role.RECEPTIONIST, "462905", there),
            owner=owner,
            bookkeeper=hire("Bea", Role.BOOKKEEPER, "693172", here, there, office=True),
            ana=ana.id,
            ben=ben.id,
        )

    with app.app_context():
        return unit_of_work(conduct)()
