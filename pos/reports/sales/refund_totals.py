"""Refunds and voids, put beside the sales of their own business date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Redemption,
    RedemptionReversal,
)
from pos.domain.refunds.models import Refund, RefundLine, RefundPart
from pos.domain.sales.models import SaleLine
from pos.reports.period import Scope
from pos.reports.sales.exempt_base import free_of_refunds
from pos.reports.sales.sums import DayKey, Figures, TaxSums

_KEYS = (Refund.location_id, Refund.business_on)


def _total(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def taxes_back(session: Session, here: ColumnElement[bool]) -> dict[DayKey, TaxSums]:
    """What some refunds and voids took back of tax, by location and day: positive where less is due.

    Of a package whose tax was not due yet the base is what revenue was reduced by: less than nothing where credits given up
    were worth more than was given back, which is due then.
    """
    found: dict[DayKey, TaxSums] = {}

    def of(location: UUID, on: date) -> TaxSums:
        return found.setdefault((location, on), TaxSums())

    sums = (RefundLine.net_minor, RefundLine.tax_minor, RefundLine.not_due_minor, RefundLine.liability_minor)
    group = (*_KEYS, RefundLine.kind, RefundLine.tax_percent, SaleLine.tax_point)
    lines = (
        select(*group, *map(_total, sums))
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .join(SaleLine, and_(SaleLine.sale_id == RefundLine.sale_id, SaleLine.position == RefundLine.sale_position))
        .where(here)
        .group_by(*group)
    )
    for location, on, kind, percent, point, net, tax, later, liability in session.execute(lines):
        if kind == "gift_card":
            continue
        base = int(net) if point == "sale" else int(net) - int(liability)
        of(location, on).becomes_due(percent, base, int(tax) - int(later))
        of(location, on).later(percent, int(later))
    for location, on, percent, minor in free_of_refunds(session, here):
        of(location, on).free_of_tax(percent, minor)
    for location, on, percent, prepaid, value, tax in _visits_back(session, here):
        if not prepaid:
            of(location, on).becomes_due(percent, value, tax)
            of(location, on).later(percent, -tax)
    return found


def _visits_back(session: Session, here: ColumnElement[bool]) -> Iterator[tuple[Any, ...]]:
    """Visits that a void took back have their revenue in its entry; those reversed alone have entries of their own."""
    group = (*_KEYS, CreditLot.tax_percent, CreditLot.tax_prepaid)
    rows = session.execute(
        select(*group, _total(RedemptionReversal.value_minor), _total(CreditMove.tax_minor))
        .join(Redemption, Redemption.sale_id == Refund.sale_id)
        .join(RedemptionReversal, RedemptionReversal.redemption_id == Redemption.id)
        .join(CreditMove, CreditMove.id == RedemptionReversal.move_id)
        .join(CreditLot, CreditLot.id == CreditMove.lot_id)
        .where(here, Refund.kind == "void", CreditMove.key.startswith("refund:"))
        .group_by(*group)
    )
    for location, on, percent, prepaid, value, tax in rows:
        yield location, on, percent, prepaid, int(value), int(tax)


def add_refunds(session: Session, scope: Scope, found: dict[DayKey, Figures], until: datetime | None) -> None:
    """Put the refunds and voids of a scope beside its sales."""
    here = Refund.location_id.in_(scope.location_ids) & Refund.business_on.between(scope.from_on, scope.to_on)
    if until is not None:
        here &= Refund.created_at <= until
    currency = {place.id: place.currency for place in scope.places}
    sums = (Refund.net_minor, Refund.tax_minor, Refund.tip_minor, Refund.total_minor, Refund.liability_minor)
    query = select(*_KEYS, func.count(), *map(_total, sums)).where(here).group_by(*_KEYS)
    for location, day_on, count, net, tax, tip, total, liability in session.execute(query):
        day = found.setdefault((location, day_on), Figures(currency[location]))
        day.refunds, day.back_net_minor, day.back_tax_minor = count, int(net), int(tax)
        day.back_tip_minor, day.back_minor, day.back_liability_minor = int(tip), int(total), int(liability)
    ways = (
        select(*_KEYS, RefundPart.kind, _total(RefundPart.amount_minor))
        .join(RefundPart, RefundPart.refund_id == Refund.id)
        .where(here, RefundPart.replaces_id.is_(None))
        .group_by(*_KEYS, RefundPart.kind)
    )
    for location, day_on, kind, minor in session.execute(ways):
        found[location, day_on].back[kind] = int(minor)
    lines = (
        select(*_KEYS, RefundLine.kind, _total(RefundLine.net_minor), _total(RefundLine.discount_minor))
        .join(RefundLine, RefundLine.refund_id == Refund.id)
        .where(here)
        .group_by(*_KEYS, RefundLine.kind)
    )
    for location, day_on, kind, net, discount in session.execute(lines):
        found[location, day_on].back_discount_minor += int(discount)
        if kind == "gift_card":
            found[location, day_on].back_gift_minor += int(net)
    for location, day_on, _, _, value, _ in _visits_back(session, here):
        found[location, day_on].visits_reversed_minor += value
    for key, taxes in taxes_back(session, here).items():
        found[key].back_taxes.add(taxes)
