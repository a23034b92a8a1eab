"""What each client brought in some days: visits, net sales, refunds and credits used; and their first and last visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.core.paging.portions import portions
from pos.domain.clients.models import Client
from pos.domain.clients.persons import merged_records, remaining
from pos.domain.credits.models import Redemption
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.figures import label
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Client", "Visits", label("net"), "Refunds, net", "Net after refunds", label("credits"), "First visit",
    "Last visit", "Currency",
)  # fmt: skip
_AT_ONCE = 60


@dataclass
class ClientSums:
    """What one client brought in one currency, minor units; `back_minor` is positive."""

    visits: int = 0
    net_minor: int = 0
    back_minor: int = 0
    credit_minor: int = 0


def client_sums(session: Session, scope: Scope) -> dict[tuple[UUID, str], ClientSums]:
    """The sums by the record that remains of a client, and by currency: of the sales that are theirs."""
    currency = {place.id: place.currency for place in scope.places}
    kept = merged_records(session)
    found: dict[tuple[UUID, str], ClientSums] = defaultdict(ClientSums)
    keys, known = (Sale.client_id, Sale.location_id), Sale.client_id.is_not(None)

    def of(client: UUID | None, where: UUID) -> ClientSums:
        assert client is not None  # by the condition `known`
        return found[kept.get(client) or client, currency[where]]

    # Grouped by sale first: a sale of several treatments is one visit.
    is_visit = case((SaleLine.kind == "variant", 1), else_=0)
    net = case((SaleLine.kind == "gift_card", 0), else_=SaleLine.net_minor)
    each = (
        select(*keys, func.max(is_visit).label("visits"), func.sum(net).label("net"))
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(in_scope(scope), known)
        .group_by(Sale.id, *keys)
        .subquery()
    )
    own = (each.c.client_id, each.c.location_id)
    for client, where, visits, minor in session.execute(
        select(*own, func.sum(each.c.visits), func.sum(each.c.net)).group_by(*own)
    ):
        one = of(client, where)
        one.visits, one.net_minor = one.visits + int(visits), one.net_minor + int(minor)
    # A void is no visit.
    voided = (
        select(*keys, func.count(Sale.id.distinct()))
        .join(SaleLine, (SaleLine.sale_id == Sale.id) & (SaleLine.kind == "variant"))
        .join(Refund, (Refund.sale_id == Sale.id) & (Refund.kind == "void"))
        .where(in_scope(scope), known)
        .group_by(*keys)
    )
    for client, where, visits in session.execute(voided):
        of(client, where).visits -= int(visits)
    uses = (
        select(*keys, func.sum(Redemption.value_minor))
        .join(Sale, Sale.id == Redemption.sale_id)
        .where(in_scope(scope), known)
        .group_by(*keys)
    )
    for client, where, minor in session.execute(uses):
        of(client, where).credit_minor += int(minor)
    back = (
        select(Sale.client_id, Refund.location_id, func.sum(RefundLine.net_minor))
        .select_from(RefundLine)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(Sale, Sale.id == Refund.sale_id)
        .where(refunds_in(scope), known, RefundLine.kind != "gift_card")
        .group_by(Sale.client_id, Refund.location_id)
    )
    for client, where, minor in session.execute(back):
        of(client, where).back_minor += int(minor)
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
    permission=Permission.SEE_CLIENTS,
)
def client_value(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each client and currency; sales without a client are not in it."""
    found = sorted(
        client_sums(session, scope).items(),
        key=lambda pair: (pair[0][1], pair[1].back_minor - pair[1].net_minor, str(pair[0][0])),
    )
    for part in portions(found, _AT_ONCE):
        clients = [client for (client, _), _ in part]
        known = {one.id: one.name for one in session.scalars(select(Client).where(Client.id.in_(clients)))}
        visits = _visits(session, clients, scope.to_on)
        for (client, code), one in part:
            first, last = visits.get(client, (None, None))
            amounts = (one.net_minor, -one.back_minor, one.net_minor - one.back_minor, one.credit_minor)
            money = (Money(minor, code) for minor in amounts)
            yield (opens(known.get(client), "client", client), one.visits, *money, first, last, code)
