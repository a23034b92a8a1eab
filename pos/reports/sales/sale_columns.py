"""What a sale and each of its lines show alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, func, select, union_all
from sqlalchemy.orm import Session, aliased

from pos.core.paging.window import Window
from pos.domain.clients.models import Client
from pos.domain.credits.models import Redemption
from pos.domain.locations.queries import Place
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.period import Scope


@dataclass(kw_only=True, slots=True)
class SaleHead:
    """What a sale and each of its lines show alike. `sale_key` and `client_key` are keys, mostly as text."""

    sale_key: UUID | str
    place: Place
    business_on: date
    completed_at: datetime
    receipt: str
    client_key: UUID | str | None
    client: str
    person: str
    channel: str
    currency: str

    @property
    def sale_id(self) -> UUID:
        """The key of the sale."""
        return uuid_of(self.sale_key)

    @property
    def client_id(self) -> UUID | None:
        """The key of its client."""
        return None if self.client_key is None else uuid_of(self.client_key)


H = TypeVar("H", bound=SaleHead)


def uuid_of(key: UUID | str) -> UUID:
    """A key that the database gave as it is."""
    return key if isinstance(key, UUID) else UUID(key)


def as_kept(column: Any) -> ColumnElement[Any]:
    """A key as text. Making a UUID of each took a tenth of the time of a file on SQLite, and a third on PostgreSQL."""
    return cast(column, String).label(column.key)


def ordered(query: Select[*tuple[Any, ...]], *more: Any) -> Select[*tuple[Any, ...]]:
    """By business date and time, then by `more`."""
    return query.order_by(Sale.business_on, Sale.completed_at, Sale.id, *more)


# Each location is asked by itself, so that an index gives its newest rows at once; all together where there are so many.
_LOCATIONS_APART = 40
# A query of keys, the columns it is ordered by, and the table that has its location.
Arm = tuple[Select[*tuple[Any, ...]], Sequence[Any], Any]


def window_of_both(session: Session, scope: Scope, window: Window, *arms: Arm) -> Sequence[Any]:
    """What is in a window of several queries of one shape, in one order; each begins with the columns it is ordered by."""
    ids = scope.location_ids
    apart: Sequence[Any] = ids if len(ids) <= _LOCATIONS_APART else (None,)
    parts = [
        select(window.of(query if one is None else query.where(table.location_id == one), columns).subquery())
        for query, columns, table in arms
        for one in apart
    ]
    both = union_all(*parts).subquery()
    columns = list(both.c)[: len(arms[0][1])]
    rows: Sequence[Any] = session.execute(window.of(select(both), columns)).all()
    return rows


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
    as_kept(Sale.id),
    as_kept(Sale.location_id),
    Sale.business_on,
    Sale.completed_at,
    Receipt.label,
    as_kept(Sale.client_id),
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
        "sale_key": row.id,
        "place": scope.place(row.location_id),
        "business_on": row.business_on,
        "completed_at": row.completed_at,
        "receipt": row.label or "",
        "client_key": row.client_id,
        "client": client_name(row.given_name, row.family_name),
        "person": row.person or "",
        "channel": row.channel,
        "currency": row.currency,
    }


def fetched(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """Rows of columns, without what a session does for mapped objects: a tenth of the time of a file."""
    return session.connection().execute(query).all()


def fetched_columns(session: Session, query: Select[*tuple[Any, ...]]) -> list[Sequence[Any]]:
    """What a query gives, by the column: the driver's own rows, each column turned at once into what its type says."""
    result = session.connection().execute(query)
    assert result.cursor is not None
    rows, columns, dialect = result.cursor.fetchall(), query.selected_columns.values(), result.dialect
    result.close()
    if not rows:
        return [()] * len(columns)
    processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return [
        values if process is None else [*map(process, values)]
        for process, values in zip(processors, zip(*rows, strict=True), strict=True)
    ]


def credit_used() -> ColumnElement[int]:
    """The value of the credits that a line used; looked up for lines that credits pay, by their key."""
    used = (
        select(func.sum(Redemption.value_minor))
        .where(Redemption.sale_id == SaleLine.sale_id, Redemption.sale_position == SaleLine.position)
        .correlate(SaleLine)
        .scalar_subquery()
    )
    return case((SaleLine.cover == "credit", cast(func.coalesce(used, 0), BigInteger)), else_=0).label("credit_minor")


def in_order(sold: Iterable[H], back: Iterable[H], key: Callable[[H], Any]) -> Iterator[H]:
    """Two lists in the order of `key`, which begins with date and time, as one; it is asked where these are the same."""
    rest = iter(sold)
    row = next(rest, None)
    for given in back:
        on, at = given.business_on, given.completed_at
        while row is not None and row.business_on <= on:
            if row.business_on == on and (row.completed_at > at or (row.completed_at == at and key(row) > key(given))):
                break
            yield row
            row = next(rest, None)
        yield given
    if row is not None:
        yield row
        yield from rest


def client_name(given: str | None, family: str | None) -> str:
    """A client's name as one text; empty for nobody."""
    return f"{given or ''} {family or ''}".strip()


def sums_by(session: Session, query: Select[*tuple[Any, ...]]) -> dict[Any, int]:
    """The last column of a query by its others."""
    return {tuple(key): int(minor) for *key, minor in session.execute(query)}
