"""Reads of clinics and desks, as frozen facts that other rooms may keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.messages.general import NO_SUCH_CLINIC, NO_SUCH_DESK, NO_SUCH_LOCATION
from pos.domain.locations.cash_rounding import CASH_ROUNDINGS, CashRounding
from pos.domain.locations.country_habits import PAPER_NAMES, habits
from pos.domain.locations.models import Desk, Location, Tier
from pos.domain.locations.offline_limits import OfflineLimits
from pos.domain.locations.service_charge_rules import ServiceCharge


class Place(msgspec.Struct, frozen=True):
    """What pricing, selling and printing need to know of a location."""

    id: UUID
    slug: str
    name: str
    clinic_name: str
    address_lines: tuple[str, ...]
    phone: str | None
    email: str | None
    country: str
    locale: str
    currency: str
    time_zone: str
    cutoff_hour: int
    tax_inclusive: bool
    tax_method: str
    tax_label: str
    tax_id_label: str | None
    tax_id: str | None
    receipt_prefix: str
    receipt_note: str
    reader_tips: bool = False
    online_methods: tuple[str, ...] = ("card",)
    accent: str = ""
    logo_sha256: str | None = None
    active: bool = True
    second_tax_label: str | None = None
    second_tax_id_label: str | None = None
    second_tax_id: str | None = None
    offline_minutes: int = 30
    offline_sales: int = 20
    offline_minor: int | None = None
    cash_rounding: str = "none"
    csv_form: str = "comma"
    service_charges: tuple[ServiceCharge, ...] = ()

    @property
    def offline(self) -> OfflineLimits:
        """How much its desks take while the server does not answer."""
        return OfflineLimits(self.offline_minutes, self.offline_sales, self.offline_minor)

    @property
    def cash(self) -> CashRounding:
        """How what is paid in cash is rounded here."""
        return CASH_ROUNDINGS[self.cash_rounding]

    @property
    def tax_names(self) -> tuple[str, ...]:
        """What its taxes are called, the first one first."""
        return (self.tax_label, self.second_tax_label) if self.second_tax_label else (self.tax_label,)

    def tax_name(self, *, is_second: bool) -> str:
        """What one of its taxes is called."""
        return (is_second and self.second_tax_label) or self.tax_label

    @property
    def tax_numbers(self) -> tuple[tuple[str, str], ...]:
        """What the numbers of its taxes are called, if they have a name, and the numbers."""
        numbers = (self.tax_id_label, self.tax_id), (self.second_tax_id_label, self.second_tax_id)
        return tuple((label or "", number) for label, number in numbers if number)

    @property
    def paper_format(self) -> str:
        """The sheet of paper usual in its country: `letter` or `a4`."""
        return habits(self.country).paper

    @property
    def paper_name(self) -> str:
        """What that sheet is called."""
        return PAPER_NAMES[self.paper_format]

    def business_date(self, instant: datetime) -> date:
        """The trading day of an instant here."""
        return clock.business_date(instant, self.time_zone, self.cutoff_hour)

    def today(self) -> date:
        """The trading day now."""
        return self.business_date(clock.now())


@dataclass(frozen=True)
class DeskPlace:
    """A desk and the location it stands in."""

    id: UUID
    name: str
    place: Place
    paper: str = "80mm"

    @property
    def papers(self) -> tuple[str, str]:
        """The formats it prints receipts on, that of its printer first: `80mm` and the sheet of its country."""
        sheet = self.place.paper_format
        return (sheet, "80mm") if self.paper == "sheet" else ("80mm", sheet)


_FIELDS = Place.__struct_fields__
_PLACE = tuple(Location.__table__.c[name] for name in _FIELDS)


def as_place(row: Location | Row[Any]) -> Place:
    """The frozen facts of a location."""
    lists = {
        "address_lines": tuple(row.address_lines),
        "online_methods": tuple(row.online_methods),
        "service_charges": tuple(ServiceCharge.from_json(rule) for rule in row.service_charges),
    }
    return Place(**{name: getattr(row, name) for name in _FIELDS} | lists)


def place(session: Session, location_id: UUID) -> Place:
    """One location; raises NotFound."""
    row = session.get(Location, location_id)
    if row is None:
        raise NotFound(NO_SUCH_LOCATION)
    return as_place(row)


def places_called(found: Sequence[Place], name: str) -> tuple[Place, ...]:
    """The locations that a name asks for: a slug, a currency of theirs, or nothing for all; none for other names.

    Pages offer a currency where several locations have it and others another; a view saved then goes on with fewer.
    """
    return tuple(place for place in found if name in ("", place.slug, place.currency))


def place_by_slug(session: Session, slug: str) -> Place:
    """An open location by the word in its address; raises NotFound."""
    row = session.scalar(select(Location).where(Location.slug == slug, Location.active))
    if row is None:
        raise NotFound(NO_SUCH_CLINIC)
    return as_place(row)


def places(session: Session) -> tuple[Place, ...]:
    """The open locations in their order."""
    rows = session.scalars(select(Location).where(Location.active)).all()
    return tuple(as_place(row) for row in sorted(rows, key=lambda row: (row.position, name_key(row.name))))


def all_places(session: Session) -> tuple[Place, ...]:
    """Every location: the open ones in their order, then the retired ones, whose books are still read."""
    rows = session.scalars(select(Location)).all()
    return tuple(
        as_place(row) for row in sorted(rows, key=lambda row: (not row.active, row.position, name_key(row.name)))
    )


# The columns that `as_desk` reads.
DESK_COLUMNS: tuple[Any, ...] = (Desk.id.label("desk_id"), Desk.name.label("desk_name"), Desk.paper, *_PLACE)
_DESK = (
    select(*DESK_COLUMNS)
    .join_from(Desk, Location, Location.id == Desk.location_id)
    .where(Desk.id == bindparam("desk"), Desk.active, Location.active)
)


def as_desk(row: Row[Any]) -> DeskPlace:
    """The frozen facts of a desk and its location."""
    return DeskPlace(row.desk_id, row.desk_name, as_place(row), row.paper)


def desk_place(session: Session, desk_id: UUID) -> DeskPlace:
    """One desk with its location; raises NotFound."""
    found = execute(session, _DESK, desk=desk_id).first()
    if found is None:
        raise NotFound(NO_SUCH_DESK)
    return as_desk(found)


def paper_at(session: Session, location_id: UUID, desk_id: UUID | None) -> str:
    """The format a desk prints receipts on, retired or not; `80mm` where there is no desk."""
    row = session.get(Desk, desk_id) if desk_id else None
    return place(session, location_id).paper_format if row and row.paper == "sheet" else "80mm"


def desks(session: Session, location_id: UUID | None = None) -> tuple[DeskPlace, ...]:
    """The desks in use, of one location or of all."""
    query = select(Desk, Location).join(Location, Location.id == Desk.location_id).where(Desk.active, Location.active)
    if location_id is not None:
        query = query.where(Desk.location_id == location_id)
    rows = sorted(
        session.execute(query), key=lambda row: (row[1].position, name_key(row[1].name), name_key(row[0].name))
    )
    return tuple(DeskPlace(desk.id, desk.name, as_place(location), desk.paper) for desk, location in rows)


def tier_names(session: Session) -> dict[int, str]:
    """What the tiers of therapists are called, by level, the standard one first."""
    return {row.level: row.name for row in session.execute(select(Tier.level, Tier.name).order_by(Tier.level))}


@dataclass(frozen=True)
class DeskState:
    """A desk as the office lists it: retired ones too."""

    id: UUID
    name: str
    active: bool
    paper: str
    printer_id: UUID | None
    scanner_prefix: str
    scanner_suffix: str


def scanner_of(session: Session, desk_id: UUID) -> dict[str, str]:
    """What the scanner of a desk sends before and after each code."""
    row = session.get_one(Desk, desk_id)
    return {"prefix": row.scanner_prefix, "suffix": row.scanner_suffix}


def all_desks(session: Session, location_id: UUID) -> tuple[DeskState, ...]:
    """Every desk of a location: those in use by name, then the retired ones."""
    names = tuple(field.name for field in fields(DeskState))
    rows = session.execute(select(*(Desk.__table__.c[name] for name in names)).where(Desk.location_id == location_id))
    return tuple(
        DeskState(**{name: getattr(row, name) for name in names})
        for row in sorted(rows, key=lambda row: (not row.active, name_key(row.name)))
    )
