"""Clients by month: how many were treated, for the first time or again, and who they are."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from pos.core.money import ratio, share_of
from pos.core.paging.portions import portions
from pos.domain.clients.models import Client
from pos.domain.clients.persons import merged_records
from pos.domain.locations.queries import Place, all_places
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import Behind, Month, Word, opens
from pos.reports.clients.client_days import TREATED, Columns, client_months
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Summed, report, sum_row

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
CLIENTS = ("Location", "Month", "Client", "New or returning", "Visits")
_WORDS = {True: Word("New"), False: Word("Returning")}
_AT_ONCE, _NAMES_AT_ONCE = 500, 60
_BEFORE, _OF_BEFORE = aliased(Sale), aliased(SaleLine)


@dataclass(frozen=True)
class Seen:
    """Who was treated at a place in a month: how often, by the key of their record as 32 digits, and who of them is new."""

    visits: Mapping[str, int]
    new: Collection[str]


def _was_treated(client: Any, before: date) -> ColumnElement[bool]:
    """Whether a record was treated before a day, anywhere: on a sale of their own, or named on somebody's."""
    past = (_BEFORE.business_on < before) & ~is_voided(_BEFORE.id)
    line = (_OF_BEFORE.sale_id == _BEFORE.id) & (_OF_BEFORE.kind == "variant")
    own = select(_OF_BEFORE.sale_id).where(line, _OF_BEFORE.person_id.is_(None)).correlate(_BEFORE).exists()
    of_own = select(_BEFORE.id).where(_BEFORE.client_id == client, past, own).exists()
    named = select(_BEFORE.id).join(_OF_BEFORE, line).where(_OF_BEFORE.person_id == client, past).exists()
    return or_(of_own, named)


def _earlier(session: Session, records: Collection[str], before: date) -> set[str]:
    """Those of some records that were treated before a day."""
    found: set[str] = set()
    for some in portions([UUID(record) for record in sorted(records)], _AT_ONCE):
        earlier = select(Client.id).where(Client.id.in_(some), _was_treated(Client.id, before))
        found |= {record.hex for record in session.scalars(earlier)}
    return found


def _any_before(session: Session, scope: Scope) -> bool:
    """Whether anything was sold before the days of a scope."""
    before = select(Sale.id).where(Sale.location_id.in_(scope.location_ids), Sale.business_on < scope.from_on)
    return session.scalar(before.limit(1)) is not None


def _treated(parts: Iterable[tuple[UUID, Columns]], merged: Mapping[str, str]) -> dict[UUID, dict[str, int]]:
    """How often each person was treated at each location: on their own sales, and named by a line of somebody's; a void is
    no visit. Persons by the key of their record as 32 digits."""
    found: dict[UUID, dict[str, int]] = {}
    for where, (clients, *columns) in parts:
        own = found.setdefault(where, {})
        for client, times in zip(clients, columns[TREATED], strict=True):
            if times:
                own[client] = own.get(client, 0) + times
    for own in found.values():
        for record in own.keys() & merged.keys():
            remains = merged[record]
            own[remains] = own.get(remains, 0) + own.pop(record)
    return {where: {client: times for client, times in own.items() if times} for where, own in found.items()}


def seen(session: Session, scope: Scope) -> Iterator[tuple[Scope, dict[UUID, Seen]]]:
    """Who was treated in each month of a scope, by location; new is who was never treated before that month, anywhere."""
    everywhere = replace(scope, places=all_places(session))
    merged, records_of = {}, defaultdict[str, list[str]](list)
    for record, kept in merged_records(session).items():
        merged[record.hex] = kept.hex
        records_of[kept.hex].append(record.hex)
    has_past = _any_before(session, everywhere)
    known: list[int] = []
    for month, parts in client_months(session, everywhere):
        visits = _treated(parts, merged)
        new = {person for own in visits.values() for person in own if not _is_in(known, int(person, 16))}
        if has_past:
            # Who came in an earlier month of these days is known already.
            records = {one for person in new for one in (person, *records_of.get(person, ()))}
            earlier = {merged.get(record, record) for record in _earlier(session, records, scope.from_on)}
        else:
            earlier = set()
        yield month, {where: Seen(own, own.keys() & (new - earlier)) for where, own in visits.items() if own}
        known += (int(person, 16) for person in new)
        known.sort()


def _is_in(ordered: Sequence[int], number: int) -> bool:
    """Whether a number is among ordered ones. 100,000 keys as numbers in a list take 6 MB, as texts in a set 15."""
    at = bisect_left(ordered, number)
    return at < len(ordered) and ordered[at] == number


@report(
    "new-clients",
    title="New and returning clients",
    about="Clients treated in each month: those who had never been treated before it, at any location, and the others.",
    columns=COLUMNS,
    summed=("Visits",),
    by=COLUMNS[:2],
    averaged=tuple(name for name in COLUMNS[2:] if name != "Visits"),
    behind="treated-clients",
)
def new_clients(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each month and location with visits of known clients; a void is no visit."""
    for month, found in seen(session, scope):
        for place in scope.places:
            if one := found.get(place.id):
                clients, new, visits = len(one.visits), len(one.new), sum(one.visits.values())
                shares = share_of(new, clients), visits, ratio(visits, clients, 2)
                days = {"from": month.from_on, "to": month.to_on}
                name = Behind(_month(month), location=place.slug, **days)
                yield place.name, name, clients, new, clients - new, *shares


def _month(month: Scope) -> Month:
    return Month(f"{month.from_on:%Y-%m}")


@report(
    "treated-clients",
    title="Clients treated",
    about="Each client treated in a month, whether for the first time at any location or again, and how often.",
    columns=CLIENTS,
    summed=("Visits",),
    permission=Permission.SEE_CLIENTS,
)
def treated_clients(session: Session, scope: Scope) -> Summed:
    """A row for each month, location and client with visits; of a month those who came most often first.

    Months are read one by one, and once more for their sums: all of three years at once filled the memory.
    """
    return Summed(_client_rows(session, _asked(session, scope)), lambda: _sums(_asked(session, scope)))


def _asked(session: Session, scope: Scope) -> Iterator[tuple[Scope, Place, Seen]]:
    """Who was treated at the places of a scope, month by month."""
    return (
        (month, place, own[place.id])
        for month, own in seen(session, scope)
        for place in scope.places
        if place.id in own
    )


def _sums(found: Iterable[tuple[Scope, Place, Seen]]) -> list[tuple[Cell, ...]]:
    visits = [sum(one.visits.values()) for _, _, one in found]
    return [sum_row(CLIENTS, {"Visits": sum(visits)})] if visits else []


def _client_rows(session: Session, found: Iterable[tuple[Scope, Place, Seen]]) -> Iterator[tuple[Cell, ...]]:
    for month, place, one in found:
        ordered = sorted(one.visits, key=lambda client: (-one.visits[client], client))
        for some in portions([UUID(client) for client in ordered], _NAMES_AT_ONCE):
            known = {row.id: row.name for row in session.scalars(select(Client).where(Client.id.in_(some)))}
            for key in some:
                what = _WORDS[key.hex in one.new]
                yield place.name, _month(month), opens(known.get(key), "client", key), what, one.visits[key.hex]
