"""Clients by month: how many were treated, for the first time or again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.paging.portions import portions
from pos.domain.clients.models import Client
from pos.domain.clients.persons import merged_records
from pos.domain.locations.queries import all_places
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine
from pos.reports.analysis.by_month import months
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Location",
    "Month",
    "Clients",
    "New clients",
    "Returning clients",
    "New in percent",
    "Visits",
    "Visits a client",
)
_AT_ONCE = 500
_BEFORE, _OF_BEFORE = aliased(Sale), aliased(SaleLine)


@dataclass
class Seen:
    """Who was treated at a place in a month."""

    visits: int
    new: int
    returning: int

    @property
    def clients(self) -> int:
        """All of them."""
        return self.new + self.returning


def _visits(session: Session, scope: Scope) -> Iterator[tuple[UUID, UUID, int]]:
    """Location, record and visits: of clients on their own sales, and of those whom a line of somebody's sale names."""
    line = (SaleLine.sale_id == Sale.id) & (SaleLine.kind == "variant")
    own = select(SaleLine.sale_id).where(line, SaleLine.person_id.is_(None)).correlate(Sale).exists()
    kept = in_scope(scope) & ~is_voided(Sale.id)
    queries: tuple[Any, ...] = (
        select(Sale.location_id, Sale.client_id, func.count())
        .where(kept, Sale.client_id.is_not(None), own)
        .group_by(Sale.location_id, Sale.client_id),
        select(Sale.location_id, SaleLine.person_id, func.count(Sale.id.distinct()))
        .join(SaleLine, line)
        .where(kept, SaleLine.person_id.is_not(None))
        .group_by(Sale.location_id, SaleLine.person_id),
    )
    for query in queries:
        for where, record, count in session.execute(query):
            yield where, record, int(count)


def _was_treated(client: Any, before: date) -> ColumnElement[bool]:
    """Whether a record was treated before a day, anywhere: on a sale of their own, or named on somebody's."""
    past = (_BEFORE.business_on < before) & ~is_voided(_BEFORE.id)
    line = (_OF_BEFORE.sale_id == _BEFORE.id) & (_OF_BEFORE.kind == "variant")
    own = select(_OF_BEFORE.sale_id).where(line, _OF_BEFORE.person_id.is_(None)).correlate(_BEFORE).exists()
    of_own = select(_BEFORE.id).where(_BEFORE.client_id == client, past, own).exists()
    named = select(_BEFORE.id).join(_OF_BEFORE, line).where(_OF_BEFORE.person_id == client, past).exists()
    return or_(of_own, named)


def _earlier(session: Session, records: Collection[UUID], before: date) -> set[UUID]:
    """Those of some records that were treated before a day."""
    found: set[UUID] = set()
    for some in portions(sorted(records, key=str), _AT_ONCE):
        found |= set(session.scalars(select(Client.id).where(Client.id.in_(some), _was_treated(Client.id, before))))
    return found


def _any_before(session: Session, scope: Scope) -> bool:
    """Whether anything was sold before the days of a scope."""
    before = select(Sale.id).where(Sale.location_id.in_(scope.location_ids), Sale.business_on < scope.from_on)
    return session.scalar(before.limit(1)) is not None


def seen(session: Session, scope: Scope) -> Iterator[tuple[Scope, dict[UUID, Seen]]]:
    """Who was treated in each month of a scope, by location; new is who was never treated before that month, anywhere."""
    everywhere = replace(scope, places=all_places(session))
    merged, records_of = merged_records(session), defaultdict[UUID, list[UUID]](list)
    for record, kept in merged.items():
        records_of[kept].append(record)
    has_past = _any_before(session, everywhere)
    known: set[UUID] = set()
    for month in months(everywhere):
        visits: dict[UUID, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
        for where, record, count in _visits(session, month):
            visits[where][merged.get(record, record)] += count
        people = {person for own in visits.values() for person in own}
        if has_past:
            # Who came in an earlier month of these days is known already.
            records = {one for person in people - known for one in (person, *records_of.get(person, ()))}
            known |= {merged.get(record, record) for record in _earlier(session, records, scope.from_on)}
        yield (
            month,
            {
                where: Seen(sum(own.values()), len(own.keys() - known), len(own.keys() & known))
                for where, own in visits.items()
            },
        )
        known |= people


@report(
    "new-clients",
    title="New and returning clients",
    about="Clients treated in each month: those who had never been treated before it, at any location, and the others.",
    columns=COLUMNS,
)
def new_clients(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each month and location with visits of known clients; a void is no visit."""
    for month, found in seen(session, scope):
        for place in scope.places:
            if one := found.get(place.id):
                share = (Decimal(100 * one.new) / one.clients).quantize(Decimal("0.1"))
                each = (Decimal(one.visits) / one.clients).quantize(Decimal("0.01"))
                when = f"{month.from_on:%Y-%m}"
                yield place.name, when, one.clients, one.new, one.returning, share, one.visits, each
