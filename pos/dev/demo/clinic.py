"""The demo clinics themselves: two locations, desks, staff, catalogue, clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.unit_of_work import unit_of_work
from pos.core.ids import new_id
from pos.dev.demo import people
from pos.domain.catalogue.models import TaxRate
from pos.domain.clients.registration import register
from pos.domain.ledger.posting import open_books
from pos.domain.locations.models import Desk, Location
from pos.domain.payments.models import Reader
from pos.domain.receipts.repository import open_series
from pos.domain.staff.credentials import hire
from pos.services.setup.starter_catalogue import PriceList, write_starter_catalogue

CLIENTS = 90
FROM = date(2024, 1, 1)
READERS = ("Desk 1 reader", "Desk 2 reader")


@dataclass(frozen=True)
class DemoClinic:
    """Keys of what was built."""

    maple: UUID
    linden: UUID
    desks: tuple[UUID, ...]
    clients: tuple[UUID, ...]


def _location(**facts: object) -> Location:
    return Location(id=new_id(), cutoff_hour=3, active=True, **facts)


@unit_of_work
def build(session: Session, *, secret: str, readers: dict[str, str]) -> DemoClinic:
    """Write the clinics; `readers` are Stripe's keys of the readers by their label."""
    maple = _location(
        slug="maple-street",
        name="Maple Street",
        clinic_name="Maple Trigger Point Clinic",
        address_lines=["18 Maple Street", "New York, NY 10012"],
        phone="+1 212 555 0118",
        email="hello@maple.example",
        country="US",
        locale="en_US",
        currency="USD",
        time_zone="America/New_York",
        tax_inclusive=False,
        tax_method="invoice",
        tax_label="Sales tax",
        tax_id_label="EIN",
        tax_id="00-0000000",
        receipt_prefix="MS",
        receipt_note="Sessions are valid until the date shown. Unused ones can be refunded by the policy of their package.",
        position=1,
    )
    linden = _location(
        slug="lindenhof",
        name="Lindenhof",
        clinic_name="Praxis am Lindenhof",
        address_lines=["Lindenhof 4", "10115 Berlin"],
        phone="+49 30 5550118",
        email="hallo@lindenhof.example",
        country="DE",
        locale="de_DE",
        currency="EUR",
        time_zone="Europe/Berlin",
        tax_inclusive=True,
        tax_method="invoice",
        tax_label="MwSt.",
        tax_id_label="USt-IdNr.",
        tax_id="DE000000000",
        receipt_prefix="LH",
        receipt_note="Sitzungen gelten bis zum angegebenen Tag.",
        position=2,
    )
    session.add_all([maple, linden])
    session.flush()
    desks = [
        Desk(id=new_id(), location_id=maple.id, name="Desk 1"),
        Desk(id=new_id(), location_id=maple.id, name="Desk 2"),
    ]
    desks.append(Desk(id=new_id(), location_id=linden.id, name="Empfang"))
    session.add_all(desks)
    session.flush()
    labels = (*READERS, "Empfang reader")
    for desk, label in zip(desks, labels, strict=True):
        if label in readers:
            session.add(Reader(desk_id=desk.id, stripe_reader_id=readers[label], label=label))
    for location in (maple, linden):
        open_books(session, location.id)
        open_series(session, location.id)
    lists = {maple.id: PriceList("USD", 100_00), linden.id: PriceList("EUR", 89_00)}
    write_starter_catalogue(session, lists, from_on=FROM, locale="en_US")
    for location_id, percent in ((maple.id, Decimal(8)), (linden.id, Decimal(19))):
        for category in ("service", "add_on", "retail"):
            session.add(TaxRate(location_id=location_id, tax_category=category, from_on=FROM, rate_percent=percent))
    for worker in people.STAFF:
        hire(
            session,
            name=worker.name,
            role=worker.role,
            locations=(maple.id, linden.id),
            secret=secret,
            pin=worker.pin,
            email=worker.email,
            password=worker.password,
            treats=worker.treats,
        )
    known = [
        register(session, given_name=given, family_name=family, email=mail, phone=phone, country="US").id
        for given, family, mail, phone in people.clients(CLIENTS)
    ]
    return DemoClinic(maple.id, linden.id, tuple(desk.id for desk in desks), tuple(known))
