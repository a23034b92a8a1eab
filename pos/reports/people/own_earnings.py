"""What one person earned: their commission and their tips line by line, and what tips are due to them. Of nobody else.

Made for each person and not declared in the registry, whose reports show everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.domain.receipts.models import Receipt
from pos.domain.staff.permissions import Permission
from pos.domain.tips.models import TipAllocation
from pos.reports.analysis.opens import words
from pos.reports.exporters import Cell
from pos.reports.people.commissions import commission_lines, commissions
from pos.reports.people.tips import TipsDue, tips_due
from pos.reports.period import Only, Scope
from pos.reports.registry import Report

COLUMNS = (
    "Date", "Time", "Location", "What", "Receipt", "Item", "Base", "Percent", "Commission", "Tips", "Currency",
)  # fmt: skip
HEADS = {"title": "Your earnings", "about": "Your commission and your tips in these days, line by line."}
TIP_WORDS = words(
    {
        "sale": "Tip",
        "refund": "Tip given back",
        "move": "Tip moved",
        "pool_share": "Share of a pool",
        "payout": "Tips paid out",
    }
)


@dataclass
class Earnings:
    """One person's earnings at one location or in one currency, minor units; the tips each signed as they changed what is
    due."""

    commission_minor: int = 0
    tips: TipsDue = field(default_factory=TipsDue)

    def add(self, other: Earnings) -> None:
        """Take earnings of the same currency in."""
        self.commission_minor += other.commission_minor
        for name in TipsDue.__dataclass_fields__:
            setattr(self.tips, name, getattr(self.tips, name) + getattr(other.tips, name))


def earnings(session: Session, scope: Scope, person_id: UUID) -> dict[UUID, Earnings]:
    """What somebody earned in some days and has due at their end, by location; of those where there was anything."""
    mine = replace(scope, only=Only(therapist=person_id))
    found: dict[UUID, Earnings] = {}
    for (where, _person), earned in commissions(session, mine).items():
        found.setdefault(where, Earnings()).commission_minor += earned.commission
    for where, held in tips_due(session, scope).items():
        if (own := held.get(person_id)) is not None:
            found.setdefault(where, Earnings()).add(Earnings(0, own))
    return found


def by_currency(found: dict[UUID, Earnings], scope: Scope) -> dict[str, Earnings]:
    """Earnings at the locations of a scope, by their currencies; the first currency also where nothing was earned in it."""
    sums = {code: Earnings() for code in scope.currencies}
    earned = set(scope.currencies[:1])
    for place in scope.places:
        if place.id in found:
            sums[place.currency].add(found[place.id])
            earned.add(place.currency)
    return {code: one for code, one in sums.items() if code in earned}


def _tips(session: Session, scope: Scope, person_id: UUID) -> Iterator[tuple[Cell, ...]]:
    query = (
        select(TipAllocation, Receipt.label)
        .outerjoin(Receipt, Receipt.sale_id == TipAllocation.sale_id)
        .where(
            TipAllocation.location_id.in_(scope.location_ids),
            TipAllocation.staff_id == person_id,
            TipAllocation.business_on.between(scope.from_on, scope.to_on),
        )
        .order_by(TipAllocation.business_on, TipAllocation.at, TipAllocation.action_id, TipAllocation.position)
    )
    for one, number in session.execute(query):
        place = scope.place(one.location_id)
        head = (one.business_on, local_minute(one.at, place.time_zone), place.name, TIP_WORDS[one.kind], number or "")
        yield (*head, "", None, None, None, Money(one.amount_minor, place.currency), place.currency)


def own_report(person_id: UUID) -> Report:
    """The lines of somebody's earnings in the order of time, as a report."""

    def rows(session: Session, scope: Scope) -> list[tuple[Cell, ...]]:
        found: list[tuple[Cell, ...]] = []
        mine = replace(scope, only=Only(therapist=person_id))
        for on, at, place, _name, number, item, what, base, percent, minor, code in commission_lines(session, mine):
            found.append((on, at, place, what, str(number), item, base, percent, minor, None, code))
        found += _tips(session, scope, person_id)

        def moment(row: tuple[Any, ...]) -> tuple[Any, ...]:
            return row[:2]

        return sorted(found, key=moment)

    return Report(
        name="your-earnings",
        title=HEADS["title"],
        about=HEADS["about"],
        columns=COLUMNS,
        rows=rows,
        permission=Permission.OWN,
        file_permission=Permission.OWN,
        summed=("Commission", "Tips"),
    )
