"""Opening a clinic: its location, desk, people, taxes and first catalogue in one transaction, again until it trades."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.app_context import settings
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid, PosError
from pos.core.i18n.name_folding import folded
from pos.core.ids import new_id
from pos.core.messages.imports import CATALOGUE_FILE_REFUSED
from pos.core.messages.installation import CLINIC_HAS_MORE_LOCATIONS, CLINIC_IN_USE
from pos.domain.catalogue.gift_card_item import GIFT_CARD_ITEM
from pos.domain.catalogue.models import Item, PackagePlan, PlanItem, Price, Service, TaxRate
from pos.domain.catalogue.open_item import OPEN_ITEM
from pos.domain.catalogue.service_charge_item import SERVICE_CHARGE_ITEM
from pos.domain.credits.models import PurchasedPackage
from pos.domain.ledger.models import JournalEntry
from pos.domain.locations.models import Desk, Location
from pos.domain.promotions.models import PromoCode
from pos.domain.sales.models import Order, Sale, Ticket
from pos.domain.staff.credentials import hire, set_password, set_pin
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person
from pos.domain.stored_value.models import GiftCard
from pos.services.imports.import_catalogue import CatalogueFile, apply_catalogue
from pos.services.locations.locations import begin_records
from pos.services.setup.answers import Answers, PersonAnswer, WrongAnswers
from pos.services.setup.starter_catalogue import PriceList, write_starter_catalogue

# Rows that name what set-up would write anew: where there is one, the clinic is changed in the office.
_TRADE = (Sale, Order, Ticket, JournalEntry, PurchasedPackage, GiftCard, PromoCode)


def has_location(session: Session) -> bool:
    """Whether a clinic is there at all."""
    return bool(session.scalar(select(exists(select(Location.id)))))


def trades(session: Session) -> bool:
    """Whether anything was sold, ordered or booked, or lies on a ticket."""
    return any(session.scalar(select(exists(select(model)))) for model in _TRADE)


def _only_location(session: Session) -> Location | None:
    if trades(session):
        raise Conflict(CLINIC_IN_USE)
    found = session.scalars(select(Location)).all()
    if len(found) > 1:
        raise Conflict(CLINIC_HAS_MORE_LOCATIONS)
    return found[0] if found else None


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", folded(name)))[:40] or "clinic"


def _write_location(session: Session, facts: dict[str, Any]) -> Location:
    location = _only_location(session)
    values = facts | {"slug": _slug(str(facts["name"]))}
    before = {name: getattr(location, name) for name in values} if location else {}
    if location is None:
        location = Location(id=new_id(), active=True, tax_method="invoice", **values)
        session.add(location)
        session.flush()
        begin_records(session, location.id)
    for name, value in values.items():
        setattr(location, name, value)
    session.flush()
    audit.note_change(
        session, "location.set_up", before=before, after=values, location_id=location.id, subject_id=location.id
    )
    return location


def _write_taxes(session: Session, location_id: UUID, answers: Answers, from_on: date) -> None:
    # Set-up asks about one tax, from today; what the office has set of a second one, and for later days, stays.
    replaced = (TaxRate.location_id == location_id, TaxRate.from_on <= from_on)
    rows = session.scalars(select(TaxRate).where(*replaced).order_by(TaxRate.from_on))
    second = {row.tax_category: row.second_percent for row in rows}
    session.execute(delete(TaxRate).where(*replaced))
    session.add_all(
        TaxRate(
            location_id=location_id,
            tax_category=category,
            from_on=from_on,
            rate_percent=percent,
            second_percent=second.get(category, Decimal(0)),
        )
        for category, percent in answers.taxes.items()
    )


def _write_desk(session: Session, location_id: UUID, name: str) -> None:
    desks = session.scalars(select(Desk).where(Desk.location_id == location_id)).all()
    if any(desk.name == name for desk in desks):
        return
    if len(desks) == 1:
        desks[0].name = name
    else:
        session.add(Desk(id=new_id(), location_id=location_id, name=name))
    session.flush()


def _known(session: Session, person: PersonAnswer) -> Staff | None:
    """Somebody of an earlier run: the owner, who has another address now, or whoever has this address or name."""
    for condition in (Staff.email == person.email if person.email else None, Staff.name == person.name):
        if condition is not None and (found := session.scalar(select(Staff).where(condition))):
            return found
    owners = session.scalars(select(Staff).where(Staff.role == Role.OWNER.value)).all()
    return owners[0] if person.role is Role.OWNER and len(owners) == 1 else None


def _write_person(session: Session, person: PersonAnswer, location_id: UUID, secret: str) -> Staff:
    found = _known(session, person)
    if found is None:
        return hire(
            session, name=person.name, role=person.role, locations=(location_id,), secret=secret, pin=person.pin,
            email=person.email, password=person.password, treats=person.treats,
        )  # fmt: skip
    found.name, found.role, found.email, found.treats = person.name, person.role.value, person.email, person.treats
    found.active = True
    if session.get(StaffLocation, (found.id, location_id)) is None:
        session.add(StaffLocation(staff_id=found.id, location_id=location_id))
    if person.pin is not None:
        set_pin(session, found, person.pin, secret=secret)
    if person.password is not None:
        set_password(found, person.password)
    return found


def _write_people(session: Session, answers: Answers, location_id: UUID) -> UUID:
    """Write everybody; returns the owner's key."""
    secret, keys = settings().secret_key, []
    for number, person in enumerate(answers.people):
        try:
            keys.append(_write_person(session, person, location_id, secret).id)
            session.flush()
        except PosError as error:
            field = f"owner_{error.field}" if number == 0 else f"staff {number}, {error.field}"
            raise WrongAnswers({field: error.sentence}) from error
    return keys[0]


class WrongCatalogue(WrongAnswers):
    """Rows of the catalogue file cannot be used; `rows` says why."""

    def __init__(self, found: CatalogueFile) -> None:
        self.rows = found.of("refused")
        super().__init__({"catalogue_file": CATALOGUE_FILE_REFUSED(count=len(self.rows))})


def _write_catalogue(session: Session, location: Location, answers: Answers, owner_id: UUID, from_on: date) -> None:
    """Write the starter catalogue, or that of a file, in place of an earlier run's; without one, what is there stays."""
    if answers.single_minor is None and answers.catalogue_file is None:
        return
    for model in (PlanItem, PackagePlan, Price):
        session.execute(delete(model))
    session.execute(delete(Item).where(Item.id.not_in((GIFT_CARD_ITEM, OPEN_ITEM, SERVICE_CHARGE_ITEM))))
    session.execute(delete(Service))
    if answers.catalogue_file is None:
        prices = PriceList(location.currency, answers.single_minor or 0)
        write_starter_catalogue(session, {location.id: prices}, from_on=from_on, locale=location.locale)
        return
    owner = Person(owner_id, answers.people[0].name, Role.OWNER, frozenset({location.id}))
    try:
        found = apply_catalogue(session, answers.catalogue_file, owner)
    except Invalid as error:
        raise WrongAnswers({"catalogue_file": error.sentence}) from error
    if found.of("refused"):
        raise WrongCatalogue(found)


def write_clinic(session: Session, answers: Answers) -> UUID:
    """Write a clinic, or write it anew while it does not trade; returns the owner's key.

    Raises Conflict where it trades or has several locations, WrongAnswers for a PIN that is taken.
    """
    location = _write_location(session, answers.facts)
    today = clock.business_date(clock.now(), location.time_zone, location.cutoff_hour)
    _write_taxes(session, location.id, answers, today)
    _write_desk(session, location.id, answers.desk)
    owner_id = _write_people(session, answers, location.id)
    _write_catalogue(session, location, answers, owner_id, today)
    audit.note(session, "clinic.set_up", actor_id=owner_id, location_id=location.id, subject_id=location.id)
    return owner_id


@unit_of_work
def open_clinic(session: Session, answers: Answers) -> UUID:
    """`write_clinic` in a transaction of its own."""
    return write_clinic(session, answers)
