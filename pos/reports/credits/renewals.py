"""Whether clients buy again: packages whose last credit was used in some days, and those followed by a new package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pos.core.money import share_of
from pos.core.paging.portions import portions
from pos.domain.clients.models import Client
from pos.domain.credits.models import CreditLot, CreditMove, PurchasedPackage
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale
from pos.reports.analysis.opens import Behind, opens
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import report

# A package bought on the day of the last credit, or this many days after it, renews it.
RENEWED_WITHIN = timedelta(days=30)
COLUMNS = ("Location", "Plan", "Used up", "Renewed", "Not renewed yet", "Not renewed", "Renewed in percent")
PACKAGES = ("Location", "Plan", "Bought on", "Last credit used on", "Renewed on", "New package")
_AT_ONCE = 300


@dataclass(frozen=True)
class UsedUp:
    """A package whose last credit was used; `next_id` is the package its owner bought within the days, if any."""

    package_id: UUID
    location_id: UUID
    name: str
    client_id: UUID
    purchased_on: date
    ended_on: date
    next_id: UUID | None = None
    next_on: date | None = None
    next_name: str = ""
    next_location_id: UUID | None = None


def _change(move: CreditMove) -> int:
    """What a move changed of the credits left, those set aside for a card included."""
    if move.kind in ("hold", "release"):
        return 0
    return -1 if move.kind == "redeem" else move.delta


def _portions(keys: Collection[UUID]) -> Iterator[Sequence[UUID]]:
    return portions(sorted(keys, key=str), _AT_ONCE)


def _ended(session: Session, scope: Scope) -> Iterator[UsedUp]:
    """Packages that nothing is left of at the end of the days, and whose last credit was used in them."""
    touched = set(
        session.scalars(
            select(CreditLot.package_id)
            .join(CreditMove, CreditMove.lot_id == CreditLot.id)
            .where(
                CreditLot.location_id.in_(scope.location_ids),
                CreditMove.business_on.between(scope.from_on, scope.to_on),
                CreditMove.kind.in_(("redeem", "burn")),
                CreditMove.balance_after == 0,
            )
        )
    )
    for some in _portions(touched):
        left: dict[UUID, int] = defaultdict(int)
        last: dict[UUID, CreditMove] = {}
        rows = session.execute(
            select(CreditLot.package_id, CreditMove)
            .join(CreditMove, CreditMove.lot_id == CreditLot.id)
            .where(CreditLot.package_id.in_(some), CreditMove.business_on <= scope.to_on)
            .order_by(CreditMove.at, CreditMove.lot_id, CreditMove.seq)
        )
        for package, move in rows:
            if change := _change(move):
                left[package] += change
                last[package] = move
        done = {
            package: move.business_on
            for package, move in last.items()
            if not left[package] and move.kind in ("redeem", "burn") and move.business_on >= scope.from_on
        }
        for one in session.scalars(select(PurchasedPackage).where(PurchasedPackage.id.in_(done))):
            yield UsedUp(one.id, one.location_id, one.name, one.client_id, one.purchased_on, done[one.id])


def used_up(session: Session, scope: Scope) -> list[UsedUp]:
    """The packages used up in the days, each with the first package its owner bought in time, at any location."""
    found = list(_ended(session, scope))
    kept = {
        row.id: row.merged_into_id or row.id
        for some in _portions({one.client_id for one in found})
        for row in session.execute(select(Client.id, Client.merged_into_id).where(Client.id.in_(some)))
    }
    bought: dict[UUID, list[PurchasedPackage]] = defaultdict(list)
    for some in _portions(set(kept.values())):
        mine = or_(Client.id.in_(some), Client.merged_into_id.in_(some))
        rows = session.execute(
            select(Client.id, Client.merged_into_id, PurchasedPackage)
            .join(PurchasedPackage, PurchasedPackage.client_id == Client.id)
            .join(Sale, Sale.id == PurchasedPackage.sale_id)
            .where(mine, PurchasedPackage.purchased_on >= scope.from_on, ~is_voided(Sale.id))
            .order_by(PurchasedPackage.purchased_on, PurchasedPackage.created_at)
        )
        for record, into, package in rows:
            bought[into or record].append(package)
    result = []
    for one in found:
        following = (
            package
            for package in bought[kept[one.client_id]]
            if package.id != one.package_id and one.ended_on <= package.purchased_on <= one.ended_on + RENEWED_WITHIN
        )
        new = next(following, None)
        facts = (one.package_id, one.location_id, one.name, one.client_id, one.purchased_on, one.ended_on)
        result.append(UsedUp(*facts, new.id, new.purchased_on, new.name, new.location_id) if new else one)
    return sorted(result, key=lambda one: (one.ended_on, str(one.package_id)))


def _packages(session: Session, scope: Scope) -> Sequence[Sheet]:
    return [Sheet("Packages", PACKAGES, package_rows(session, scope))]


def package_rows(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """One row for each package used up, in the order of its last credit."""
    for one in used_up(session, scope):
        if scope.only.plan not in ("", one.name):
            continue
        own = opens(one.name, "package", one.package_id)
        # What was bought elsewhere has no page for whoever works at these locations only.
        is_here = one.next_location_id in scope.location_ids
        new = opens(one.next_name, "package", one.next_id if is_here else None)
        yield scope.place(one.location_id).name, own, one.purchased_on, one.ended_on, one.next_on, new


@report(
    "renewals",
    title="Renewals",
    about="Packages used up in these days, and how many of their owners bought a package within 30 days of the last credit.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    by=COLUMNS[:2],
    averaged=COLUMNS[-1:],
    behind="packages-used-up",
    more_sheets=_packages,
)
def renewals(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and plan; the rate is of those whose 30 days are over or who have renewed."""
    found: dict[tuple[UUID, str], list[UsedUp]] = defaultdict(list)
    for one in used_up(session, scope):
        found[one.location_id, one.name].append(one)
    for place in scope.places:
        for (where, name), ended in sorted(found.items(), key=lambda pair: pair[0][1]):
            if where == place.id:
                again = sum(one.next_id is not None for one in ended)
                waiting = sum(one.next_id is None and one.ended_on + RENEWED_WITHIN >= place.today() for one in ended)
                decided = len(ended) - waiting
                rate = share_of(again, decided) if decided else None
                plan = Behind(name, location=place.slug, plan=name)
                yield place.name, plan, len(ended), again, waiting, decided - again, rate


report(
    "packages-used-up",
    title="Packages used up",
    about="Each package whose last credit was used in these days, and the package its owner bought after it.",
    columns=PACKAGES,
    filters=("plan",),
)(package_rows)
