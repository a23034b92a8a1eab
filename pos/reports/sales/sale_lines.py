"""Sales by their lines: one row for each, and what lines of a kind come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, literal, select
from sqlalchemy.orm import Session, aliased

from pos.core.paging.window import Window
from pos.domain.credits.models import Redemption
from pos.domain.refunds.models import Refund, RefundLine
from pos.domain.sales.models import Sale, SaleLine, TaxExemption
from pos.domain.sales.pricing import EXEMPT_REASONS
from pos.domain.staff.models import Staff
from pos.reports.analysis.narrowing import lines_wanted
from pos.reports.period import Scope
from pos.reports.sales.refund_lines import back_facts, back_sums, backs_that
from pos.reports.sales.refund_lines import here as backs_in
from pos.reports.sales.sale_columns import (
    HEAD,
    SaleHead,
    client_name,
    credit_used,
    fetched,
    head,
    headed,
    in_order,
    ordered,
    sums_by,
    window_of_both,
)
from pos.reports.sales.sales_totals import in_scope, is_later_part, units
from pos.reports.sales.sums import KindSum

LineSum = tuple[str, int, KindSum, int, int]
_THERAPIST = aliased(Staff)
KINDS = ("variant", "add_on", "retail", "service_charge", "package", "gift_card")


@dataclass(kw_only=True, slots=True)
class LineRow(SaleHead):
    """One line of a sale, or of a refund of its own day with its amounts negative (`refund_id` says so). Money in minor
    units of `currency`; a later part of a package (`kind` part) sells 0 of it.
    """

    position: int
    therapist: str
    item: str
    kind: str
    cover: str
    quantity: int
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
    second_tax_percent: Decimal
    second_tax_minor: int
    refund_id: UUID | None = None

    @property
    def gift_sold_minor(self) -> int:
        """What of the net is a gift card, which is no sale until it is spent."""
        return self.net_minor if self.kind == "gift_card" else 0

    @property
    def total_minor(self) -> int:
        """Net and tax."""
        return self.net_minor + self.tax_minor


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


def _back_rows(session: Session, scope: Scope, what: str, which: ColumnElement[bool]) -> Iterator[LineRow]:
    for row, values in back_facts(session, which, what, units(), is_later_part(), lines_wanted(scope)):
        yield LineRow(**head(scope, row), **values)


def key_of(row: LineRow) -> tuple[date, datetime, UUID, int]:
    """What a page of rows begins after."""
    return (*_order_of(row), -row.position)


def _order_of(row: LineRow) -> tuple[date, datetime, UUID]:
    return row.business_on, row.completed_at, row.refund_id or row.sale_id


def _stretch(session: Session, scope: Scope, what: str) -> Iterator[LineRow]:
    """The lines of the sales and of the refunds of a few days, in one order."""
    sold = _read(session, scope, _wanted(scope, what))
    back = list(_back_rows(session, scope, what, backs_in(scope)))
    return in_order(sold, back, _order_of) if back else sold


def lines_with_refunds(
    session: Session,
    scope: Scope,
    *,
    what: str = "",
    window: Window | None = None,
) -> Iterator[LineRow]:
    """The lines of a scope's sales and those of the refunds and voids made on its days, in one order.

    Of a window they are the newest first, those of a sale as they stand on it.
    """
    if window is None:
        return scope.in_stretches(lambda part: _stretch(session, part, what))
    of_sale = (Sale.business_on, Sale.completed_at, Sale.id, -SaleLine.position)
    of_refund = (Refund.business_on, Refund.created_at, Refund.id, -RefundLine.position)
    sold = (
        select(*of_sale, SaleLine.position, literal(0).label("back"))
        .select_from(SaleLine)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(_wanted(scope, what))
    )
    given = (
        select(*of_refund, RefundLine.position, literal(1).label("back"))
        .select_from(Refund)
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(backs_in(scope), backs_that(what), lines_wanted(scope))
    )
    wanted = window.in_order(window_of_both(session, scope, window, (sold, of_sale, Sale), (given, of_refund, Refund)))
    place: dict[tuple[UUID | None, int, int], int] = {
        (row.id, row.position, row.back): number for number, row in enumerate(wanted)
    }
    sales, backs = {row.id for row in wanted if not row.back}, {row.id for row in wanted if row.back}
    rows: list[tuple[tuple[UUID | None, int, int], LineRow]] = [
        ((row.sale_id, row.position, 0), row)
        for row in _read(session, scope, Sale.id.in_(sales) & _wanted(scope, what))
    ]
    rows += [
        ((row.refund_id, row.position, 1), row)
        for row in (_back_rows(session, scope, what, Refund.id.in_(backs)) if backs else ())
    ]
    shown = [(place[key], row) for key, row in rows if key in place]
    return iter([row for _, row in sorted(shown, key=lambda found: found[0])])


def line_rows(session: Session, scope: Scope, *, what: str = "") -> Iterator[LineRow]:
    """The lines of a scope's sales, oldest first, narrowed by `lines_that`."""
    return scope.in_stretches(lambda part: _read(session, part, _wanted(part, what)))


def _wanted(scope: Scope, what: str) -> ColumnElement[bool]:
    return in_scope(scope) & lines_that(what) & lines_wanted(scope)


def _read(session: Session, scope: Scope, which: ColumnElement[bool]) -> Iterator[LineRow]:
    """Some lines, oldest first."""
    own = (
        SaleLine.position,
        _THERAPIST.name.label("therapist"),
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
        SaleLine.second_tax_percent,
        SaleLine.second_tax_minor,
        credit_used(),
    )
    free = (TaxExemption.net_minor.label("exempt_minor"), TaxExemption.reason, TaxExemption.reference)
    query = (
        headed(select(*HEAD, *own, *free).select_from(SaleLine).join(Sale, Sale.id == SaleLine.sale_id))
        .outerjoin(_THERAPIST, _THERAPIST.id == SaleLine.therapist_id)
        .outerjoin(
            TaxExemption, and_(TaxExemption.sale_id == SaleLine.sale_id, TaxExemption.position == SaleLine.position)
        )
        .where(which)
    )
    for row in fetched(session, ordered(query, SaleLine.position)):
        (
            sale, location, business_on, completed_at, receipt, client, given, family, person, channel, currency,
            position, therapist_name, item, kind, cover, quantity, list_minor, covered_minor, discount_minor,
            discount_reason, net_minor, tax_percent, tax_minor, second_tax_percent, second_tax_minor,
            credit_minor, exempt_minor, reason, reference,
        ) = row  # fmt: skip
        yield LineRow(
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
            position=position,
            therapist=therapist_name or "",
            item=item,
            kind=kind,
            cover=cover,
            quantity=quantity,
            list_minor=list_minor,
            covered_minor=covered_minor,
            discount_minor=discount_minor,
            discount_reason=discount_reason,
            net_minor=net_minor,
            tax_percent=tax_percent,
            tax_minor=tax_minor,
            second_tax_percent=second_tax_percent,
            second_tax_minor=second_tax_minor,
            credit_minor=credit_minor,
            exempt_minor=exempt_minor or 0,
            exempt_by=f"{EXEMPT_REASONS[reason]} {reference}" if reason else "",
        )


def line_sums(session: Session, scope: Scope, what: str) -> tuple[LineSum, ...]:
    """For each currency: how many lines `what` has, their sums, the value of the credits used, and gift cards among the net.

    Refunds and voids are not in it: see `refunded_line_sums`.
    """
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
                    case((SaleLine.kind == "gift_card", SaleLine.net_minor), else_=0),
                )
            ),
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(_wanted(scope, what))
        .group_by(Sale.currency)
    )
    used = sums_by(
        session,
        select(Sale.currency, func.sum(Redemption.value_minor))
        .join(SaleLine, and_(SaleLine.sale_id == Redemption.sale_id, SaleLine.position == Redemption.sale_position))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(_wanted(scope, what))
        .group_by(Sale.currency),
    )
    found = {
        currency: (currency, count, KindSum(*map(int, sums)), used.get((currency,), 0), int(cards))
        for currency, count, *sums, cards in session.execute(query)
    }
    return tuple(found.get(currency, (currency, 0, KindSum(), 0, 0)) for currency in scope.currencies)


def refunded_line_sums(session: Session, scope: Scope, what: str) -> tuple[LineSum, ...]:
    """The same of the lines that refunds and voids took back, negative; currencies without any are left out."""
    found = back_sums(session, scope, what, units(), lines_wanted(scope))
    return tuple((currency, *found[currency]) for currency in scope.currencies if currency in found)
