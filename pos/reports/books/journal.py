"""The journal of some days: entry by entry for the bookkeeper's program, or summed by account for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from pos.core.audit import AuditEvent
from pos.core.money import Money
from pos.core.paging.window import Window
from pos.domain.ledger.entries import account_name
from pos.domain.ledger.models import Account, JournalEntry, Posting
from pos.domain.locations.queries import Place
from pos.domain.staff.permissions import Permission
from pos.reports.analysis.opens import Opens
from pos.reports.books.entry_subjects import pages_of
from pos.reports.books.entry_words import event_word
from pos.reports.exporters import Cell
from pos.reports.period import Only, Scope
from pos.reports.registry import Keyed, report

# What is noted where an older copy of the database was restored and a location got another prefix.
RESTORED = "books.restored"
COLUMNS = (
    "Date", "Location", "Entry", "Event", "Account code", "Account name", "Debit", "Credit", "Currency", "Reference",
)  # fmt: skip


@dataclass(frozen=True)
class JournalLine:
    """One posting with its entry; one of debit and credit is zero. Minor units of `currency`."""

    place: Place
    business_on: date
    entry_id: UUID
    number: int
    event: str
    subject_id: UUID
    reference: str
    account_key: str
    account_code: str
    account_name: str
    debit_minor: int
    credit_minor: int
    currency: str
    prefix: str
    position: int

    @property
    def key(self) -> tuple[int, int]:
        """What a page of a location's lines begins after."""
        return self.number, self.position

    @property
    def label(self) -> str:
        """The entry's number, unique over all locations."""
        return f"{self.prefix}-J{self.number:06d}"


@dataclass(frozen=True)
class AccountLine:
    """What one account of a location moved: debits, credits, and how many postings. Minor units of `currency`."""

    place: Place
    account_key: str
    account_code: str
    account_name: str
    debit_minor: int
    credit_minor: int
    postings: int
    currency: str

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


def _covered(scope: Scope) -> ColumnElement[bool]:
    return JournalEntry.location_id.in_(scope.location_ids) & JournalEntry.business_on.between(
        scope.from_on, scope.to_on
    )


_ACCOUNT = and_(Account.location_id == Posting.location_id, Account.key == Posting.account_key)


def _postings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            JournalEntry.location_id,
            JournalEntry.business_on,
            JournalEntry.id,
            JournalEntry.seq,
            JournalEntry.event,
            JournalEntry.subject_id,
            JournalEntry.reference,
            JournalEntry.currency,
            Posting.account_key,
            Posting.amount_minor,
            Posting.position,
            Account.code,
            Account.name,
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(Account, _ACCOUNT)
    )


def _prefixes(session: Session, places: Iterable[Place]) -> dict[UUID, list[tuple[int, str]]]:
    """The prefixes of some locations, each with the last entry before it, oldest first.

    Where an older copy was restored, the entries that follow have another prefix than those that were lost: these may have
    been exported under the same numbers. Entries keep the number they were exported with.
    """
    found = {place.id: [(0, place.receipt_prefix.partition(".")[0])] for place in places}
    restored = select(AuditEvent.location_id, AuditEvent.detail).where(
        AuditEvent.action == RESTORED, AuditEvent.location_id.in_(found)
    )
    for location_id, detail in session.execute(restored.order_by(AuditEvent.at, AuditEvent.id)):
        found[location_id].append((int(detail["after_entry"]), str(detail["prefix"])))
    return found


def _line(place: Place, row: Any, prefixes: dict[UUID, list[tuple[int, str]]]) -> JournalLine:
    return JournalLine(
        place=place,
        business_on=row.business_on,
        entry_id=row.id,
        number=row.seq,
        event=row.event,
        subject_id=row.subject_id,
        reference=row.reference,
        account_key=row.account_key,
        account_code=row.code,
        account_name=account_name(row.account_key, row.name),
        debit_minor=max(row.amount_minor, 0),
        credit_minor=max(-row.amount_minor, 0),
        currency=row.currency,
        position=row.position,
        prefix=[prefix for after, prefix in prefixes[place.id] if after < row.seq][-1],
    )


_ORDER = (JournalEntry.business_on, JournalEntry.location_id, JournalEntry.seq, Posting.position)


def _asked(scope: Scope) -> Select[*tuple[Any, ...]]:
    query = _postings().where(_covered(scope))
    return query.where(Posting.account_key.in_(scope.only.account.split(","))) if scope.only.account else query


def lines(session: Session, scope: Scope) -> Iterator[JournalLine]:
    """The postings of a scope in the order of the books; where it is narrowed, those of some accounts."""
    prefixes = _prefixes(session, scope.places)
    for row in scope.in_stretches(lambda part: _stretch(session, part)):
        yield _line(scope.place(row.location_id), row, prefixes)


def _stretch(session: Session, scope: Scope) -> Iterable[Any]:
    return session.execute(_asked(scope).order_by(*_ORDER).execution_options(yield_per=1000))


def page_of_lines(session: Session, place: Place, on: date, window: Window, only: Only) -> list[JournalLine]:
    """Some postings of a location's day in the order of the books; `only` narrows to those of some accounts."""
    query = _asked(Scope((place,), on, on, only))
    rows = session.execute(window.of(query, (JournalEntry.seq, Posting.position), newest_first=False)).all()
    prefixes = _prefixes(session, [place])
    return [_line(place, row, prefixes) for row in window.in_order(rows)]


def entry_lines(session: Session, place: Place, entry_id: UUID) -> list[JournalLine]:
    """The postings of one entry of a location."""
    query = (
        _postings().where(JournalEntry.id == entry_id, JournalEntry.location_id == place.id).order_by(Posting.position)
    )
    prefixes = _prefixes(session, [place])
    return [_line(place, row, prefixes) for row in session.execute(query)]


def by_account(session: Session, scope: Scope) -> list[AccountLine]:
    """The accounts that moved, by location and code."""
    debit = func.sum(case((Posting.amount_minor > 0, Posting.amount_minor), else_=0))
    credit = func.sum(case((Posting.amount_minor < 0, -Posting.amount_minor), else_=0))
    keys = (Posting.location_id, Account.key, Account.code, Account.name, JournalEntry.currency)
    query = (
        select(*keys, debit.label("debit"), credit.label("credit"), func.count().label("postings"))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Account, _ACCOUNT)
        .where(_covered(scope))
        .group_by(*keys)
    )
    order = {place.id: number for number, place in enumerate(scope.places)}
    return [
        AccountLine(
            place=scope.place(row.location_id),
            account_key=row.key,
            account_code=row.code,
            account_name=account_name(row.key, row.name),
            debit_minor=int(row.debit),
            credit_minor=int(row.credit),
            postings=row.postings,
            currency=row.currency,
        )
        for row in sorted(session.execute(query), key=lambda r: (order[r.location_id], r.code, r.key))
    ]


def _cells(line: JournalLine, label: str) -> tuple[Cell, ...]:
    return (
        line.business_on,
        line.place.name,
        label,
        event_word(line.event),
        line.account_code,
        line.account_name,
        Money(line.debit_minor, line.currency) if line.debit_minor else None,
        Money(line.credit_minor, line.currency) if line.credit_minor else None,
        line.currency,
        line.reference,
    )


def _journal_page(session: Session, scope: Scope, window: Window) -> Iterator[tuple[tuple[Any, ...], tuple[Cell, ...]]]:
    """The rows of a window in the order of the books; the number of an entry opens what the entry is about."""
    rows = session.execute(window.of(_asked(scope), _ORDER, newest_first=False)).all()
    prefixes = _prefixes(session, scope.places)
    found = [_line(scope.place(row.location_id), row, prefixes) for row in window.in_order(rows)]
    pages = pages_of(session, {line.subject_id for line in found})
    for line in found:
        page = pages.get(line.subject_id)
        label = Opens(line.label, *page) if page else line.label
        yield (line.business_on, line.place.id, line.number, line.position), _cells(line, label)


@report(
    "journal",
    title="Journal",
    about="The journal entry by entry: debits and credits of all accounts sum to zero in each location and day.",
    columns=COLUMNS,
    summed=("Debit", "Credit"),
    file_permission=Permission.EXPORT_LEDGER,
    for_programs=True,
    filters=("account",),
    keyed=Keyed((date, UUID, int, int), _journal_page),
)
def journal_rows(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """A debit or a credit in each row, zero written as nothing."""
    return (_cells(line, line.label) for line in lines(session, scope))
