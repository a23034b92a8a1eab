"""Sales as rows: one for each sale and each refund, as the screen, the CSV and the XLSX show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, literal, select
from sqlalchemy.orm import Session

from pos.core.paging.portions import portions
from pos.core.paging.window import Window
from pos.domain.clients.persons import is_of
from pos.domain.payments.models import Tender
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import sales_wanted
from pos.reports.period import Scope
from pos.reports.sales.refund_lines import amounts_of
from pos.reports.sales.refunds import RefundRow, refund_rows
from pos.reports.sales.sale_columns import (
    HEAD,
    SALE_MONEY,
    SaleHead,
    as_kept,
    client_name,
    credit_used,
    fetched,
    fetched_plain,
    headed,
    in_order,
    ordered,
    uuid_of,
    window_of_both,
)
from pos.reports.sales.sales_totals import in_scope


@dataclass(kw_only=True, slots=True)
class SaleRow(SaleHead):
    """One sale, or one refund of its own day with its amounts negative (`refund_id` says so). Money in minor units of
    `currency`; `credit_minor` is what the credits used turned into revenue. A gift card sold is no sale: it is in
    `gift_sold_minor`, not in `net_minor`; both and the tax are `total_minor`. `second_tax_minor` is the part of the tax that
    is the second tax. `tenders` is by kind, cash as it was handed over.
    """

    therapists: str
    items: str
    list_minor: int
    covered_minor: int
    discount_minor: int
    credit_minor: int
    net_minor: int
    tax_minor: int
    gift_sold_minor: int
    total_minor: int
    tip_minor: int
    tenders: Mapping[str, int]
    second_tax_minor: int = 0
    refund_id: UUID | None = None

    @property
    def rounding_minor(self) -> int:
        """What the tenders are more than what was owed, or with a negative sign less: rounding of cash."""
        return sum(self.tenders.values()) - self.total_minor - self.tip_minor

    def tender_minor(self, *kinds: str) -> int:
        """What these kinds of tender paid, or with a negative sign gave back."""
        return sum(self.tenders.get(kind, 0) for kind in kinds)


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


def _signs_of(session: Session, found: Sequence[RefundRow]) -> Iterator[SaleRow]:
    """Refunds as rows of sales with their amounts turned round."""
    for some in portions(found, 500):
        amounts = amounts_of(session, [row.refund_id for row in some])
        for row in some:
            yield _sign_of(row, amounts.get(row.refund_id, (0, 0, 0, 0, 0)))


def _sign_of(found: RefundRow, amounts: tuple[int, int, int, int, int]) -> SaleRow:
    """A refund as the row of a sale; `amounts` are what `amounts_of` says that it took back."""
    listed, covered, discount, credit, gifts = amounts
    what = "Void of" if found.kind == "void" else "Refund of"
    return SaleRow(
        sale_key=found.sale_id,
        place=found.place,
        business_on=found.business_on,
        completed_at=found.created_at,
        receipt=found.note,
        client_key=found.client_id,
        client=found.client,
        person=found.person,
        therapists="",
        items=f"{what} {found.receipt}: {found.reason}",
        channel=found.channel,
        currency=found.currency,
        list_minor=-listed,
        covered_minor=-covered,
        discount_minor=-discount,
        credit_minor=-credit,
        net_minor=gifts - found.net_minor,
        tax_minor=-found.tax_minor,
        second_tax_minor=-found.second_tax_minor,
        gift_sold_minor=-gifts,
        total_minor=-found.net_minor - found.tax_minor,
        tip_minor=-found.tip_minor,
        tenders={kind: -minor for kind, minor in found.ways},
        refund_id=found.refund_id,
    )


def key_of(row: SaleRow) -> tuple[date, datetime, UUID]:
    """What rows are ordered by, and a page begins after."""
    return row.business_on, row.completed_at, row.refund_id or row.sale_id


def _stretch(session: Session, scope: Scope) -> Iterator[SaleRow]:
    """The sales and refunds of a few days, in one order."""
    sold = _read(session, scope, in_scope(scope) & sales_wanted(scope))
    given_back = sorted(refund_rows(session, scope), key=lambda row: (row.business_on, row.created_at, row.refund_id))
    return in_order(sold, _signs_of(session, given_back), key_of) if given_back else sold


def rows_with_refunds(session: Session, scope: Scope, *, window: Window | None = None) -> Iterator[SaleRow]:
    """The sales of a scope and the refunds made on its days, in one order; a refund's amounts are negative.

    Of a window they are the newest first.
    """
    if window is None:
        return scope.in_stretches(lambda part: _stretch(session, part))
    of_sale, of_refund = (
        (Sale.business_on, Sale.completed_at, Sale.id),
        (Refund.business_on, Refund.created_at, Refund.id),
    )
    sold = select(*of_sale, literal(0).label("back")).where(in_scope(scope), sales_wanted(scope))
    given = select(*of_refund, literal(1).label("back")).where(
        Refund.location_id.in_(scope.location_ids), Refund.business_on.between(scope.from_on, scope.to_on)
    )
    if scope.is_narrowed:
        given = given.join(Sale, Sale.id == Refund.sale_id).where(sales_wanted(scope))
    wanted = window_of_both(session, scope, window, (sold, of_sale, Sale), (given, of_refund, Refund))
    sales, backs = [row.id for row in wanted if not row.back], [row.id for row in wanted if row.back]
    rows = [*_read(session, scope, Sale.id.in_(sales))]
    rows += _signs_of(session, refund_rows(session, scope, ids=backs)) if backs else ()
    return iter(sorted(rows, key=key_of, reverse=True))


def sale_rows(
    session: Session,
    scope: Scope,
    *,
    which: ColumnElement[bool] | None = None,
    window: Window | None = None,
) -> Iterator[SaleRow]:
    """The sales of a scope, oldest first, of a window newest first; memory does not grow with their number."""
    wanted = sales_wanted(scope) if which is None else which & sales_wanted(scope)
    if window is None:
        return scope.in_stretches(lambda part: _read(session, part, in_scope(part) & wanted))
    query = headed(select(*HEAD, *SALE_MONEY).select_from(Sale)).where(in_scope(scope) & wanted)
    found = window.in_order(fetched(session, window.of(query, (Sale.business_on, Sale.completed_at, Sale.id))))
    return _rows(session, scope, found, Sale.id.in_([uuid_of(row.id) for row in found]))


def _read(session: Session, scope: Scope, which: ColumnElement[bool]) -> Iterator[SaleRow]:
    query = headed(select(*HEAD, *SALE_MONEY).select_from(Sale)).where(which)
    return _rows(session, scope, fetched(session, ordered(query)), which)


def _rows(session: Session, scope: Scope, found: Sequence[Any], which: ColumnElement[bool]) -> Iterator[SaleRow]:
    """Sales with their tenders, lines and credits; `which` finds the same sales again."""
    key = as_kept(Sale.id)
    tenders: dict[Any, dict[str, int]] = {}
    paid = select(key, Tender.kind, Tender.moved_minor).select_from(Sale).join(Tender, Tender.sale_id == Sale.id)
    for sale, kind, minor in fetched_plain(session, paid.where(which)):
        if (of_sale := tenders.get(sale)) is None:
            tenders[sale] = {kind: minor}
        else:
            of_sale[kind] = of_sale.get(kind, 0) + minor
    credits: dict[Any, int] = {}
    items: dict[Any, str] = {}
    therapists: dict[Any, tuple[str, ...]] = {}
    gifts: dict[Any, int] = {}
    gift = case((SaleLine.kind == "gift_card", SaleLine.net_minor), else_=0)
    lines = (
        select(key, SaleLine.name, SaleLine.quantity, Staff.name, gift, credit_used())
        .select_from(Sale)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == SaleLine.therapist_id)
        .where(which)
        .order_by(SaleLine.sale_id, SaleLine.position)
    )
    for sale, name, quantity, therapist, gift, credit in fetched_plain(session, lines):
        if credit:
            credits[sale] = credits.get(sale, 0) + credit
        if gift:
            gifts[sale] = gifts.get(sale, 0) + gift
        item = f"{quantity} × {name}" if quantity > 1 else name
        items[sale] = f"{items[sale]}, {item}" if sale in items else item
        if therapist:
            if (treating := therapists.get(sale)) is None:
                therapists[sale] = (therapist,)
            elif therapist not in treating:
                therapists[sale] = (*treating, therapist)
    nothing: dict[str, int] = {}
    for row in found:
        (
            sale, location, business_on, completed_at, receipt, client, given, family, person, channel, currency,
            list_minor, covered_minor, discount_minor, net_minor, tax_minor, second_tax_minor, total_minor, tip_minor,
        ) = row  # fmt: skip
        gift_minor = gifts.get(sale, 0)
        yield SaleRow(
            sale_key=sale,
            place=scope.place(location),
            business_on=business_on,
            completed_at=completed_at,
            receipt=receipt or "",
            client_key=client,
            client=client_name(given, family),
            person=person or "",
            channel=channel,
            currency=currency,
            list_minor=list_minor,
            covered_minor=covered_minor,
            discount_minor=discount_minor,
            net_minor=net_minor - gift_minor,
            tax_minor=tax_minor,
            second_tax_minor=second_tax_minor,
            total_minor=total_minor,
            tip_minor=tip_minor,
            gift_sold_minor=gift_minor,
            therapists=", ".join(therapists.get(sale, ())),
            items=items.get(sale, ""),
            credit_minor=credits.get(sale, 0),
            tenders=tenders.get(sale, nothing),
        )


def bought_by(client_id: UUID) -> ColumnElement[bool]:
    """Sales to one client."""
    return is_of(Sale.client_id, client_id)
