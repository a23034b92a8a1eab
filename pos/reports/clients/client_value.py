"""What each client brought in some days: visits, net sales, refunds and credits used; and their first and last visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.domain.clients.models import Client
from pos.domain.clients.persons import merged_records, remaining
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import opens
from pos.reports.analysis.scratch import Scratch
from pos.reports.clients.client_days import TREATED, client_months
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import Summed, report
from pos.reports.sales.figures import label

COLUMNS = (
    "Client", "Visits", label("net"), "Refunds, net", "Net after refunds", label("credits"), "First visit",
    "Last visit", "Currency",
)  # fmt: skip
_AT_ONCE = 60


# A record is its key as 32 digits; `merged` names the record that remains of each that was merged into another.
_TABLES = """
CREATE TABLE merged (record TEXT PRIMARY KEY, remains TEXT) WITHOUT ROWID;
CREATE TABLE days (record TEXT, sales INT, visits INT, net INT, credit INT, back INT);
"""
_ADD_UP = """
CREATE TABLE brought AS
SELECT coalesce(remains, record) AS client, sum(visits) AS visits, sum(net) AS net, sum(back) AS back, sum(credit) AS credit
FROM days LEFT JOIN merged USING (record)
GROUP BY client HAVING sum(sales) OR sum(visits) OR sum(net) OR sum(credit) OR sum(back)
"""
_BY_VALUE = "SELECT client, visits, net, back, credit FROM brought ORDER BY back - net, client"
_SUMS = "SELECT count(*), sum(visits), sum(net), sum(back), sum(credit) FROM brought"

# By currency.
Brought = dict[str, Scratch]


def _brought(session: Session, scope: Scope) -> Brought:
    """What clients brought on the sales that are theirs. In this process, the amounts of 100,000 clients took 30 MB."""
    found = {code: Scratch(_TABLES) for code in sorted(scope.currencies)}
    merged = [(record.hex, kept.hex) for record, kept in merged_records(session).items()]
    for sums in found.values():
        sums.write("INSERT INTO merged VALUES (?, ?)", merged)
    currency = {place.id: place.currency for place in scope.places}
    for _, month in client_months(session, scope):
        for where, columns in month:
            days = zip(*columns[: TREATED + 1], strict=True)
            found[currency[where]].write("INSERT INTO days VALUES (?, ?, ?, ?, ?, ?)", days)
    for sums in found.values():
        sums.read(_ADD_UP)
    return found


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
    brought = _brought(session, scope)
    return Summed(_client_rows(session, scope, brought), lambda: _sums(brought))


def _sums(brought: Brought) -> Iterator[tuple[Cell, ...]]:
    for code, sums in brought.items():
        clients, *amounts = next(sums.read(_SUMS))
        if clients:
            yield ("", *_cells(amounts, code), None, None, code)


def _cells(amounts: Sequence[int], code: str) -> tuple[Cell, ...]:
    visits, *minors = amounts
    net, back, credit = (Money(minor, code) for minor in minors)
    return visits, net, -back, net - back, credit


def _client_rows(session: Session, scope: Scope, brought: Brought) -> Iterator[tuple[Cell, ...]]:
    for code, sums in brought.items():
        ordered = sums.read(_BY_VALUE)
        while some := ordered.fetchmany(_AT_ONCE):
            yield from _rows(session, {UUID(client): amounts for client, *amounts in some}, code, scope.to_on)


def _rows(session: Session, sums: Mapping[UUID, Sequence[int]], code: str, until: date) -> Iterator[tuple[Cell, ...]]:
    known = {one.id: one.name for one in session.scalars(select(Client).where(Client.id.in_(sums)))}
    visits = _visits(session, [*sums], until)
    for client, amounts in sums.items():
        first, last = visits.get(client, (None, None))
        yield (opens(known.get(client), "client", client), *_cells(amounts, code), first, last, code)
