"""Invariants of receipts: gapless numbers, one original each, and no test sale that was not voided."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from pos.core.i18n.message import Message
from pos.core.messages.kept import book_checks as messages
from pos.domain.locations.models import Location
from pos.domain.receipts.models import Receipt, ReceiptSeries
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale
from pos.reports.invariants.base import Check, CheckScope


def _gaps(look: CheckScope) -> Iterator[Message]:
    numbered = (
        select(
            Receipt.location_id,
            Receipt.series,
            Receipt.number,
            func.row_number()
            .over(partition_by=(Receipt.location_id, Receipt.series), order_by=Receipt.number)
            .label("place"),
        )
        .where(look.in_scope(Receipt.location_id))
        .subquery()
    )
    # After a gap every number is off by as much; the first after it is enough.
    first = (
        select(Location.slug, numbered.c.series, func.min(numbered.c.number))
        .join(Location, Location.id == numbered.c.location_id)
        .where(numbered.c.number != numbered.c.place)
        .group_by(Location.slug, numbered.c.series)
        .order_by(Location.slug, numbered.c.series)
    )
    for slug, series, number in look.rows(first):
        yield messages.NUMBER_MISSING(series=series, location=slug, number=number)
    issued = (
        select(Receipt.location_id, Receipt.series, func.max(Receipt.number).label("last"))
        .group_by(Receipt.location_id, Receipt.series)
        .subquery()
    )
    counters = look.rows(
        select(Location.slug, ReceiptSeries.series, ReceiptSeries.last_number, func.coalesce(issued.c.last, 0))
        .join(Location, Location.id == ReceiptSeries.location_id)
        .outerjoin(
            issued,
            (issued.c.location_id == ReceiptSeries.location_id) & (issued.c.series == ReceiptSeries.series),
        )
        .where(look.in_scope(ReceiptSeries.location_id), ReceiptSeries.last_number != func.coalesce(issued.c.last, 0))
        .order_by(Location.slug, ReceiptSeries.series)
    )
    for slug, series, counted, last in counters:
        yield messages.COUNTER_UNLIKE_RECEIPTS(series=series, location=slug, counted=counted, last=last)
    uncounted = look.rows(
        select(Location.slug, issued.c.series)
        .join(issued, issued.c.location_id == Location.id)
        .outerjoin(
            ReceiptSeries,
            (ReceiptSeries.location_id == issued.c.location_id) & (ReceiptSeries.series == issued.c.series),
        )
        .where(look.in_scope(Location.id), ReceiptSeries.location_id.is_(None))
        .order_by(Location.slug, issued.c.series)
    )
    for slug, series in uncounted:
        yield messages.SERIES_WITHOUT_COUNTER(series=series, location=slug)


def _not_one_each(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(Sale.id, Location.slug)
        .join(Location, Location.id == Sale.location_id)
        .outerjoin(Receipt, (Receipt.sale_id == Sale.id) & (Receipt.location_id == Sale.location_id))
        .where(look.in_scope(Sale.location_id))
        .group_by(Sale.id, Location.slug, Sale.completed_at)
        .having(func.count(Receipt.id) != 1)
        .order_by(Sale.completed_at, Sale.id)
    )
    for sale_id, slug in rows:
        yield messages.SALE_WITHOUT_ONE_RECEIPT(sale=sale_id, location=slug)


def _tests_not_voided(look: CheckScope) -> Iterator[Message]:
    rows = look.rows(
        select(Receipt.label)
        .where(look.in_scope(Receipt.location_id), Receipt.series == TEST_SERIES, ~is_voided(Receipt.sale_id))
        .order_by(Receipt.label)
    )
    for (label,) in rows:
        yield messages.TEST_SALE_NOT_VOIDED(label=label)


CHECKS = (
    Check("numbers", "Receipts are numbered without a gap, and the counter agrees", Receipt.location_id, _gaps),
    Check("receipts", "Every sale has one original receipt", Sale.location_id, _not_one_each),
    Check("test_sales", "Every test sale is voided", Receipt.location_id, _tests_not_voided),
)
