"""The sums of sales, by location and business date: what every report and its comparison with the ledger add up.

All sums are made by the database, so a year of sales costs no more memory than a year of days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Instalment,
    PurchasedPackage,
    Redemption,
)
from pos.domain.payments.models import Tender
from pos.domain.sales.models import Sale, SaleLine, TaxExemption
from pos.reports.books.tax_and_revenue_events import add_carried, add_events
from pos.reports.period import Scope
from pos.reports.sales.exempt_base import free_of_uses
from pos.reports.sales.refund_totals import add_refunds
from pos.reports.sales.sums import DayKey, Figures, KindSum


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The sales of a scope."""
    return Sale.location_id.in_(scope.location_ids) & Sale.business_on.between(scope.from_on, scope.to_on)


def is_later_part() -> ColumnElement[bool]:
    """Lines that pay a later part of a package: it was sold before, and is not sold again."""
    paid = (
        select(Instalment.lot_id)
        .join(CreditMove, CreditMove.id == Instalment.move_id)
        .where(
            Instalment.sale_id == SaleLine.sale_id,
            Instalment.sale_position == SaleLine.position,
            CreditMove.kind == "pay",
        )
        .correlate(SaleLine)
    )
    return and_(SaleLine.kind == "package", paid.exists())


def units() -> ColumnElement[int]:
    """How many units of something a line sells: none where it pays a later part of what was sold."""
    return case((is_later_part(), 0), else_=SaleLine.quantity).label("quantity")


def _per_day(
    session: Session, which: ColumnElement[bool], query: Select[*tuple[Any, ...]], *group: Any
) -> Iterable[Any]:
    keys = (Sale.location_id, Sale.business_on, *group)
    return session.execute(query.add_columns(*keys).where(which).group_by(*keys))


def _total(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def by_day(
    session: Session, scope: Scope, *, which: ColumnElement[bool] | None = None, until: datetime | None = None
) -> dict[DayKey, Figures]:
    """Figures of each location and business date with sales or refunds, earliest first.

    `which` narrows the sales further, and leaves refunds and other events out; `until` leaves out what came later.
    """
    chosen = in_scope(scope)
    if which is not None:
        chosen &= which
    if until is not None:
        chosen &= Sale.completed_at <= until
    currency = {place.id: place.currency for place in scope.places}
    found: dict[DayKey, Figures] = {}

    sums = [
        _total(c).label(c.key)
        for c in (
            Sale.list_minor,
            Sale.covered_minor,
            Sale.discount_minor,
            Sale.net_minor,
            Sale.tax_minor,
            Sale.total_minor,
            Sale.tip_minor,
        )
    ]
    for row in _per_day(session, chosen, select(func.count().label("sales"), *sums)):
        day = found[row.location_id, row.business_on] = Figures(currency[row.location_id], sales=row.sales)
        for name in (c.name for c in sums):
            setattr(day, name, int(getattr(row, name)))

    tenders = select(func.count(), _total(Tender.amount_minor)).join(Sale, Sale.id == Tender.sale_id)
    for count, minor, location, day_on, kind in _per_day(session, chosen, tenders, Tender.kind):
        found[location, day_on].tenders[kind] = count, int(minor)

    columns = (
        SaleLine.list_minor,
        SaleLine.covered_minor,
        SaleLine.discount_minor,
        SaleLine.net_minor,
        SaleLine.tax_minor,
    )
    lines = select(_total(units()), *(_total(c) for c in columns)).join(Sale, Sale.id == SaleLine.sale_id)
    for *amounts, location, day_on, kind, percent, point in _per_day(
        session, chosen, lines, SaleLine.kind, SaleLine.tax_percent, SaleLine.tax_point
    ):
        part, day = KindSum(*map(int, amounts)), found[location, day_on]
        day.kinds.setdefault(kind, KindSum()).add(part)
        if point != "sale":
            day.taxes.later(percent, part.tax_minor)
        elif kind != "gift_card":
            day.taxes.becomes_due(percent, part.net_minor, part.tax_minor)

    used = select(func.count(), _total(Redemption.value_minor)).join(Sale, Sale.id == Redemption.sale_id)
    for count, minor, location, day_on in _per_day(session, chosen, used):
        found[location, day_on].redeemed, found[location, day_on].redeemed_minor = count, int(minor)
    free = (
        select(_total(TaxExemption.net_minor))
        .join(Sale, Sale.id == TaxExemption.sale_id)
        .join(SaleLine, (SaleLine.sale_id == Sale.id) & (SaleLine.position == TaxExemption.position))
    )
    for minor, location, day_on, percent in _per_day(
        session, chosen & (SaleLine.tax_point == "sale"), free, SaleLine.tax_percent
    ):
        found[location, day_on].taxes.free_of_tax(percent, int(minor))
    due = (
        select(_total(Redemption.value_minor), _total(Redemption.tax_minor))
        .join(Sale, Sale.id == Redemption.sale_id)
        .join(CreditLot, CreditLot.id == Redemption.lot_id)
    )
    for value, tax, location, day_on, percent in _per_day(
        session, chosen & CreditLot.tax_prepaid.is_(False), due, CreditLot.tax_percent
    ):
        day = found[location, day_on]
        day.taxes.becomes_due(percent, int(value), int(tax))
        day.taxes.later(percent, -int(tax))
    used_free = free_of_uses(
        session,
        chosen & (CreditMove.kind == "redeem") & CreditLot.tax_prepaid.is_(False),
        (Sale.location_id, Sale.business_on),
        sale=True,
    )
    for location, day_on, percent, minor in used_free:
        found[location, day_on].taxes.free_of_tax(percent, minor)
    ahead = select(_total(CreditMove.breakage_minor)).join(Sale, Sale.id == CreditMove.sale_id)
    for minor, location, day_on in _per_day(session, chosen & (CreditMove.kind == "redeem"), ahead):
        found[location, day_on].ahead_minor += int(minor)

    lots = (
        select(func.count(), _total(CreditLot.quantity))
        .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
        .join(Sale, Sale.id == PurchasedPackage.sale_id)
    )
    # What was given to somebody else is a lot of its own, sold once all the same.
    for packages, credits, location, day_on in _per_day(session, chosen & CreditLot.origin_lot_id.is_(None), lots):
        found[location, day_on].packages_sold, found[location, day_on].credits_sold = packages, int(credits)
    for day in found.values():
        day.packages_minor = day.kind("package").net_minor
    add_carried(session, chosen, found)
    if which is None:
        add_refunds(session, scope, found, until)
        add_events(session, scope, found, until)
    return dict(sorted(found.items(), key=lambda item: (item[0][1], item[0][0])))


def totals(scope: Scope, days: dict[DayKey, Figures]) -> tuple[Figures, ...]:
    """One sum for each currency of a scope, in the order of its locations."""
    found = {currency: Figures(currency) for currency in scope.currencies}
    for day in days.values():
        found[day.currency].add(day)
    return tuple(found.values())
