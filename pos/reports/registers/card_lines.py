"""Card money one by one: each payment by card, each amount given back to one, and each fee booked, of some days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.clock import local_minute
from pos.core.money import Money
from pos.core.paging.portions import portions
from pos.core.paging.window import Query, Window
from pos.domain.ledger.models import JournalEntry, Posting
from pos.domain.payments.models import Tender
from pos.domain.receipts.credit_note_models import CreditNote
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.models import Refund, RefundPart
from pos.domain.sales.models import Sale
from pos.reports.analysis.opens import UNNUMBERED, opens
from pos.reports.books.entry_subjects import pages_of
from pos.reports.exporters import Cell
from pos.reports.period import Scope
from pos.reports.registers.card_money import card_days
from pos.reports.registry import Keyed, Summed, report, sum_row
from pos.reports.sales.refund_lines import here as refunds_in
from pos.reports.sales.sales_totals import in_scope

COLUMNS = (
    "Date", "Time", "Location", "About", "Paid by card", "Given back to cards", "Fees", "Currency",
)  # fmt: skip
_PAID, _BACK, _FEE = range(3)
_AT_ONCE = 50


@dataclass(frozen=True)
class CardLine:
    """One of the three amounts, signed as the column sums it; `about` opens the sale, the refund or the payout."""

    location_id: UUID
    on: date
    at: datetime
    which: int
    row: UUID
    position: int
    about: str
    minor: int

    @property
    def key(self) -> tuple[date, datetime, int, UUID, int]:
        """Its place in the order of time."""
        return self.on, self.at, self.which, self.row, self.position


def _paid_in(scope: Scope) -> Query:
    columns = (Sale.location_id, Sale.business_on, Sale.completed_at, Tender.position, Tender.amount_minor)
    return (
        select(*columns, Receipt.label, Sale.id)
        .join(Tender, Tender.sale_id == Sale.id)
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(in_scope(scope), Tender.kind == "card")
    )


def _paid(session: Session, query: Query) -> Iterator[CardLine]:
    for where, on, at, position, minor, label, sale in session.execute(query):
        yield CardLine(where, on, at, _PAID, sale, position, opens(label or UNNUMBERED["sale"], "sale", sale), minor)


def _back_in(scope: Scope) -> Query:
    columns = (Refund.location_id, Refund.business_on, Refund.created_at, RefundPart.id, RefundPart.amount_minor)
    return (
        select(*columns, CreditNote.label, Refund.id)
        .join(RefundPart, RefundPart.refund_id == Refund.id)
        .outerjoin(CreditNote, CreditNote.refund_id == Refund.id)
        .where(refunds_in(scope), RefundPart.kind == "card", RefundPart.replaces_id.is_(None))
    )


def _back(session: Session, query: Query) -> Iterator[CardLine]:
    for where, on, at, key, minor, label, refund in session.execute(query):
        yield CardLine(where, on, at, _BACK, key, 0, opens(label or UNNUMBERED["refund"], "refund", refund), -minor)


def _fees_in(scope: Scope) -> Query:
    return (
        select(JournalEntry, Posting.amount_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(
            Posting.location_id.in_(scope.location_ids),
            Posting.account_key == "stripe_fees",
            JournalEntry.business_on.between(scope.from_on, scope.to_on),
        )
    )


def _fees(session: Session, query: Query) -> Iterator[CardLine]:
    for some in portions(session.execute(query).all(), _AT_ONCE):
        pages = pages_of(session, {entry.subject_id for entry, _ in some})
        for entry, minor in some:
            page = pages.get(entry.subject_id)
            about = opens(entry.reference, *page) if page else entry.reference
            yield CardLine(entry.location_id, entry.business_on, entry.posted_at, _FEE, entry.id, 0, about, minor)


@dataclass(frozen=True)
class _Source:
    """Lines of one kind: their query, their place in the order of time, and how they are read."""

    query: Callable[[Scope], Query]
    moment: tuple[Any, Any]
    own: tuple[Any, ...]
    read: Callable[[Session, Query], Iterator[CardLine]]


_SOURCES = {
    _PAID: _Source(_paid_in, (Sale.business_on, Sale.completed_at), (Tender.sale_id, Tender.position), _paid),
    _BACK: _Source(_back_in, (Refund.business_on, Refund.created_at), (RefundPart.id,), _back),
    _FEE: _Source(_fees_in, (JournalEntry.business_on, JournalEntry.posted_at), (JournalEntry.id,), _fees),
}
_LOWEST, _HIGHEST = (UUID(int=0), -1), (UUID(int=2**128 - 1), 2**31 - 1)


def _stretch(session: Session, scope: Scope) -> list[CardLine]:
    found = [line for one in _SOURCES.values() for line in one.read(session, one.query(scope))]
    return sorted(found, key=lambda line: line.key)


def _window_of(which: int, one: _Source, window: Window) -> Window:
    """The window over the lines of one kind. Of the moment of its key the kinds below stand before, those above after it."""
    if window.key is None:
        return window
    on, at, kind, *row = window.key
    own = row if which == kind else _HIGHEST if which < kind else _LOWEST
    return replace(window, key=(on, at, *own[: len(one.own)]))


def _page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    # Location by location, so that the index of its days has them in order.
    found = [
        line
        for place in scope.places
        for which, one in _SOURCES.items()
        for line in one.read(
            session,
            _window_of(which, one, window).of(one.query(replace(scope, places=(place,))), (*one.moment, *one.own)),
        )
    ]
    found.sort(key=lambda line: line.key, reverse=not window.backwards)
    for line in window.in_order(found[: window.limit]):
        yield line.key, _cells(scope, line)


def _cells(scope: Scope, line: CardLine) -> tuple[Cell, ...]:
    place = scope.place(line.location_id)
    amounts: list[Cell] = [None, None, None]
    amounts[line.which] = Money(line.minor, place.currency)
    return line.on, local_minute(line.at, place.time_zone), place.name, line.about, *amounts, place.currency


def _sums(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    for (where, _on), (_count, *minors) in card_days(session, scope).items():
        code = scope.place(where).currency
        paid, back, fees = (Money(minor, code) if minor else None for minor in minors)
        yield sum_row(COLUMNS, dict(zip(COLUMNS[4:], (paid, -back if back else None, fees, code), strict=True)))


@report(
    "card-lines",
    title="Card money, one by one",
    about="Each payment by card, each amount given back to a card, and each fee as it was booked.",
    columns=COLUMNS,
    summed=COLUMNS[4:-1],
    keyed=Keyed((date, datetime, int, UUID, int), _page),
)
def card_lines(session: Session, scope: Scope) -> Summed:
    """In the order of time; each row has one of the three amounts."""
    lines = scope.in_stretches(lambda part: _stretch(session, part))
    return Summed((_cells(scope, line) for line in lines), lambda: _sums(session, scope))
