"""What clients have paid for and not had yet: the packages that live, what they are worth, and what the ledger says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, func, literal, or_, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.paging.window import Window
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.ledger.models import Posting
from pos.domain.locations.queries import Place

# Ages of what is owed, in months since it was sold: words and the age each begins at.
AGES = (("0–3 months", 0), ("3–6 months", 3), ("6–12 months", 6), ("over 12 months", 12))


@dataclass(frozen=True)
class DeferredRevenue:
    """What one location owes in sessions, net of tax; minor units of `currency`. `ages` follow AGES."""

    place: Place
    packages: int
    credits: int
    lots_minor: int
    ledger_minor: int
    ages: tuple[int, ...]

    @property
    def currency(self) -> str:
        """The location's currency."""
        return self.place.currency

    @property
    def agrees(self) -> bool:
        """Whether lots and ledger say the same."""
        return self.lots_minor == self.ledger_minor


@dataclass(frozen=True)
class LivePackage:
    """A package with credits left or held. `email` and `phone` are how its owner is reached."""

    package_id: UUID
    place: Place
    client_id: UUID
    client: str
    email: str | None
    phone: str | None
    name: str
    purchased_on: date
    expires_on: date | None
    quantity: int
    remaining: int
    held: int
    currency: str
    value_minor: int
    key: tuple[date, datetime, UUID]


_NEVER = date(9999, 12, 31)
# Soonest expiring first; what never ends stands last. `LivePackage.key` is the same of one.
_ORDER = (func.coalesce(CreditLot.expires_on, literal(_NEVER, Date)), CreditLot.granted_at, CreditLot.id)
_VALUE = CreditLot.net_minor - CreditLot.recognised_minor
_LIVE: ColumnElement[bool] = CreditLot.remaining + CreditLot.held > 0


def owed(session: Session, places: tuple[Place, ...]) -> list[DeferredRevenue]:
    """The outstanding liability of each location now, by age, beside the ledger's."""
    found = []
    for place in places:
        starts = [place.today()] + [clock.add_months(place.today(), -months) for _, months in AGES[1:]]
        at_place = CreditLot.location_id == place.id
        ages = []
        for number, start in enumerate(starts):
            age: Any = PurchasedPackage.purchased_on <= start if number else at_place
            if number + 1 < len(starts):
                age = age & (PurchasedPackage.purchased_on > starts[number + 1])
            query = (
                select(func.coalesce(func.sum(_VALUE), 0))
                .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
                .where(at_place, age)
            )
            ages.append(int(session.scalar(query) or 0))
        packages, credits = session.execute(
            select(func.count(), func.coalesce(func.sum(CreditLot.remaining + CreditLot.held), 0)).where(
                at_place, _LIVE
            )
        ).one()
        booked = session.scalar(
            select(func.coalesce(func.sum(Posting.amount_minor), 0)).where(
                Posting.location_id == place.id, Posting.account_key == "package_liability"
            )
        )
        found.append(DeferredRevenue(place, packages, int(credits), sum(ages), -int(booked or 0), tuple(ages)))
    return found


def live_packages(
    session: Session,
    places: tuple[Place, ...],
    *,
    window: Window,
    expiring_within: timedelta | None = None,
) -> list[LivePackage]:
    """Packages with something left, soonest expiring first; `expiring_within` keeps those that end so soon and are valid."""
    query = (
        select(PurchasedPackage, CreditLot, Client)
        .join(CreditLot, CreditLot.package_id == PurchasedPackage.id)
        .join(Client, Client.id == remaining(PurchasedPackage.client_id))
        .where(CreditLot.location_id.in_([place.id for place in places]), _LIVE)
    )
    if expiring_within is not None:
        today = min((place.today() for place in places), default=date.min)
        query = query.where(CreditLot.expires_on.between(today, today + expiring_within))
    known = {place.id: place for place in places}
    return [
        LivePackage(
            package_id=package.id,
            place=known[lot.location_id],
            client_id=client.id,
            client=client.name,
            email=client.email,
            phone=client.phone,
            name=package.name,
            purchased_on=package.purchased_on,
            expires_on=lot.expires_on,
            quantity=lot.quantity,
            remaining=lot.remaining,
            held=lot.held,
            currency=lot.currency,
            value_minor=lot.net_minor - lot.recognised_minor,
            key=(lot.expires_on or _NEVER, lot.granted_at, lot.id),
        )
        for package, lot, client in window.in_order(session.execute(window.of(query, _ORDER, newest_first=False)).all())
    ]


def credits_left(session: Session, client_ids: list[UUID], places: tuple[Place, ...]) -> dict[UUID, int]:
    """Credits left of some clients at some locations, expired ones included."""
    kept = func.coalesce(Client.merged_into_id, Client.id)
    rows = session.execute(
        select(kept, func.sum(CreditLot.remaining + CreditLot.held))
        .join(Client, Client.id == CreditLot.client_id)
        .where(
            or_(Client.id.in_(client_ids), Client.merged_into_id.in_(client_ids)),
            CreditLot.location_id.in_([place.id for place in places]),
        )
        .group_by(kept)
    )
    return {client_id: int(left) for client_id, left in rows}
