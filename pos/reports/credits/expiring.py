"""Credits that end on some days, and how their holders are reached."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report

COLUMNS = (
    "Last day", "Location", "Client", "Email", "Phone", "Plan", "Credits left", "Worth, before tax", "Currency"
)  # fmt: skip


@report(
    "expiring-credits",
    title="Credits that expire",
    about="Credits whose last day is one of these days, past or to come, with who holds them and how they are reached.",
    columns=COLUMNS,
    summed=("Credits left", "Worth, before tax"),
    permission=Permission.SEE_CLIENTS,
)
def expiring_credits(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each lot with credits left, by its last day; what has ended already has none left."""
    query = (
        select(CreditLot, PurchasedPackage.name, Client)
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .join(Client, Client.id == remaining(CreditLot.client_id))
        .where(
            CreditLot.location_id.in_(scope.location_ids),
            CreditLot.expires_on.between(scope.from_on, scope.to_on),
            CreditLot.remaining + CreditLot.held > 0,
        )
        .order_by(CreditLot.expires_on, Client.sort_key, CreditLot.granted_at, CreditLot.id)
    )
    for lot, plan, client in session.execute(query):
        yield (
            lot.expires_on, scope.place(lot.location_id).name, opens(client.name, "client", client.id),
            client.email or "", client.phone or "", opens(plan, "package", lot.package_id), lot.remaining + lot.held,
            Money(lot.net_minor - lot.recognised_minor, lot.currency), lot.currency,
        )  # fmt: skip
