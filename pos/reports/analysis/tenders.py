"""Sales by tender: how often and how much each means of payment settled, and what was given back by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.money import Money
from pos.domain.payments.models import Tender
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.sales.tender_kinds import TENDER_KINDS
from pos.reports.analysis.narrowing import OF_SALES, sales_wanted
from pos.reports.analysis.opens import Behind, Word
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registry import report
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Location", "Paid by", "Payments", "Paid", "Times given back", "Given back", "Paid less given back", "Currency",
)  # fmt: skip


@dataclass
class TenderSum:
    """What one kind of tender moved, minor units; what was given back is positive."""

    payments: int = 0
    paid_minor: int = 0
    times_back: int = 0
    back_minor: int = 0


def tender_sums(session: Session, scope: Scope) -> dict[tuple[UUID, str], TenderSum]:
    """The sums by location and kind: of the tenders of sales, and of the ways refunds and voids were decided to go."""
    found: dict[tuple[UUID, str], TenderSum] = {}
    paid = (
        select(Sale.location_id, Tender.kind, func.count(), func.sum(Tender.amount_minor + Tender.rounding_minor))
        .join(Sale, Sale.id == Tender.sale_id)
        .where(in_scope(scope), sales_wanted(scope))
        .group_by(Sale.location_id, Tender.kind)
    )
    for where, kind, count, minor in session.execute(paid):
        found[where, kind] = TenderSum(int(count), int(minor))
    back = (
        select(
            Refund.location_id, RefundPart.kind, func.count(),
            func.sum(RefundPart.amount_minor + RefundPart.rounding_minor),
        )
        .join(Refund, Refund.id == RefundPart.refund_id)
        .join(Sale, Sale.id == Refund.sale_id)
        .where(refunds_in(scope), RefundPart.replaces_id.is_(None), sales_wanted(scope))
        .group_by(Refund.location_id, RefundPart.kind)
    )  # fmt: skip
    for where, kind, count, minor in session.execute(back):
        one = found.setdefault((where, kind), TenderSum())
        one.times_back, one.back_minor = int(count), int(minor)
    return found


@report(
    "sales-by-tender",
    title="Sales by tender",
    about="How sales were paid: cash, cards, gift cards, account credit and the rest; and what refunds gave back by each.",
    columns=COLUMNS,
    summed=COLUMNS[2:-1],
    by=("Location", "Paid by"),
    pictured="Paid",
    behind="sales",
    filters=tuple(name for name in OF_SALES if name != "tender"),
)
def sales_by_tender(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A row for each location and kind. All but gift card and account credit sum to Takings, those two to the rest."""
    found = tender_sums(session, scope)
    for place in scope.places:
        for kind in TENDER_KINDS.values():
            one = found.get((place.id, kind.key))
            if one:
                paid, back, left = (
                    Money(minor, place.currency)
                    for minor in (one.paid_minor, -one.back_minor, one.paid_minor - one.back_minor)
                )
                name = Behind(Word(kind.label), location=place.slug, tender=kind.key)
                yield place.name, name, one.payments, paid, one.times_back, back, left, place.currency
