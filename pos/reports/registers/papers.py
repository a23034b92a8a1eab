"""The register of receipts and credit notes, and the refunds and voids with who gave them and which way they went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.messages.books import RECEIPT_NUMBERS_MISSING
from pos.core.money import Money
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.sales.tender_kinds import label_of
from pos.domain.staff.models import Staff
from pos.reports.analysis.by_month import months
from pos.reports.analysis.narrowing import sales_wanted
from pos.reports.analysis.opens import opens
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import Remark, report
from pos.reports.sales.figures import label
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope

REGISTER = (
    "Date", "Time", "Location", "Number", "Paper", "Of receipt", "Made by", label("tax"), label("total"), label("tips"),
    "Currency",
)  # fmt: skip
REFUNDS = (
    "Date", "Time", "Location", "Credit note", "Of receipt", "Kind", "Made by", "Approved by", "Reason", "Way",
    "Before tax", "Tax", "Tips", "Given back", "Currency",
)  # fmt: skip
BY_PERSON = ("Made by", "Currency", "Refunds", "Voids", "Given back", "Of it approved by somebody")
_KINDS = {"lines": "Refund", "package": "Refund of a package", "void": "Void"}
_PORTION = 500


def _receipts(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    query = (
        select(Sale, Receipt.label, Staff.name)
        .join(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == Sale.staff_id)
        .where(in_scope(scope))
        .order_by(Sale.business_on, Sale.completed_at, Sale.id)
    )
    for sale, number, person in session.execute(query.execution_options(yield_per=_PORTION)):
        place = scope.place(sale.location_id)
        at = (sale.business_on, local_minute(sale.completed_at, place.time_zone), place.name)
        amounts = (Money(minor, sale.currency) for minor in (sale.tax_minor, sale.total_minor, sale.tip_minor))
        yield (*at, opens(number, "sale", sale.id), "Receipt", "", person or "", *amounts, sale.currency)


def _notes(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    query = (
        select(Refund, CreditNote.label, Receipt.label, Staff.name)
        .join(CreditNote, CreditNote.refund_id == Refund.id)
        .join(Staff, Staff.id == Refund.staff_id)
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(refunds_in(scope))
        .order_by(Refund.business_on, Refund.created_at, Refund.id)
    )
    for refund, number, receipt, person in session.execute(query.execution_options(yield_per=_PORTION)):
        place = scope.place(refund.location_id)
        at = (refund.business_on, local_minute(refund.created_at, place.time_zone), place.name)
        minors = (-refund.tax_minor, -refund.net_minor - refund.tax_minor, -refund.tip_minor)
        own, of = opens(number, "refund", refund.id), opens(receipt, "sale", refund.sale_id)
        yield (
            *at,
            own,
            "Credit note",
            of,
            person,
            *(Money(minor, refund.currency) for minor in minors),
            refund.currency,
        )


def _missing(session: Session, scope: Scope) -> Sequence[Remark]:
    """A series whose numbers in the days are not as many as from the first to the last."""
    missing = 0
    papers: tuple[tuple[Any, Any], ...] = (
        (Receipt, select(Receipt.series).join(Sale, Sale.id == Receipt.sale_id).where(in_scope(scope))),
        (
            CreditNote,
            select(CreditNote.series).join(Refund, Refund.id == CreditNote.refund_id).where(refunds_in(scope)),
        ),
    )
    for paper, query in papers:
        first, last = func.min(paper.number), func.max(paper.number)
        sums = query.with_only_columns(first, last, func.count()).group_by(paper.location_id, paper.series)
        missing += sum(int(end) - int(start) + 1 - int(count) for start, end, count in session.execute(sums))
    return [Remark(RECEIPT_NUMBERS_MISSING(count=missing), bad=True)] if missing else []


@report(
    "receipts",
    title="Receipts and credit notes",
    about="Every receipt and credit note of these days by its number; numbers that are missing are said.",
    columns=REGISTER,
    summed=REGISTER[7:-1],
    remarks=_missing,
)
def receipts_register(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """Receipts in the order of time, then credit notes with negative amounts."""
    for month in months(scope):
        yield from _receipts(session, month)
    yield from _notes(session, scope)


def _ways(session: Session, refund_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int]]]:
    """By refund: the ways its money was decided to go, and how much went each."""
    found: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    parts = (
        select(RefundPart.refund_id, RefundPart.kind, RefundPart.amount_minor + RefundPart.rounding_minor)
        .where(RefundPart.refund_id.in_(refund_ids), RefundPart.replaces_id.is_(None))
        .order_by(RefundPart.refund_id, RefundPart.position)
    )
    for refund_id, kind, minor in session.execute(parts):
        found[refund_id].append((label_of(kind), int(minor)))
    return found


def _refunds(session: Session, scope: Scope) -> Iterator[tuple[Refund, str, str, str, str, list[tuple[str, int]]]]:
    by, approver = aliased(Staff), aliased(Staff)
    query = (
        select(Refund, CreditNote.label, Receipt.label, by.name, approver.name)
        .join(Sale, Sale.id == Refund.sale_id)
        .join(by, by.id == Refund.staff_id)
        .outerjoin(approver, approver.id == Refund.approver_id)
        .outerjoin(CreditNote, CreditNote.refund_id == Refund.id)
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(refunds_in(scope), sales_wanted(scope))
        .order_by(Refund.business_on, Refund.created_at, Refund.id)
    )
    for portion in session.execute(query.execution_options(yield_per=_PORTION)).partitions():
        ways = _ways(session, [row[0].id for row in portion])
        for refund, note, receipt, person, agreed in portion:
            yield refund, note or "", receipt or "", person, agreed or "", ways[refund.id]


def _by_person(session: Session, scope: Scope) -> Sequence[Sheet]:
    sums: dict[tuple[str, str], list[int]] = {}
    for refund, _, _, person, agreed, ways in _refunds(session, scope):
        one, minor = sums.setdefault((person, refund.currency), [0, 0, 0, 0]), sum(part for _, part in ways)
        one[1 if refund.kind == "void" else 0] += 1
        one[2] += minor
        one[3] += minor if agreed else 0
    rows: list[tuple[Cell, ...]] = [
        (person, code, refunds, voids, Money(minor, code), Money(agreed, code))
        for (person, code), (refunds, voids, minor, agreed) in sorted(sums.items())
    ]
    return [Sheet("By person", BY_PERSON, rows)]


@report(
    "refunds",
    title="Refunds and voids",
    about="Each refund and void: of which receipt, by whom and approved by whom, why, and which way the money went.",
    columns=REFUNDS,
    summed=REFUNDS[10:-1],
    more_sheets=_by_person,
    filters=("tender", "channel", "desk", "staff"),
)
def refunds_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """One row for each in the order of time; what was given back sums to the figure Refunds and voids."""
    for refund, note, receipt, person, agreed, ways in _refunds(session, scope):
        place, code = scope.place(refund.location_id), refund.currency
        minors = (refund.net_minor, refund.tax_minor, refund.tip_minor, sum(minor for _, minor in ways))
        yield (
            refund.business_on, local_minute(refund.created_at, place.time_zone), place.name,
            opens(note, "refund", refund.id), opens(receipt, "sale", refund.sale_id), _KINDS[refund.kind], person, agreed,
            refund.reason, ", ".join(dict.fromkeys(way for way, _ in ways)), *(Money(minor, code) for minor in minors), code,
        )  # fmt: skip
