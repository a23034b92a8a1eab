"""What each client brought in some days: visits, net sales, refunds and credits used; and their first and last visit."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.core.paging.portions import portions
from pos.domain.clients.models import Client
from pos.domain.clients.persons import merged_records, remaining
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import opens
from pos.reports.clients.client_days import BACK, CREDIT, NET, TREATED, VISITS, client_months
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Summed, report
from pos.reports.sales.figures import label

COLUMNS = (
    "Client", "Visits", label("net"), "Refunds, net", "Net after refunds", label("credits"), "First visit",
    "Last visit", "Currency",
)  # fmt: skip
_AT_ONCE = 60


# By currency and by the record that remains of a client, as 32 digits: their amounts but the last.
Sums = dict[str, dict[str, tuple[int, ...]]]


def client_sums(session: Session, scope: Scope) -> Sums:
    """What clients brought on the sales that are theirs."""
    currency = {place.id: place.currency for place in scope.places}
    found: Sums = {code: {} for code in scope.currencies}
    for _, month in client_months(session, scope):
        for where, (clients, *columns) in month:
            _add(found[currency[where]], zip(clients, zip(*columns[:TREATED], strict=True), strict=True))
    merged = merged_records(session)
    for own in found.values():
        for record, remains in merged.items():
            if amounts := own.pop(record.hex, None):
                _add(own, [(remains.hex, amounts)])
    return found


def _add(own: dict[str, tuple[int, ...]], rows: Iterable[tuple[str, tuple[int, ...]]]) -> None:
    for client, amounts in rows:
        before = own.get(client)
        own[client] = amounts if before is None else tuple(map(operator.add, before, amounts))


def _visits(session: Session, clients: Sequence[UUID], until: date) -> dict[UUID, tuple[date, date]]:
    """The first and the last day some clients were treated on their own sales, anywhere, until a day."""
    has = select(SaleLine.sale_id).where(SaleLine.sale_id == Sale.id, SaleLine.kind == "variant").exists()
    person: Any = remaining(Sale.client_id)
    records = select(Client.id).where(Client.id.in_(clients) | Client.merged_into_id.in_(clients))
    rows = session.execute(
        select(person, func.min(Sale.business_on), func.max(Sale.business_on))
        .where(Sale.client_id.in_(records), Sale.business_on <= until, has, ~is_voided(Sale.id))
        .group_by(person)
    )
    return {client: (first, last) for client, first, last in rows}


@report(
    "clients",
    title="Client value",
    about="What each client brought in these days, the most first, with their first and last visit.",
    columns=COLUMNS,
    summed=COLUMNS[1:6],
    by=COLUMNS[:1],
    permission=Permission.SEE_CLIENTS,
)
def client_value(session: Session, scope: Scope) -> Summed:
    """A row for each client and currency; sales without a client are not in it."""
    brought = client_sums(session, scope)
    return Summed(_client_rows(session, scope, brought), lambda: _sums(brought))


def _sums(brought: Sums) -> Iterator[tuple[Cell, ...]]:
    for code, of_clients in sorted(brought.items()):
        if of_clients:
            whole = [sum(column) for column in zip(*of_clients.values(), strict=True)]
            yield ("", *_cells(whole, code), None, None, code)


def _cells(amounts: Sequence[int], code: str) -> tuple[Cell, ...]:
    minors = (amounts[NET], -amounts[BACK], amounts[NET] - amounts[BACK], amounts[CREDIT])
    return (amounts[VISITS], *(Money(minor, code) for minor in minors))


def _client_rows(session: Session, scope: Scope, brought: Sums) -> Iterator[tuple[Cell, ...]]:
    for code, sums in sorted(brought.items()):
        # Sorted twice, so that there is no key of several parts for each of all clients.
        clients = sorted(client for client, amounts in sums.items() if any(amounts))
        clients.sort(key=lambda client: sums[client][BACK] - sums[client][NET])
        for some in portions(clients, _AT_ONCE):
            yield from _rows(session, some, sums, code, scope.to_on)


def _rows(
    session: Session, clients: Sequence[str], sums: Mapping[str, Sequence[int]], code: str, until: date
) -> Iterator[tuple[Cell, ...]]:
    keys = [UUID(client) for client in clients]
    known = {one.id: one.name for one in session.scalars(select(Client).where(Client.id.in_(keys)))}
    visits = _visits(session, keys, until)
    for client in keys:
        first, last = visits.get(client, (None, None))
        yield (opens(known.get(client), "client", client), *_cells(sums[client.hex], code), first, last, code)
