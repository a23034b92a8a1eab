"""Tips by person: given and paid out in some days, owed now; and the pools that are not shared out yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.domain.locations.queries import Place
from pos.domain.staff.queries import names
from pos.domain.tips import repository as tips
from pos.domain.tips.models import TipAllocation
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report


@dataclass(frozen=True)
class PersonTips:
    """One person's tips at one place, minor units: what came to them in the days asked for less what went back, what was
    paid out in them, and what is owed now.
    """

    staff_id: UUID
    name: str
    given_minor: int
    paid_minor: int
    owed_minor: int


@dataclass(frozen=True)
class PlaceTips:
    """The tips of one place. `pools`: business date → what of its pool is not shared out, minor units."""

    place: Place
    people: tuple[PersonTips, ...]
    pools: dict[date, int]

    @property
    def owed_minor(self) -> int:
        """What is owed to persons and in pools."""
        return sum(one.owed_minor for one in self.people) + sum(self.pools.values())


def tips_by_person(session: Session, scope: Scope) -> list[PlaceTips]:
    """The tips of each place of a scope; people in the order of their names."""
    paid = TipAllocation.kind == "payout"
    rows = session.execute(
        select(
            TipAllocation.location_id,
            TipAllocation.staff_id,
            func.sum(case((paid, 0), else_=TipAllocation.amount_minor)),
            func.sum(case((paid, -TipAllocation.amount_minor), else_=0)),
        )
        .where(
            TipAllocation.location_id.in_(scope.location_ids),
            TipAllocation.staff_id.is_not(None),
            TipAllocation.business_on.between(scope.from_on, scope.to_on),
        )
        .group_by(TipAllocation.location_id, TipAllocation.staff_id)
    )
    moved = {(where, staff_id): (int(given), int(out)) for where, staff_id, given, out in rows}
    known = names(session)
    found = []
    for place in scope.places:
        owed = tips.owed(session, place.id)
        people = {staff_id for where, staff_id in moved if where == place.id} | owed.keys()
        found.append(
            PlaceTips(
                place,
                tuple(
                    PersonTips(one, known.get(one, ""), *moved.get((place.id, one), (0, 0)), owed.get(one, 0))
                    for one in sorted(people, key=lambda one: (known.get(one, ""), str(one)))
                ),
                tips.pools(session, place.id),
            )
        )
    return found


@report(
    "tips",
    title="Tips",
    about="Tips by person: what came in and was paid out in these days, and what is owed now; then the open pools.",
    columns=("Location", "Person", "Given, less given back", "Paid out", "Owed now", "Currency"),
    summed=("Given, less given back", "Paid out", "Owed now"),
)
def tips_report(session: Session, scope: Scope) -> list[tuple[Cell, ...]]:
    """A row for each person of a location, and one for each date whose pool is not shared out."""
    rows: list[tuple[Cell, ...]] = []
    for found in tips_by_person(session, scope):
        where, code = found.place.name, found.place.currency
        for one in found.people:
            amounts = (one.given_minor, one.paid_minor, one.owed_minor)
            rows.append((where, one.name, *(Money(minor, code) for minor in amounts), code))
        for on, minor in found.pools.items():
            rows.append((where, f"Pool of {on.isoformat()}", None, None, Money(minor, code), code))
    return rows
