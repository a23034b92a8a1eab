"""The sums of sales, by location and business date: what every report and its comparison with the ledger add up.

All sums are made by the database, so a year of sales costs no more memory than a year of days.
"""

from __future__ import annotations

from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.orm import Session

from pos.core.database.day_totals import DayTotals
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Instalment,
    PurchasedPackage,
    Redemption,
)
from pos.domain.payments.models import Tender
from pos.domain.sales.models import Sale, SaleLine, TaxExemption
from pos.reports.analysis.time_of_week import at_time_of_week
from pos.reports.books.tax_and_revenue_events import Events, carried_free, carried_sum
from pos.reports.day_sums import DayRow, DaySum, fetch_sums, from_tables, total
from pos.reports.period import Scope
from pos.reports.sales.exempt_base import FreeUses, free_of_refunds, free_of_uses
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.refund_totals import refund_sums
from pos.reports.sales.sale_columns import SALE_MONEY
from pos.reports.sales.sums import DayKey, Figures, KindSum
from pos.reports.totals.kept import figures_of
from pos.reports.totals.stored import read


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The sales of a scope."""
    days = Sale.location_id.in_(scope.location_ids) & Sale.business_on.between(scope.from_on, scope.to_on)
    return days & at_time_of_week(scope, Sale.location_id, Sale.business_on, Sale.completed_at)


@cache
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


@cache
def units() -> ColumnElement[int]:
    """How many units of something a line sells: none where it pays a later part of what was sold."""
    return case((is_later_part(), 0), else_=SaleLine.quantity).label("quantity")


def _sale_sums(condition: ColumnElement[bool], found: dict[DayKey, Figures], currency: dict[UUID, str]) -> list[DaySum]:
    """The sums of some sales and of what belongs to them. Those of the sales themselves come first: they make the days."""
    keys = (Sale.location_id, Sale.business_on)
    of_line = (
        SaleLine.list_minor,
        SaleLine.covered_minor,
        SaleLine.discount_minor,
        SaleLine.net_minor,
        SaleLine.tax_minor,
    )
    second_tax = 1 + len(of_line)

    def head(row: DayRow) -> None:
        sales, *sums = row.amounts
        day = found[row.location_id, row.on] = Figures(currency[row.location_id], sales=sales)
        for column, minor in zip(SALE_MONEY, sums, strict=False):
            setattr(day, column.key, minor)

    def tender(row: DayRow) -> None:
        count, minor, rounding, *_ = row.amounts
        day = found[row.location_id, row.on]
        day.tenders[row.words[0]] = count, minor + rounding
        day.rounding_minor += rounding

    def line(row: DayRow) -> None:
        (kind, point), day = row.words, found[row.location_id, row.on]
        part, second = KindSum(*row.amounts[:second_tax]), row.amounts[second_tax]
        day.kinds.setdefault(kind, KindSum()).add(part)
        if kind == "package":
            day.packages_minor += part.net_minor
        if point != "sale":
            day.taxes.later(row.rates, part.tax_minor, second)
        elif kind != "gift_card":
            day.taxes.becomes_due(row.rates, part.net_minor, part.tax_minor, second)

    def exempt(row: DayRow) -> None:
        found[row.location_id, row.on].taxes.free_of_tax(row.rates, row.amounts[0])

    def used(row: DayRow) -> None:
        count, value, tax, second, *_ = row.amounts
        day, is_tax_due_before = found[row.location_id, row.on], row.flag
        day.redeemed, day.redeemed_minor = day.redeemed + count, day.redeemed_minor + value
        if not is_tax_due_before:
            day.taxes.becomes_due(row.rates, value, tax, second)
            day.taxes.later(row.rates, -tax, -second)

    def ahead(row: DayRow) -> None:
        found[row.location_id, row.on].ahead_minor += row.amounts[0]

    def lots(row: DayRow) -> None:
        day = found[row.location_id, row.on]
        day.packages_sold, day.credits_sold, *_ = row.amounts

    of_sale = (Sale, Sale.id == SaleLine.sale_id)
    return [
        DaySum(from_tables(Sale, where=condition), keys, (func.count(), *map(total, SALE_MONEY)), head),
        DaySum(
            from_tables(Tender, (Sale, Sale.id == Tender.sale_id), where=condition),
            keys,
            (func.count(), total(Tender.amount_minor), total(Tender.rounding_minor)),
            tender,
            words=(Tender.kind,),
        ),
        DaySum(
            from_tables(SaleLine, of_sale, where=condition),
            keys,
            (total(units()), *map(total, of_line), total(SaleLine.second_tax_minor)),
            line,
            words=(SaleLine.kind, SaleLine.tax_point),
            taxed=SaleLine,
        ),
        DaySum(
            from_tables(
                SaleLine,
                of_sale,
                (
                    TaxExemption,
                    and_(TaxExemption.sale_id == SaleLine.sale_id, TaxExemption.position == SaleLine.position),
                ),
                where=condition & (SaleLine.tax_point == "sale"),
            ),
            keys,
            (total(TaxExemption.net_minor),),
            exempt,
            taxed=SaleLine,
        ),
        DaySum(
            from_tables(
                Redemption,
                (Sale, Sale.id == Redemption.sale_id),
                (CreditLot, CreditLot.id == Redemption.lot_id),
                where=condition,
            ),
            keys,
            (
                func.count(),
                total(Redemption.value_minor),
                total(Redemption.tax_minor),
                total(Redemption.second_tax_minor),
            ),
            used,
            taxed=CreditLot,
            flag=CreditLot.tax_prepaid,
        ),
        DaySum(
            from_tables(
                CreditMove, (Sale, Sale.id == CreditMove.sale_id), where=condition & (CreditMove.kind == "redeem")
            ),
            keys,
            (total(CreditMove.breakage_minor),),
            ahead,
        ),
        # What was given to somebody else is a lot of its own, sold once all the same.
        DaySum(
            from_tables(
                CreditLot,
                (PurchasedPackage, PurchasedPackage.id == CreditLot.package_id),
                (Sale, Sale.id == PurchasedPackage.sale_id),
                where=condition & CreditLot.origin_lot_id.is_(None),
            ),
            keys,
            (func.count(), total(CreditLot.quantity)),
            lots,
        ),
    ]


def by_day(session: Session, scope: Scope, *, which: ColumnElement[bool] | None = None) -> dict[DayKey, Figures]:
    """Figures of each location and business date with sales or refunds, earliest first: of whole past days from their
    totals, of what has none from the rows.

    `which` narrows the sales further, and leaves refunds and other events out.
    """
    if which is not None:
        return by_day_of_rows(session, scope, which=which)
    stored = read(session, scope, DayTotals.figures)
    currency = {place.id: place.currency for place in scope.places}
    found = {key: figures_of(kept, currency[key[0]]) for key, kept in stored.read() if kept is not None}
    for gap in stored.gaps:
        found |= by_day_of_rows(session, gap)
    return _in_order(found)


def _in_order(days: dict[DayKey, Figures]) -> dict[DayKey, Figures]:
    return dict(sorted(days.items(), key=lambda item: (item[0][1], item[0][0])))


def by_day_of_rows(
    session: Session, scope: Scope, *, which: ColumnElement[bool] | None = None
) -> dict[DayKey, Figures]:
    """The same, all of it summed from the rows of sales, refunds and events."""
    condition = in_scope(scope)
    if which is not None:
        condition &= which
    currency = {place.id: place.currency for place in scope.places}
    found: dict[DayKey, Figures] = {}
    events = Events(session, scope, found)
    sums = [*_sale_sums(condition, found, currency), carried_sum(condition, found)]
    used = FreeUses(
        condition & (CreditMove.kind == "redeem") & CreditLot.tax_prepaid.is_(False),
        (Sale.location_id, Sale.business_on),
        literal(""),
        sale=True,
    )
    free = [used, carried_free(condition)]
    if which is None:
        sums += [*refund_sums(scope, found), *events.sums()]
        free.append(events.free_uses())
    fetch_sums(session, sums)
    for location, on, name, rates, minor in free_of_uses(session, *free):
        day = found[location, on]
        (day.event(name).taxes if name else day.taxes).free_of_tax(rates, minor)
    if which is None:
        if any(day.refunds for day in found.values()):
            for location, on, rates, minor in free_of_refunds(session, refunds_in(scope)):
                found[location, on].back_taxes.free_of_tax(rates, minor)
        events.add_single_rows()
    return _in_order(found)


def _tax_names(scope: Scope, currency: str) -> tuple[str, str]:
    """What both taxes of the locations of a currency are called; empty where each has one."""
    places = [place for place in scope.places if place.currency == currency]
    seconds = [place.second_tax_label for place in places if place.second_tax_label]
    if not seconds:
        return "", ""
    return " / ".join(dict.fromkeys(place.tax_label for place in places)), " / ".join(dict.fromkeys(seconds))


def totals(scope: Scope, days: dict[DayKey, Figures]) -> tuple[Figures, ...]:
    """One sum for each currency of a scope, in the order of its locations."""
    found = {currency: Figures(currency, _tax_names(scope, currency)) for currency in scope.currencies}
    for day in days.values():
        found[day.currency].add(day)
    return tuple(found.values())
