"""What a sale and each of its lines show alike, and how many of them are read without filling the memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session, aliased

from pos.domain.clients.models import Client
from pos.domain.locations.queries import Place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff
from pos.reports.period import Scope

# Rows are fetched and completed in portions of this many.
_PORTION = 500


@dataclass(frozen=True, kw_only=True)
class SaleHead:
    """What a sale and each of its lines show alike."""

    sale_id: UUID
    place: Place
    business_on: date
    completed_at: datetime
    receipt: str
    client_id: UUID | None
    client: str
    person: str
    channel: str
    currency: str


def ordered(query: Select[*tuple[Any, ...]], *more: Any, newest_first: bool) -> Select[*tuple[Any, ...]]:
    """By business date and time, then by `more`."""
    keys = (Sale.business_on, Sale.completed_at, Sale.id)
    return query.order_by(*((k.desc() if newest_first else k) for k in keys), *more)


def portions(session: Session, query: Select[*tuple[Any, ...]], limit: int | None, offset: int) -> Iterable[Any]:
    """What a query finds, portion by portion; one portion where there is a limit."""
    if limit is not None:
        return [session.execute(query.limit(limit).offset(offset)).all()]
    return session.execute(query.execution_options(yield_per=_PORTION)).partitions()


_PERSON = aliased(Staff)
# The amounts of a sale, minor units.
SALE_MONEY = (
    Sale.list_minor,
    Sale.covered_minor,
    Sale.discount_minor,
    Sale.net_minor,
    Sale.tax_minor,
    Sale.second_tax_minor,
    Sale.total_minor,
    Sale.tip_minor,
)
HEAD = (
    Sale.id,
    Sale.location_id,
    Sale.business_on,
    Sale.completed_at,
    Receipt.label,
    Sale.client_id,
    Client.given_name,
    Client.family_name,
    _PERSON.name.label("person"),
    Sale.channel,
    Sale.currency,
)


def headed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A query of sales with the tables that `HEAD` reads."""
    return (
        query.outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Client, Client.id == Sale.client_id)
        .outerjoin(_PERSON, _PERSON.id == Sale.staff_id)
    )


def head(scope: Scope, row: Any) -> dict[str, Any]:
    """The values of a `SaleHead`."""
    return {
        "sale_id": row.id,
        "place": scope.place(row.location_id),
        "business_on": row.business_on,
        "completed_at": row.completed_at,
        "receipt": row.label or "",
        "client_id": row.client_id,
        "client": f"{row.given_name or ''} {row.family_name or ''}".strip(),
        "person": row.person or "",
        "channel": row.channel,
        "currency": row.currency,
    }


def sums_by(session: Session, query: Select[*tuple[Any, ...]]) -> dict[Any, int]:
    """The last column of a query by its others."""
    return {tuple(key): int(minor) for *key, minor in session.execute(query)}
