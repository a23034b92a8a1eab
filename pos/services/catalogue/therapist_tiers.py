"""Tiers of therapists: named, given to people, and priced by visit, location and day; each change is written down."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotAllowed, NotFound
from pos.core.i18n.sanitize import printable
from pos.core.money import LARGEST_MINOR
from pos.domain.catalogue.models import Item, TierPrice
from pos.domain.locations.models import Tier
from pos.domain.locations.queries import place, tier_names
from pos.domain.staff.models import Staff, StaffLocation
from pos.domain.staff.permissions import Role
from pos.domain.staff.queries import Person

MOST_TIERS = 9


def _note(session: Session, action: str, subject_id: UUID | None, person: Person, **detail: object) -> None:
    audit.note(
        session,
        f"tier.{action}",
        actor_kind="staff",
        actor_id=person.id,
        subject_id=subject_id,
        location_id=None,
        **detail,
    )


@unit_of_work
def name_tier(session: Session, *, level: int | None, name: str, person: Person) -> int:
    """Name a tier anew, or add one above the others (no level); returns its level. Raises Invalid, NotFound."""
    clean, known = " ".join(printable(name, 80).split()), tier_names(session)
    if not 0 < len(clean) <= 40:
        raise Invalid("Write a name of at most 40 characters.", field="name")
    if level is not None and level not in known:
        raise NotFound("There is no such tier.")
    if any(other.casefold() == clean.casefold() and of != level for of, other in known.items()):
        # Pressed twice, or the very same name: nothing is added.
        if level is None and known[max(known)] == clean:
            return max(known)
        raise Invalid("Another tier is called that.", field="name")
    if level is None:
        if len(known) >= MOST_TIERS:
            raise Invalid(f"There are at most {MOST_TIERS} tiers.", field="name")
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
        raise NotFound("There is no such person.")
    elsewhere = select(StaffLocation.staff_id).where(
        StaffLocation.staff_id == staff_id, StaffLocation.location_id.not_in(person.locations)
    )
    if person.role is not Role.OWNER and session.scalar(elsewhere.limit(1)) is not None:
        raise NotAllowed(
            "This person also works at another location, and a tier holds at each. Ask an owner.", field="tier"
        )
    if level not in tier_names(session):
        raise Invalid("Choose one of these.", field="tier")
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
        raise NotFound("There is no such location.")
    if level not in tier_names(session) or level == 0:
        raise Invalid("The standard tier costs what the visit costs. Choose another.", field="tier")
    item = session.get(Item, item_id)
    if item is None or item.kind != "variant":
        raise Invalid("Choose a treatment.", field="item")
    if from_on < place(session, location_id).today():
        raise Invalid("A price counts from today or later: what was sold before keeps its own.", field="from_on")
    if not 0 <= surcharge_minor <= LARGEST_MINOR // 100:
        raise Invalid("Write what it costs more, or 0 for nothing.", field="price")
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
