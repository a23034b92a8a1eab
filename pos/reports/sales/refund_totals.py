"""Refunds and voids, put beside the sales of their own business date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import Session

from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Redemption,
    RedemptionReversal,
)
from pos.domain.refunds.models import Refund, RefundLine, RefundPart
from pos.domain.sales.models import SaleLine
from pos.reports.day_sums import DayRow, DaySum, fetch_sums, from_tables, total
from pos.reports.period import Scope
from pos.reports.sales.exempt_base import free_of_refunds
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sums import DayKey, Figures, TaxSums

_KEYS = (Refund.location_id, Refund.business_on)


def _lines_sum(here: ColumnElement[bool], use: Callable[[DayRow], None]) -> DaySum:
    """Net, tax, tax not due, liability, discount and the second tax of refunded lines by kind and tax point."""
    sold = and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position)
    sums = (
        RefundLine.net_minor,
        RefundLine.tax_minor,
        RefundLine.not_due_minor,
        RefundLine.liability_minor,
        RefundLine.discount_minor,
        RefundLine.second_tax_minor,
        RefundLine.second_not_due_minor,
    )
    return DaySum(
        from_tables(Refund, (RefundLine, RefundLine.refund_id == Refund.id), (SaleLine, sold), where=here),
        _KEYS,
        [total(column) for column in sums],
        use,
        words=(RefundLine.kind, SaleLine.tax_point),
        taxed=RefundLine,
    )


def _tax_of_lines(taxes: TaxSums, row: DayRow) -> None:
    (kind, point), (net, tax, later, liability, _discount, second, second_later, *_) = row.words, row.amounts
    if kind == "gift_card":
        return
    base = net if point == "sale" else net - liability
    taxes.becomes_due(row.rates, base, tax - later, second - second_later)
    taxes.later(row.rates, later, second_later)


def _visits_sum(here: ColumnElement[bool], use: Callable[[DayRow], None]) -> DaySum:
    """Value and tax of visits that a void took back: their revenue is in its entry. Those reversed alone have their own."""
    return DaySum(
        from_tables(
            Refund,
            (Redemption, Redemption.sale_id == Refund.sale_id),
            (RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id),
            (CreditMove, CreditMove.id == RedemptionReversal.move_id),
            (CreditLot, CreditLot.id == CreditMove.lot_id),
            where=here & (Refund.kind == "void") & CreditMove.key.startswith("refund:"),
        ),
        _KEYS,
        (total(RedemptionReversal.value_minor), total(CreditMove.tax_minor), total(CreditMove.second_tax_minor)),
        use,
        taxed=CreditLot,
        flag=CreditLot.tax_prepaid,
    )


def _tax_of_visits(taxes: TaxSums, row: DayRow) -> None:
    value, tax, second, *_ = row.amounts
    if not row.flag:
        taxes.becomes_due(row.rates, value, tax, second)
        taxes.later(row.rates, -tax, -second)


def taxes_back(session: Session, here: ColumnElement[bool]) -> dict[DayKey, TaxSums]:
    """What some refunds and voids took back of tax, by location and day: positive where less is due.

    Of a package whose tax was not due yet the base is what revenue was reduced by: less than nothing where credits given up
    were worth more than was given back, which is due then.
    """
    found: dict[DayKey, TaxSums] = {}

    def of(location: UUID, on: date) -> TaxSums:
        return found.setdefault((location, on), TaxSums())

    sums = [
        _lines_sum(here, lambda row: _tax_of_lines(of(row.location_id, row.on), row)),
        _visits_sum(here, lambda row: _tax_of_visits(of(row.location_id, row.on), row)),
    ]
    fetch_sums(session, sums)
    for location, on, rates, minor in free_of_refunds(session, here):
        of(location, on).free_of_tax(rates, minor)
    return found


def refund_sums(scope: Scope, found: dict[DayKey, Figures]) -> list[DaySum]:
    """The sums that put the refunds and voids of a scope beside its sales; what was sold free of tax is not in them."""
    here = refunds_in(scope)
    currency = {place.id: place.currency for place in scope.places}

    def head(row: DayRow) -> None:
        count, net, tax, tip, paid, liability, *_ = row.amounts
        day = found.setdefault((row.location_id, row.on), Figures(currency[row.location_id]))
        day.refunds, day.back_net_minor, day.back_tax_minor = count, net, tax
        day.back_tip_minor, day.back_minor, day.back_liability_minor = tip, paid, liability

    def way(row: DayRow) -> None:
        day, (minor, rounding, *_) = found[row.location_id, row.on], row.amounts
        day.back[row.words[0]] = minor + rounding
        day.back_rounding_minor += rounding

    def line(row: DayRow) -> None:
        day = found[row.location_id, row.on]
        net, _tax, _later, _liability, discount, *_ = row.amounts
        day.back_discount_minor += discount
        day.back_gift_minor += net if row.words[0] == "gift_card" else 0
        _tax_of_lines(day.back_taxes, row)

    def visit(row: DayRow) -> None:
        day = found[row.location_id, row.on]
        day.visits_reversed_minor += row.amounts[0]
        _tax_of_visits(day.back_taxes, row)

    heads = (Refund.net_minor, Refund.tax_minor, Refund.tip_minor, Refund.total_minor, Refund.liability_minor)
    return [
        DaySum(from_tables(Refund, where=here), _KEYS, (func.count(), *map(total, heads)), head),
        DaySum(
            from_tables(
                Refund,
                (RefundPart, RefundPart.refund_id == Refund.id),
                where=here & RefundPart.replaces_id.is_(None),
            ),
            _KEYS,
            (total(RefundPart.amount_minor), total(RefundPart.rounding_minor)),
            way,
            words=(RefundPart.kind,),
        ),
        _lines_sum(here, line),
        _visits_sum(here, visit),
    ]
