"""Packages and their credits by plan: sold, used, forfeited, refunded, expired, and what is live at the end of some days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.reports.analysis.opens import Behind
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report

# The change of what is left, credits set aside for a card included: setting aside changes nothing, a use takes one.
CHANGE = case((CreditMove.kind.in_(("hold", "release")), 0), (CreditMove.kind == "redeem", -1), else_=CreditMove.delta)
# How a move of credits counts, as in the roll-forward of their value; what is not named moved to another package.
COUNTS = {
    "grant": "sold",
    "redeem": "used",
    "reverse": "used",
    "burn": "forfeited",
    "restore": "forfeited",
    "refund": "refunded",
    "surrender": "refunded",
    "withdraw": "refunded",
    "reinstate": "refunded",
    "expire": "expired",
}


@dataclass
class PlanCredits:
    """The credits of one plan, as they changed in some days: opening + sold − used − … + moved = closing."""

    opening: int = 0
    packages: int = 0
    sold: int = 0
    used: int = 0
    forfeited: int = 0
    refunded: int = 0
    expired: int = 0
    moved: int = 0
    closing: int = 0
    live: int = 0

    def add(self, kind: str, delta: int) -> None:
        """Add moves of the days asked for."""
        name = COUNTS.get(kind, "moved")
        setattr(self, name, getattr(self, name) + (delta if name in ("sold", "moved") else -delta))
        self.closing += delta


def moves_of(scope: Scope, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Columns of the moves of credits of a scope's locations, with their lots and packages."""
    return (
        select(*columns)
        .select_from(CreditMove)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .where(CreditLot.location_id.in_(scope.location_ids))
    )


def plan_credits(session: Session, scope: Scope) -> dict[tuple[UUID, str], PlanCredits]:
    """The credits of each location and plan with any move up to the last day."""
    found: dict[tuple[UUID, str], PlanCredits] = {}
    keys = (CreditLot.location_id, PurchasedPackage.name)
    before = CreditMove.business_on < scope.from_on
    moves = (
        moves_of(scope, *keys, CreditMove.kind, before, func.sum(CHANGE))
        .where(CreditMove.business_on <= scope.to_on)
        .group_by(*keys, CreditMove.kind, before)
    )
    for location, name, kind, is_before, delta in session.execute(moves):
        plan = found.setdefault((location, name), PlanCredits())
        if is_before:
            plan.opening += int(delta)
            plan.closing += int(delta)
        else:
            plan.add(kind, int(delta))
    lots = (
        moves_of(scope, *keys, CreditLot.package_id)
        .where(CreditMove.business_on <= scope.to_on)
        .group_by(*keys, CreditLot.package_id)
        .having(func.sum(CHANGE) > 0)
        .subquery()
    )
    live = select(lots.c.location_id, lots.c.name, func.count()).group_by(lots.c.location_id, lots.c.name)
    for location, name, count in session.execute(live):
        found[location, name].live = count
    sold = (
        moves_of(scope, *keys, func.count(CreditMove.id))
        .where(
            CreditMove.business_on.between(scope.from_on, scope.to_on),
            CreditMove.kind == "grant",
            CreditLot.origin_lot_id.is_(None),
        )
        .group_by(*keys)
    )
    for location, name, count in session.execute(sold):
        found[location, name].packages = count
    return found


_SUMMED = (
    "Credits at the start", "Packages granted", "Credits granted", "Credits used", "Forfeited", "Refunded", "Expired",
    "Moved on", "Credits at the end", "Packages live at the end",
)  # fmt: skip


@report(
    "packages",
    title="Packages",
    about="Packages by plan: granted, their credits used, forfeited, refunded and expired, and what is live at the end.",
    columns=("Location", "Plan", *_SUMMED),
    summed=_SUMMED,
    by=("Location", "Plan"),
    behind="credit-moves",
)
def packages_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and plan; a past period read again gives the same rows."""
    found = plan_credits(session, scope)
    for place in scope.places:
        for (location, name), plan in sorted(found.items(), key=lambda pair: pair[0][1]):
            if location == place.id:
                words = Behind(name, location=place.slug, plan=name)
                yield (
                    place.name, words, plan.opening, plan.packages, plan.sold, plan.used, plan.forfeited, plan.refunded,
                    plan.expired, plan.moved, plan.closing, plan.live,
                )  # fmt: skip
