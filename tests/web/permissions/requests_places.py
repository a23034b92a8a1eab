"""What is asked of the pages about locations and desks."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from pos.core.ids import new_id
from pos.domain.catalogue.tax_rates import TaxSetting
from pos.domain.locations.public_details import PublicDetails
from pos.domain.locations.queries import place
from pos.domain.locations.service_charge_rules import ServiceCharge
from pos.domain.staff.queries import by_key
from pos.services.catalogue.location_settings import set_tax_setting
from pos.services.catalogue.tax_categories import add_tax_category
from pos.services.locations.desks import add_desk
from pos.services.locations.location_facts import facts_of
from pos.services.locations.printers import PrinterTerms, add_printer
from pos.services.locations.public_pages import set_public_details
from pos.services.locations.service_charges import set_service_charge, state_token
from pos.web.office.places.location_forms import form_values
from tests.web.permissions.permission_fixtures import PermissionFixtures
from tests.web.permissions.permission_requests import Probe, Ready


def _form(t: PermissionFixtures, **other: str) -> dict[str, str]:
    with t.clinic.read() as session:
        facts = facts_of(place(session, t.clinic.usd.location_id))
    values = {name: "" if value is None else str(value) for name, value in form_values(facts).items()}
    return values | {"seen": facts.state_token} | other


def new_location_asked(t: PermissionFixtures) -> Probe:
    mark = re.sub("[^0-9A-F]", "", new_id().hex[-10:].upper())
    return Probe(form=_form(t, location_id=str(new_id()), slug=f"at-{mark.lower()}", receipt_prefix=mark, email=""))


def location_asked(t: PermissionFixtures) -> Probe:
    return Probe({"location_id": t.clinic.usd.location_id}, form=_form(t, receipt_note=f"Thanks {new_id()}"))


def reopen_asked(t: PermissionFixtures) -> Probe:
    return Probe({"location_id": t.clinic.usd.location_id, "action": "reopen"}, form={})


def _fresh_desk(t: PermissionFixtures) -> UUID:
    with t.clinic.read() as session:
        person = by_key(session, t.clinic.manager.id)
    with t.clinic.app.app_context():
        return add_desk(desk_id=new_id(), location_id=t.clinic.usd.location_id, name=f"Desk {new_id()}", person=person)


def new_desk_asked(_: PermissionFixtures) -> Probe:
    return Probe(form={"key": str(new_id()), "name": f"Desk {new_id()}"}, query="?location=riverside")


def desk_asked(t: PermissionFixtures) -> Probe:
    return Probe({"desk_id": _fresh_desk(t), "action": "retire"}, form={})


CHARGE = new_id()
PRINTER = {"host": "192.0.2.9", "port": "9100", "model": "other_80"}


def new_printer_asked(_: PermissionFixtures) -> Probe:
    return Probe(form={"key": str(new_id()), "name": f"Printer {new_id()}"} | PRINTER, query="?location=riverside")


def printer_asked(t: PermissionFixtures) -> Probe:
    """A fresh printer, retired: its test page would reach for the network."""
    key = new_id()
    with t.clinic.read() as session:
        person = by_key(session, t.clinic.manager.id)
    with t.clinic.app.app_context():
        terms = PrinterTerms(name=f"Printer {key}", **PRINTER)
        add_printer(printer_id=key, location_id=t.clinic.usd.location_id, terms=terms, person=person)
    return Probe({"printer_id": key, "action": "retire"}, form={})


def _charge_form(key: UUID, seen: str = "") -> dict[str, str]:
    return {
        "key": str(key), "seen": seen, "name": f"Charge {key.hex[-8:]}", "percent": "", "amount": "15",
        "tax_category": "service", "added": "desk", "from_on": "2026-01-01", "until_on": "2026-01-02",
    }  # fmt: skip


def new_charge_asked(_: PermissionFixtures) -> Probe:
    return Probe(form=_charge_form(new_id()), query="?location=riverside")


def charge_asked(t: PermissionFixtures) -> Probe:
    """The one charge of the location, whose name is changed."""
    key = CHARGE
    with t.clinic.read() as session:
        person, kept = by_key(session, t.clinic.manager.id), place(session, t.clinic.usd.location_id).service_charges
    rule = next((one for one in kept if one.key == key), None)
    if rule is None:
        rule = ServiceCharge(
            key, "Home", "service", date(2026, 1, 1), date(2026, 1, 2), amount_minor=1_00, by_itself=False
        )
        with t.clinic.app.app_context():
            set_service_charge(location_id=t.clinic.usd.location_id, rule=rule, seen="", person=person)
    return Probe({"key": key}, form=_charge_form(key, state_token(rule)) | {"name": f"Charge {new_id().hex[-8:]}"})


def rate_asked(t: PermissionFixtures) -> Probe:
    with t.clinic.read() as session:
        day = place(session, t.clinic.usd.location_id).today() + timedelta(days=30)
    with t.clinic.app.app_context():
        set_tax_setting(
            location_id=t.clinic.usd.location_id,
            staff_id=t.clinic.manager.id,
            setting=TaxSetting("retail", day, Decimal(8), "sale"),
        )
    form = {"category": "retail", "from_on": day.isoformat()}
    return Probe(form=form, query="?location=riverside")


def category_asked(action: str) -> Ready:
    """A fresh category to change, or the name of one to add."""

    def ready(t: PermissionFixtures) -> Probe:
        name = f"Kind {new_id().hex}"[:38]
        if action == "add":
            return Probe(form={"name": name})
        with t.clinic.read() as session:
            person = by_key(session, t.clinic.owner.id)
        with t.clinic.app.app_context():
            key = add_tax_category(name=name, person=person)
        return Probe(form={"key": key, "name": f"{name}!"})

    return ready


def texts_asked(_: PermissionFixtures) -> Probe:
    return Probe(form={"headline": f"Rest {new_id()}"}, query="?location=riverside")


def review_asked(_: PermissionFixtures) -> Probe:
    # Another number each time: what is saved twice changes nothing.
    form = {"void_minor": f"{new_id().int % 900}.00", "cash_refund_minor": "0", "discount_percent": "25"}
    numbers = {"no_sale_minutes": "10", "shortages": "2", "extension_days": "1"}
    return Probe(form=form | numbers, query="?location=riverside")


def legal_page_asked(t: PermissionFixtures) -> Probe:
    with t.clinic.read() as session:
        person = by_key(session, t.clinic.manager.id)
    details = PublicDetails(privacy="We keep little.", imprint="Stillpoint", terms="Come in time.")
    with t.clinic.app.app_context():
        set_public_details(location_id=t.clinic.usd.location_id, details=details, person=person)
    return Probe({"slug": "riverside"})
