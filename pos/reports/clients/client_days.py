"""What each client brought and how often they were treated, day by day: from the totals of past days, else from rows.

A void changes what the day of its sale comes to, whenever it is made. So the sums here are of all sales, and the visits of
voided ones are taken off when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, null, select
from sqlalchemy.orm import Session

from pos.core.database.day_totals import DayTotals
from pos.domain.credits.models import Redemption
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine
from pos.reports.analysis.by_month import months
from pos.reports.period import Scope
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope
from pos.reports.totals.stored import read

# Of one record on one day, in this order: sales of theirs, those of them with a treatment, net sales without gift cards, the
# value of credits used, what was given back of net sales, and times that they were treated themselves, on whosever sale.
SALES, VISITS, NET, CREDIT, BACK, TREATED = range(6)
# A list for each of these amounts, behind one of the keys of the records as 32 digits: seven lists for the 300 records of a
# day are read sooner than 300, and whoever needs one amount goes through one.
Columns = list[list[Any]]
_is_visit = SaleLine.kind == "variant"
# On a sale of their own, a line that names nobody is theirs.
_is_own = and_(_is_visit, SaleLine.person_id.is_(None))


def _flag(condition: Any) -> Any:
    return func.max(case((condition, 1), else_=0))


def _day(on: Any, daily: bool) -> Any:
    return on if daily else null().label("day")


def _queries(scope: Scope, *, daily: bool) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """Queries of location, day, record and amounts, each with the places of its amounts; a day is None if not `daily`."""
    keys = (Sale.location_id, _day(Sale.business_on, daily), Sale.client_id)
    groups = (Sale.location_id, *((Sale.business_on,) if daily else ()), Sale.client_id)
    here, known = in_scope(scope), Sale.client_id.is_not(None)
    # Grouped by sale first: a sale of several treatments is one visit.
    net = func.sum(case((SaleLine.kind == "gift_card", 0), else_=SaleLine.net_minor))
    each = (
        select(
            Sale.location_id.label("place"), _day(Sale.business_on, daily).label("day"), Sale.client_id.label("client"),
            _flag(_is_visit).label("visits"), net.label("net"), _flag(_is_own).label("own"),
        )
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(here, known)
        .group_by(Sale.id, Sale.location_id, Sale.business_on, Sale.client_id)
        .subquery()
    )  # fmt: skip
    sums = (func.count(), func.sum(each.c.visits), func.sum(each.c.net), func.sum(each.c.own))
    by = (each.c.place, each.c.day, each.c.client)
    yield select(*by, *sums).group_by(*by), (SALES, VISITS, NET, TREATED)
    uses = select(*keys, func.sum(Redemption.value_minor)).join(Sale, Sale.id == Redemption.sale_id)
    yield uses.where(here, known).group_by(*groups), (CREDIT,)
    back = (
        select(
            Refund.location_id, _day(Refund.business_on, daily), Sale.client_id, func.sum(RefundLine.net_minor)
        )
        .select_from(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(Sale, Sale.id == Refund.sale_id)
        .where(refunds_in(scope), known, RefundLine.kind != "gift_card")
        .group_by(Refund.location_id, *((Refund.business_on,) if daily else ()), Sale.client_id)
    )  # fmt: skip
    yield back, (BACK,)
    named = (
        select(Sale.location_id, _day(Sale.business_on, daily), SaleLine.person_id, func.count(Sale.id.distinct()))
        .join(SaleLine, and_(SaleLine.sale_id == Sale.id, _is_visit))
        .where(here, SaleLine.person_id.is_not(None))
        .group_by(Sale.location_id, *((Sale.business_on,) if daily else ()), SaleLine.person_id)
    )
    yield named, (TREATED,)


def _of_rows(session: Session, scope: Scope, *, daily: bool) -> Iterator[tuple[UUID, date | None, Columns]]:
    found: dict[tuple[UUID, date | None], dict[str, list[int]]] = {}
    for query, places in _queries(scope, daily=daily):
        for where, on, client, *amounts in session.execute(query):
            own = found.setdefault((where, on), {}).setdefault(client.hex, [0] * 6)
            for at, amount in zip(places, amounts, strict=True):
                own[at] += int(amount)
    for (where, on), sums in found.items():
        rows = sorted(sums.items())
        yield where, on, [[client for client, _ in rows], *map(list, zip(*(own for _, own in rows), strict=True))]


def kept_of_rows(session: Session, scope: Scope) -> dict[date | None, Columns]:
    """What the totals of each day of one location keep."""
    return {on: columns for _, on, columns in _of_rows(session, scope, daily=True)}


def _voided(session: Session, scope: Scope) -> Iterator[tuple[UUID, date, str, int, int]]:
    """Of the voided sales of a scope: location, day of the sale, record, visits and times treated, which do not count."""
    # A sale is voided where it was made, on its day or later.
    there = and_(Refund.location_id.in_(scope.location_ids), Refund.business_on >= scope.from_on)
    here = and_(in_scope(scope), Sale.id.in_(select(Refund.sale_id).where(there, Refund.kind == "void")))
    keys = (Sale.location_id, Sale.business_on)
    each = (
        select(*keys, Sale.client_id, _flag(_is_visit), _flag(_is_own))
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(here, Sale.client_id.is_not(None))
        .group_by(Sale.id, *keys, Sale.client_id)
    )
    for where, on, client, visits, own in session.execute(each):
        assert client is not None  # by the condition
        yield where, on, client.hex, int(visits), int(own)
    named = (
        select(*keys, SaleLine.person_id, func.count(Sale.id.distinct()))
        .join(SaleLine, and_(SaleLine.sale_id == Sale.id, _is_visit))
        .where(here, SaleLine.person_id.is_not(None))
        .group_by(*keys, SaleLine.person_id)
    )
    for where, on, client, times in session.execute(named):
        assert client is not None  # by the condition
        yield where, on, client.hex, 0, int(times)


def client_months(session: Session, scope: Scope) -> Iterator[tuple[Scope, Iterator[tuple[UUID, Columns]]]]:
    """The days of a scope a month at a time, for years at once would fill the memory: of each location, what there is to add
    up, and with a minus what does not count. Days are read as they are asked for, before the next month is."""
    voided = list(_voided(session, scope))
    for month in months(session, scope):
        yield month, _days(session, month, voided)


def _days(
    session: Session, month: Scope, voided: Iterable[tuple[UUID, date, str, int, int]]
) -> Iterator[tuple[UUID, Columns]]:
    stored = read(session, month, DayTotals.clients)
    yield from ((where, columns) for (where, _on), columns in stored.read() if columns)
    for gap in stored.gaps:
        yield from ((where, columns) for where, _all, columns in _of_rows(session, gap, daily=False))
    for where, on, client, visits, treated in voided:
        if month.from_on <= on <= month.to_on:
            yield where, [[client], [0], [-visits], [0], [0], [0], [-treated]]
