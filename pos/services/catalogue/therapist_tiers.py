"""Tiers of therapists: named, given to people, and priced by visit, location and day; each change is written down."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotAllowed, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.messages.catalogue import (
    NO_SUCH_TIER,
    PERSON_WORKS_ELSEWHERE_TOO,
    PRICE_START_IN_THE_PAST,
    STANDARD_TIER_HAS_NO_SURCHARGE,
    SURCHARGE_MISSING,
    TIER_NAME_MISSING_OR_LONG,
    TIER_NAME_TAKEN,
    TOO_MANY_TIERS,
    TREATMENT_MISSING,
)
from pos.core.messages.general import CHOOSE_ONE_OF_THESE, NO_SUCH_LOCATION
from pos.core.messages.people import NO_SUCH_PERSON
from pos.core.money import LARGEST_MINOR
from pos.domain.catalogue.models import Item, TierPrice
from pos.domain.locations.models import Tier
from pos.domain.locations.queries import place, tier_names
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person

MOST_TIERS = 9


def _note(session: Session, action: str, subject_id: UUID | None, person: Person, **detail: Any) -> None:
    audit.note(
        session,
        f"tier.{action}",
        actor_id=person.id,
        subject_id=subject_id,
        **detail,
    )


@unit_of_work
def name_tier(session: Session, *, level: int | None, name: str, person: Person) -> int:
    """Name a tier anew, or add one above the others (no level); returns its level. Raises Invalid, NotFound."""
    clean, known = printable(name, 80), tier_names(session)
    if not 0 < len(clean) <= 40:
        raise Invalid(TIER_NAME_MISSING_OR_LONG, field="name")
    if level is not None and level not in known:
        raise NotFound(NO_SUCH_TIER)
    if any(other.casefold() == clean.casefold() and of != level for of, other in known.items()):
        # Pressed twice, or the very same name: nothing is added.
        if level is None and known[max(known)] == clean:
            return max(known)
        raise Invalid(TIER_NAME_TAKEN, field="name")
    if level is None:
        if len(known) >= MOST_TIERS:
            raise Invalid(TOO_MANY_TIERS(most=MOST_TIERS), field="name")
        level = (session.scalar(select(func.max(Tier.level))) or 0) + 1
        session.add(Tier(level=level, name=clean))
    else:
        session.get_one(Tier, level).name = clean
    session.flush()
    if known.get(level) != clean:
        _note(session, "name", None, person, level=level, before=known.get(level), after=clean)
    return level


@unit_of_work
def give_tier(session: Session, *, staff_id: UUID, level: int, person: Person) -> None:
    """Say which tier somebody is; visits sold from now on are priced by it.

    A tier holds wherever they work. Raises NotFound, Invalid, NotAllowed for whoever does not work at each of these places.
    """
    works = select(StaffLocation.staff_id).where(
        StaffLocation.staff_id == staff_id, StaffLocation.location_id.in_(person.locations)
    )
    found = session.get(Staff, staff_id)
    if found is None or session.scalar(works) is None:
        raise NotFound(NO_SUCH_PERSON)
    elsewhere = select(StaffLocation.staff_id).where(
        StaffLocation.staff_id == staff_id, StaffLocation.location_id.not_in(person.locations)
    )
    if person.role is not Role.OWNER and session.scalar(elsewhere.limit(1)) is not None:
        raise NotAllowed(PERSON_WORKS_ELSEWHERE_TOO, field="tier")
    if level not in tier_names(session):
        raise Invalid(CHOOSE_ONE_OF_THESE, field="tier")
    if found.tier != level:
        _note(session, "staff", staff_id, person, before=found.tier, after=level)
        found.tier = level
        session.flush()


@unit_of_work
def price_tier(
    session: Session,
    *,
    level: int,
    item_id: UUID,
    location_id: UUID,
    from_on: date,
    surcharge_minor: int,
    person: Person,
) -> None:
    """Set what a visit costs more with a tier at a location from a day on; 0 ends it. What was sold stays as it was.

    Raises Invalid for a day that is over or a senseless amount, NotFound for what there is not.
    """
    if location_id not in person.locations:
        raise NotFound(NO_SUCH_LOCATION)
    if level not in tier_names(session) or level == 0:
        raise Invalid(STANDARD_TIER_HAS_NO_SURCHARGE, field="tier")
    item = session.get(Item, item_id)
    if item is None or item.kind != "variant":
        raise Invalid(TREATMENT_MISSING, field="item")
    if from_on < place(session, location_id).today():
        raise Invalid(PRICE_START_IN_THE_PAST, field="from_on")
    if not 0 <= surcharge_minor <= LARGEST_MINOR // 100:
        raise Invalid(SURCHARGE_MISSING, field="price")
    row = session.get(TierPrice, (level, item_id, location_id, from_on))
    before = row.surcharge_minor if row else None
    if row is None:
        row = TierPrice(level=level, item_id=item_id, location_id=location_id, from_on=from_on)
        session.add(row)
    row.surcharge_minor = surcharge_minor
    session.flush()
    if before != surcharge_minor:
        _note(
            session, "price", item_id, person, level=level, place=str(location_id), from_on=from_on.isoformat(),
            before=before, after=surcharge_minor,
        )  # fmt: skip
