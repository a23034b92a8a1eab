"""The register of receipts and credit notes, and the refunds and voids with who gave them and which way they went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from pos.core.clock import local_minute
from pos.core.messages.books import RECEIPT_NUMBERS_MISSING
from pos.core.money import Money
from pos.core.paging.window import Query, Window
from pos.domain.locations.action_context import kept_reason
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.domain.sales.tender_kinds import label_of
from pos.domain.staff.models import Staff
from pos.reports.analysis.by_month import months
from pos.reports.analysis.narrowing import sales_wanted
from pos.reports.analysis.opens import WordList, opens, words
from pos.reports.exporters import Cell, Sheet
from pos.reports.period import Scope
from pos.reports.registry import Keyed, Remark, Summed, report, sum_row
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
_KINDS = words({"lines": "Refund", "package": "Refund of a package", "void": "Void"})

_PORTION = 500


# The rows of a query by which the register is ordered: receipts before credit notes, each in the order of time.
_RECEIPT, _NOTE = 0, 1
PAPERS = words({_RECEIPT: "Receipt", _NOTE: "Credit note"})
_BY_TIME = {
    _RECEIPT: (Sale.business_on, Sale.completed_at, Sale.id),
    _NOTE: (Refund.business_on, Refund.created_at, Refund.id),
}
Row = tuple[Cell, ...]


def _receipts_in(scope: Scope) -> Query:
    return (
        select(Sale, Receipt.label, Staff.name)
        .join(Receipt, Receipt.sale_id == Sale.id)
        .outerjoin(Staff, Staff.id == Sale.staff_id)
        .where(in_scope(scope))
    )


def _receipt(scope: Scope, sale: Sale, number: str, person: str | None) -> Row:
    place = scope.place(sale.location_id)
    at = (sale.business_on, local_minute(sale.completed_at, place.time_zone), place.name)
    amounts = (Money(minor, sale.currency) for minor in (sale.tax_minor, sale.total_minor, sale.tip_minor))
    return (*at, opens(number, "sale", sale.id), PAPERS[_RECEIPT], "", person or "", *amounts, sale.currency)


def _notes_in(scope: Scope) -> Query:
    return (
        select(Refund, CreditNote.label, Receipt.label, Staff.name)
        .join(CreditNote, CreditNote.refund_id == Refund.id)
        .join(Staff, Staff.id == Refund.staff_id)
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(refunds_in(scope))
    )


def _note(scope: Scope, refund: Refund, number: str, receipt: str, person: str) -> Row:
    place = scope.place(refund.location_id)
    at = (refund.business_on, local_minute(refund.created_at, place.time_zone), place.name)
    minors = (-refund.tax_minor, -refund.net_minor - refund.tax_minor, -refund.tip_minor)
    own, of = opens(number, "refund", refund.id), opens(receipt, "sale", refund.sale_id)
    amounts = (Money(minor, refund.currency) for minor in minors)
    return (*at, own, PAPERS[_NOTE], of, person, *amounts, refund.currency)


def _all_of(paper: int, session: Session, scope: Scope) -> Iterator[Row]:
    """All papers of a kind, oldest first."""
    query = _notes_in(scope) if paper == _NOTE else _receipts_in(scope)
    made: Callable[..., Row] = _note if paper == _NOTE else _receipt
    for row in session.execute(query.order_by(*_BY_TIME[paper]).execution_options(yield_per=_PORTION)):
        yield made(scope, *row)


def _page(session: Session, scope: Scope, window: Window) -> list[tuple[tuple[Any, ...], Row]]:
    """The papers of a window, each with its key: its kind, and its place among them."""
    kinds = (_NOTE, _RECEIPT) if window.backwards else (_RECEIPT, _NOTE)
    found: list[tuple[tuple[Any, ...], Row]] = []
    for paper in kinds:
        begun = window.key is not None and window.key[0] == paper
        if len(found) == window.limit or (window.key is not None and not begun and paper == kinds[0]):
            continue
        key = window.key[1:] if window.key is not None and begun else None
        part = Window(window.limit - len(found), key, backwards=window.backwards)
        some = [one for place in scope.places for one in _part(session, replace(scope, places=(place,)), paper, part)]
        some.sort(key=itemgetter(0), reverse=window.backwards)
        found += some[: part.limit]
    return window.in_order(found)


def _part(session: Session, scope: Scope, paper: int, window: Window) -> Iterator[tuple[tuple[Any, ...], Row]]:
    """A window of one kind of one location, whose index is in the order of time."""
    query = _notes_in(scope) if paper == _NOTE else _receipts_in(scope)
    made: Callable[..., Row] = _note if paper == _NOTE else _receipt
    for row in session.execute(window.of(query, _BY_TIME[paper], newest_first=False)):
        one = row[0]
        at = one.completed_at if paper == _RECEIPT else one.created_at
        yield (paper, one.business_on, at, one.id), made(scope, *row)


def _missing(session: Session, scope: Scope) -> Sequence[Remark]:
    """How many numbers of a series are nowhere, from the first to the last one of these days.

    Of two papers made at the hour at which a day ends, the one with the lower number may be of the later day.
    """
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
        key = (paper.location_id, paper.series)
        sums = query.with_only_columns(*key, first, last, func.count()).group_by(*key)
        for where, series, start, end, count in session.execute(sums):
            if count <= end - start:
                of_series = (paper.location_id == where, paper.series == series, paper.number.between(start, end))
                missing += end - start + 1 - (session.scalar(select(func.count()).where(*of_series)) or 0)
    return [Remark(RECEIPT_NUMBERS_MISSING(count=missing), bad=True)] if missing else []


@report(
    "receipts",
    title="Receipts and credit notes",
    about="Every receipt and credit note of these days by its number; numbers that are missing are said.",
    columns=REGISTER,
    summed=REGISTER[7:-1],
    remarks=_missing,
    keyed=Keyed((int, date, datetime, UUID), _page),
)
def receipts_register(session: Session, scope: Scope) -> Summed:
    """Receipts in the order of time, then credit notes with negative amounts."""
    receipts = (row for month in months(session, scope) for row in _all_of(_RECEIPT, session, month))
    return Summed(chain(receipts, _all_of(_NOTE, session, scope)), lambda: _register_sums(session, scope))


def _register_sums(session: Session, scope: Scope) -> Iterator[Row]:
    """What both kinds of papers sum to, a row for each kind and currency."""
    for query, of, minors in (
        (_receipts_in(scope), Sale, (Sale.tax_minor, Sale.total_minor, Sale.tip_minor)),
        (_notes_in(scope), Refund, (-Refund.tax_minor, -Refund.net_minor - Refund.tax_minor, -Refund.tip_minor)),
    ):
        sums = query.with_only_columns(of.currency, *map(func.sum, minors)).group_by(of.currency)
        for code, *found in session.execute(sums):
            yield (*("",) * REGISTER.index(label("tax")), *(Money(int(minor), code) for minor in found), code)


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


# A refund, its credit note, receipt, who made and who approved it, and the ways its money went.
Given = tuple[Refund, str, str, str, str, list[tuple[str, int]]]


def _refunds_in(scope: Scope) -> Query:
    by, approver = aliased(Staff), aliased(Staff)
    return (
        select(Refund, CreditNote.label, Receipt.label, by.name, approver.name)
        .join(Sale, Sale.id == Refund.sale_id)
        .join(by, by.id == Refund.staff_id)
        .outerjoin(approver, approver.id == Refund.approver_id)
        .outerjoin(CreditNote, CreditNote.refund_id == Refund.id)
        .outerjoin(Receipt, Receipt.sale_id == Refund.sale_id)
        .where(refunds_in(scope), sales_wanted(scope))
    )


def _given(session: Session, rows: Sequence[Any]) -> Iterator[Given]:
    ways = _ways(session, [row[0].id for row in rows])
    for refund, note, receipt, person, agreed in rows:
        yield refund, note or "", receipt or "", person, agreed or "", ways[refund.id]


def _refunds(session: Session, scope: Scope) -> Iterator[Given]:
    query = _refunds_in(scope).order_by(*_BY_TIME[_NOTE]).execution_options(yield_per=_PORTION)
    for portion in session.execute(query).partitions():
        yield from _given(session, portion)


def _refunds_page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], Row]]:
    rows = window.in_order(session.execute(window.of(_refunds_in(scope), _BY_TIME[_NOTE])).all())
    for given in _given(session, rows):
        yield (given[0].business_on, given[0].created_at, given[0].id), _refund(scope, *given)


def _refund_sums(session: Session, scope: Scope) -> Iterator[Row]:
    """What the rows sum to: the refunds themselves, and the ways their money went."""
    minors = (Refund.net_minor, Refund.tax_minor, Refund.tip_minor)
    whole = _refunds_in(scope).with_only_columns(Refund.currency, *map(func.sum, minors)).group_by(Refund.currency)
    for code, *found in session.execute(whole):
        money = (Money(int(minor), code) for minor in (*found, 0))
        yield sum_row(REFUNDS, dict(zip(REFUNDS[10:-1], money, strict=True)))
    moved = func.sum(RefundPart.amount_minor + RefundPart.rounding_minor)
    parts = (
        _refunds_in(scope).join(RefundPart, RefundPart.refund_id == Refund.id).where(RefundPart.replaces_id.is_(None))
    )
    for code, minor in session.execute(parts.with_only_columns(Refund.currency, moved).group_by(Refund.currency)):
        yield sum_row(REFUNDS, {"Given back": Money(int(minor), code)})


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


def _refund(
    scope: Scope, refund: Refund, note: str, receipt: str, person: str, agreed: str, ways: Sequence[tuple[str, int]]
) -> Row:
    place, code = scope.place(refund.location_id), refund.currency
    minors = (refund.net_minor, refund.tax_minor, refund.tip_minor, sum(minor for _, minor in ways))
    return (
        refund.business_on, local_minute(refund.created_at, place.time_zone), place.name,
        opens(note, "refund", refund.id), opens(receipt, "sale", refund.sale_id), _KINDS[refund.kind], person, agreed,
        kept_reason(refund.reason), WordList(dict.fromkeys(way for way, _ in ways)),
        *(Money(minor, code) for minor in minors), code,
    )  # fmt: skip


@report(
    "refunds",
    title="Refunds and voids",
    about="Each refund and void: of which receipt, by whom and approved by whom, why, and which way the money went.",
    columns=REFUNDS,
    summed=REFUNDS[10:-1],
    more_sheets=_by_person,
    filters=("tender", "channel", "desk", "staff"),
    keyed=Keyed((date, datetime, UUID), _refunds_page),
)
def refunds_report(session: Session, scope: Scope) -> Summed:
    """One row for each in the order of time; what was given back sums to the figure Refunds and voids."""
    rows = (_refund(scope, *given) for given in _refunds(session, scope))
    return Summed(rows, lambda: _refund_sums(session, scope))
