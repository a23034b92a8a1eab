"""Sales as rows: one for each sale, or one for each of its lines, as the screen, the CSV and the XLSX show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from heapq import merge
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from pos.clients.models import Client
from pos.credits.models import Redemption
from pos.kernel.clock import zone
from pos.kernel.money import Money
from pos.locations.queries import Place
from pos.payments.models import Tender
from pos.payments.refund_models import Refund
from pos.receipts.models import Receipt
from pos.reports.exporters import Cell, Sheet
from pos.reports.figures import Figures, KindSum, in_scope, is_later_part, units
from pos.reports.refunds import RefundRow, refund_rows
from pos.reports.scope import Scope
from pos.sales.models import Sale, SaleLine, TaxExemption
from pos.sales.rules import EXEMPT_REASONS
from pos.staff.models import Staff

KINDS = ("variant", "add_on", "retail", "package", "gift_card")
KIND_WORDS = {
    "variant": "Treatment",
    "add_on": "Add-on",
    "retail": "Retail",
    "package": "Package",
    "part": "Part of a package",
    "gift_card": "Gift card",
}
TENDERS = ("cash", "card", "gift_card", "account_credit")
# Rows are fetched and completed in portions of this many.
_PORTION = 500


@dataclass(frozen=True)
class SaleRow:
    """One sale, or one refund of its own day with its amounts negative (`refund_id` says so). Money in minor units of
    `currency`; `credit_minor` is what the credits used turned into revenue.
    """

    sale_id: UUID
    place: Place
    business_on: date
    completed_at: datetime
    receipt: str
    client_id: UUID | None
    client: str
    person: str
    therapists: str
    items: str
    channel: str
    currency: str
    list_minor: int
    covered_minor: int
    discount_minor: int
    credit_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    tip_minor: int
    cash_minor: int
    card_minor: int
    refund_id: UUID | None = None


@dataclass(frozen=True)
class LineRow:
    """One line of a sale. Money in minor units of `currency`; a later part of a package (`kind` part) sells 0 of it."""

    sale_id: UUID
    place: Place
    business_on: date
    completed_at: datetime
    receipt: str
    client_id: UUID | None
    client: str
    person: str
    therapist: str
    item: str
    kind: str
    cover: str
    quantity: int
    channel: str
    currency: str
    list_minor: int
    covered_minor: int
    discount_minor: int
    discount_reason: str
    credit_minor: int
    net_minor: int
    tax_percent: Decimal
    tax_minor: int
    exempt_minor: int
    exempt_by: str

    @property
    def total_minor(self) -> int:
        """Net and tax."""
        return self.net_minor + self.tax_minor


def _tendered(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    # Correlated by name: the query around it may read tenders as well.
    return select(Tender.sale_id).where(Tender.sale_id == Sale.id, *conditions).correlate(Sale).exists()


def paid_by(tender: str) -> ColumnElement[bool]:
    """Sales with a tender of this kind; `none` for those that cost nothing."""
    if tender == "none":
        return ~_tendered()
    return _tendered(Tender.kind == tender)


def paid_in(shift_id: UUID) -> ColumnElement[bool]:
    """Sales whose cash went into the drawer in one shift."""
    return _tendered(Tender.shift_id == shift_id)


def lines_that(what: str) -> ColumnElement[bool]:
    """Lines of a kind; `credit` for sessions paid by a credit, `discounted` for those with a discount, empty for all."""
    match what:
        case "":
            return SaleLine.sale_id.is_not(None)
        case "credit":
            return SaleLine.cover == "credit"
        case "discounted":
            return SaleLine.discount_minor > 0
        case _ if what in KINDS:
            return SaleLine.kind == what
        case _:
            return false()


def _ordered(query: Select[*tuple[Any, ...]], *more: Any, newest_first: bool) -> Select[*tuple[Any, ...]]:
    keys = (Sale.business_on, Sale.completed_at, Sale.id)
    return query.order_by(*((k.desc() if newest_first else k) for k in keys), *more)


def _portions(session: Session, query: Select[*tuple[Any, ...]], limit: int | None, offset: int) -> Iterable[Any]:
    if limit is not None:
        return [session.execute(query.limit(limit).offset(offset)).all()]
    return session.execute(query.execution_options(yield_per=_PORTION)).partitions()


_PERSON = aliased(Staff)
_HEAD = (
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


def _headed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Client, Client.id == Sale.client_id)
        .outerjoin(_PERSON, _PERSON.id == Sale.staff_id)
    )


def _head(scope: Scope, row: Any) -> dict[str, Any]:
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


def _sums(session: Session, query: Select[*tuple[Any, ...]]) -> dict[Any, int]:
    return {tuple(key): int(minor) for *key, minor in session.execute(query)}


def _sign_of(found: RefundRow) -> SaleRow:
    """A refund as the row of a sale with its amounts turned round."""
    what = "Void of" if found.kind == "void" else "Refund of"
    return SaleRow(
        sale_id=found.sale_id,
        place=found.place,
        business_on=found.business_on,
        completed_at=found.created_at,
        receipt=found.note,
        client_id=found.client_id,
        client=found.client,
        person=found.person,
        therapists="",
        items=f"{what} {found.receipt}: {found.reason}",
        channel=found.channel,
        currency=found.currency,
        list_minor=0,
        covered_minor=0,
        discount_minor=0,
        credit_minor=0,
        net_minor=-found.net_minor,
        tax_minor=-found.tax_minor,
        total_minor=-found.net_minor - found.tax_minor,
        tip_minor=-found.tip_minor,
        cash_minor=-found.way_minor("cash"),
        card_minor=-found.way_minor("card"),
        refund_id=found.refund_id,
    )


def _order_of(row: SaleRow) -> tuple[date, datetime, UUID]:
    return row.business_on, row.completed_at, row.refund_id or row.sale_id


def rows_with_refunds(
    session: Session, scope: Scope, *, newest_first: bool = False, limit: int | None = None, offset: int = 0
) -> Iterator[SaleRow]:
    """The sales of a scope and the refunds made on its days, in one order; a refund's amounts are negative."""
    if limit is None:
        back = map(_sign_of, sorted(refund_rows(session, scope), key=lambda row: (row.business_on, row.created_at)))
        return merge(sale_rows(session, scope), back, key=_order_of)
    sold = select(Sale.id, Sale.business_on, Sale.completed_at.label("at"), literal(0).label("back")).where(
        in_scope(scope)
    )
    given = select(Refund.id, Refund.business_on, Refund.created_at.label("at"), literal(1).label("back")).where(
        Refund.location_id.in_(scope.location_ids), Refund.business_on.between(scope.from_on, scope.to_on)
    )
    both = union_all(sold, given).subquery()
    keys = (both.c.business_on, both.c.at, both.c.id)
    query = select(both.c.id, both.c.back).order_by(*((key.desc() if newest_first else key) for key in keys))
    wanted = session.execute(query.limit(limit).offset(offset)).all()
    sales, backs = [row.id for row in wanted if not row.back], [row.id for row in wanted if row.back]
    rows = [*sale_rows(session, scope, which=Sale.id.in_(sales))]
    rows += map(_sign_of, refund_rows(session, scope, ids=backs)) if backs else ()
    return iter(sorted(rows, key=_order_of, reverse=newest_first))


def sale_rows(
    session: Session,
    scope: Scope,
    *,
    which: ColumnElement[bool] | None = None,
    newest_first: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[SaleRow]:
    """The sales of a scope, oldest first; memory does not grow with their number."""
    money = (
        Sale.list_minor,
        Sale.covered_minor,
        Sale.discount_minor,
        Sale.net_minor,
        Sale.tax_minor,
        Sale.total_minor,
        Sale.tip_minor,
    )
    query = _headed(select(*_HEAD, *money).select_from(Sale)).where(in_scope(scope))
    if which is not None:
        query = query.where(which)
    for portion in _portions(session, _ordered(query, newest_first=newest_first), limit, offset):
        ids = [row.id for row in portion]
        tenders = _sums(
            session,
            select(Tender.sale_id, Tender.kind, func.sum(Tender.amount_minor))
            .where(Tender.sale_id.in_(ids))
            .group_by(Tender.sale_id, Tender.kind),
        )
        credits = _sums(
            session,
            select(Redemption.sale_id, func.sum(Redemption.value_minor))
            .where(Redemption.sale_id.in_(ids))
            .group_by(Redemption.sale_id),
        )
        items: dict[UUID, list[str]] = {}
        therapists: dict[UUID, dict[str, None]] = {}
        lines = (
            select(SaleLine.sale_id, SaleLine.name, SaleLine.quantity, Staff.name)
            .outerjoin(Staff, Staff.id == SaleLine.therapist_id)
            .where(SaleLine.sale_id.in_(ids))
            .order_by(SaleLine.sale_id, SaleLine.position)
        )
        for sale_id, name, quantity, therapist in session.execute(lines):
            items.setdefault(sale_id, []).append(f"{quantity} × {name}" if quantity > 1 else name)
            if therapist:
                therapists.setdefault(sale_id, {})[therapist] = None
        for row in portion:
            yield SaleRow(
                **_head(scope, row),
                **{column.key: getattr(row, column.key) for column in money},
                therapists=", ".join(therapists.get(row.id, ())),
                items=", ".join(items.get(row.id, ())),
                credit_minor=credits.get((row.id,), 0),
                cash_minor=tenders.get((row.id, "cash"), 0),
                card_minor=tenders.get((row.id, "card"), 0),
            )


def line_rows(
    session: Session,
    scope: Scope,
    *,
    what: str = "",
    newest_first: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[LineRow]:
    """The lines of a scope's sales, oldest first, narrowed by `lines_that`."""
    therapist = aliased(Staff)
    own = (
        SaleLine.position,
        SaleLine.name.label("item"),
        case((is_later_part(), "part"), else_=SaleLine.kind).label("kind"),
        SaleLine.cover,
        units(),
        SaleLine.list_minor,
        SaleLine.covered_minor,
        SaleLine.discount_minor,
        SaleLine.discount_reason,
        SaleLine.net_minor,
        SaleLine.tax_percent,
        SaleLine.tax_minor,
        therapist.name.label("therapist"),
    )
    free = (TaxExemption.net_minor.label("exempt_minor"), TaxExemption.reason, TaxExemption.reference)
    query = (
        _headed(select(*_HEAD, *own, *free).select_from(SaleLine).join(Sale, Sale.id == SaleLine.sale_id))
        .outerjoin(therapist, therapist.id == SaleLine.therapist_id)
        .outerjoin(
            TaxExemption, and_(TaxExemption.sale_id == SaleLine.sale_id, TaxExemption.position == SaleLine.position)
        )
        .where(in_scope(scope), lines_that(what))
    )
    for portion in _portions(session, _ordered(query, SaleLine.position, newest_first=newest_first), limit, offset):
        credits = _sums(
            session,
            select(Redemption.sale_id, Redemption.sale_position, func.sum(Redemption.value_minor))
            .where(Redemption.sale_id.in_({row.id for row in portion}))
            .group_by(Redemption.sale_id, Redemption.sale_position),
        )
        for row in portion:
            facts = {column.name: getattr(row, column.name) for column in own if column.name != "position"}
            yield LineRow(
                **_head(scope, row),
                **(facts | {"therapist": row.therapist or ""}),
                credit_minor=credits.get((row.id, row.position), 0),
                exempt_minor=row.exempt_minor or 0,
                exempt_by=f"{EXEMPT_REASONS[row.reason]} {row.reference}" if row.reason else "",
            )


def line_sums(session: Session, scope: Scope, what: str) -> tuple[tuple[str, int, KindSum, int], ...]:
    """For each currency: how many lines `what` has, their sums, and the value of the credits used for them."""
    query = (
        select(
            Sale.currency,
            func.count(),
            *(
                func.sum(c)
                for c in (
                    units(),
                    SaleLine.list_minor,
                    SaleLine.covered_minor,
                    SaleLine.discount_minor,
                    SaleLine.net_minor,
                    SaleLine.tax_minor,
                )
            ),
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_that(what))
        .group_by(Sale.currency)
    )
    used = _sums(
        session,
        select(Sale.currency, func.sum(Redemption.value_minor))
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(in_scope(scope), lines_that(what))
        .group_by(Sale.currency),
    )
    found = {
        currency: (currency, count, KindSum(*map(int, sums)), used.get((currency,), 0))
        for currency, count, *sums in session.execute(query)
    }
    return tuple(found.get(currency, (currency, 0, KindSum(), 0)) for currency in scope.currencies)


SALE_COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Client", "Rung up by", "Therapist", "Items", "Channel", "Currency",
    "List price", "Covered by package", "Discount", "Net", "Tax", "Gross", "Tip", "Cash", "Card", "Credits used, value",
)  # fmt: skip
LINE_COLUMNS = (
    "Date", "Time", "Location", "Receipt", "Client", "Rung up by", "Therapist", "Item", "Kind", "Quantity", "Channel",
    "Currency", "List price", "Covered by package", "Discount", "Discount reason", "Net", "Tax percent", "Tax", "Gross",
    "Credits used, value", "Free of tax, net", "Free of tax by",
)  # fmt: skip
TOTAL_COLUMNS = ("Currency", "What", "Count", "Amount")


def _when(row: SaleRow | LineRow) -> tuple[Cell, ...]:
    local = row.completed_at.astimezone(zone(row.place.time_zone))
    return row.business_on, local.time().replace(second=0, microsecond=0), row.place.name, row.receipt


def _sale_cells(row: SaleRow) -> tuple[Cell, ...]:
    amounts = (
        row.list_minor, row.covered_minor, row.discount_minor, row.net_minor, row.tax_minor, row.total_minor,
        row.tip_minor, row.cash_minor, row.card_minor, row.credit_minor,
    )  # fmt: skip
    words = (row.client, row.person, row.therapists, row.items, row.channel, row.currency)
    return (*_when(row), *words, *(Money(minor, row.currency) for minor in amounts))


def _line_cells(row: LineRow) -> tuple[Cell, ...]:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return (
        *_when(row), row.client, row.person, row.therapist, row.item, KIND_WORDS.get(row.kind, row.kind), row.quantity,
        row.channel, row.currency, money(row.list_minor), money(row.covered_minor), money(row.discount_minor),
        row.discount_reason, money(row.net_minor), row.tax_percent, money(row.tax_minor), money(row.total_minor),
        money(row.credit_minor), money(row.exempt_minor), row.exempt_by,
    )  # fmt: skip


def sales_sheet(session: Session, scope: Scope, *, which: ColumnElement[bool] | None = None) -> Sheet:
    """One row for each sale, and one with negative amounts for each refund where the sales are not narrowed."""
    rows = sale_rows(session, scope, which=which) if which is not None else rows_with_refunds(session, scope)
    return Sheet("Sales", SALE_COLUMNS, map(_sale_cells, rows))


def lines_sheet(session: Session, scope: Scope, *, what: str = "") -> Sheet:
    """One row for each line."""
    return Sheet("Items", LINE_COLUMNS, map(_line_cells, line_rows(session, scope, what=what)))


def totals_sheet(sums: Iterable[Figures]) -> Sheet:
    """The totals of each currency, for a second sheet."""
    rows: list[tuple[Cell, ...]] = []
    for found in sums:
        code = found.currency

        def row(what: str, count: int | None, minor: int, code: str = code) -> None:
            rows.append((code, what, count, Money(minor, code)))

        row("Gross", found.sales, found.total_minor)
        row("Net", None, found.net_minor)
        for percent, (_, tax) in sorted(found.taxes.items()):
            row(f"Tax {percent.normalize():f} %", None, tax)
        for percent, tax in sorted(found.not_due.items()):
            row(f"Tax {percent.normalize():f} % not due yet", None, tax)
        row("Tips", None, found.tip_minor)
        for kind in TENDERS:
            row(f"Paid by {kind.replace('_', ' ')}", *found.tenders.get(kind, (0, 0)))
        for kind in KINDS:
            row(f"{KIND_WORDS[kind]}, net", found.kind(kind).quantity, found.kind(kind).net_minor)
        row("Credits used, value", found.redeemed, found.redeemed_minor)
        if found.refunds:
            row("Refunds and voids", found.refunds, -found.back_minor)
            row("Refunds, net", None, -found.back_net_minor)
            for percent, tax in sorted(found.back_taxes.items()):
                row(f"Refunds, tax {percent.normalize():f} %", None, -tax)
            for percent, tax in sorted(found.back_not_due.items()):
                if tax:
                    row(f"Refunds, tax {percent.normalize():f} % not due yet", None, -tax)
            for kind in TENDERS:
                if found.back.get(kind):
                    row(f"Given back by {kind.replace('_', ' ')}", None, -found.back[kind])
    return Sheet("Totals", TOTAL_COLUMNS, rows)
