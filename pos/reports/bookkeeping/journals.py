"""The journal of a location and business day: what each account moved, debits and credits apart, in balance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.errors import Unbalanced
from pos.core.messages.books import ENTRY_DOES_NOT_BALANCE
from pos.domain.ledger.models import JournalEntry, Posting


@dataclass(frozen=True)
class Line:
    """One side of an account on one day: debit positive, credit negative; minor units, never 0."""

    account_key: str
    amount_minor: int

    @property
    def debit_minor(self) -> int:
        """The amount where it is a debit, otherwise 0."""
        return max(self.amount_minor, 0)

    @property
    def credit_minor(self) -> int:
        """The amount where it is a credit, otherwise 0."""
        return max(-self.amount_minor, 0)


@dataclass(frozen=True)
class DayJournal:
    """What a location booked on one business day, summed by account and side; raises Unbalanced unless it sums to zero."""

    on: date
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if sum(line.amount_minor for line in self.lines) != 0:
            raise Unbalanced(ENTRY_DOES_NOT_BALANCE)


@dataclass(frozen=True)
class AccountTerms:
    """An account as the location calls it, and what the bookkeeping program calls it (`target`)."""

    code: str
    name: str
    target: str


@dataclass(frozen=True)
class Books:
    """All that a format writes from: the journals of some days, oldest first, and the names of their accounts.

    `settings` are those of the program. `newest` is when the newest of the entries was posted, in UTC.
    """

    location: str
    slug: str
    prefix: str
    currency: str
    from_on: date
    to_on: date
    accounts: Mapping[str, AccountTerms]
    settings: Mapping[str, str]
    newest: datetime
    days: tuple[DayJournal, ...]

    def target(self, line: Line) -> str:
        """The account of a line in the bookkeeping program."""
        return self.accounts[line.account_key].target

    def number(self, day: DayJournal) -> str:
        """What the journal of a day is called everywhere: `MAP-20261101`."""
        return f"{self.prefix}-{day.on:%Y%m%d}"

    def about(self, line: Line) -> str:
        """What a line is, in words: the location, and the account as its chart calls it."""
        return f"{self.location}: {self.accounts[line.account_key].name}"


@dataclass(frozen=True)
class File:
    """A file of an export."""

    name: str
    content: bytes


def _here(location_id: UUID, from_on: date, to_on: date, until_seq: int | None) -> Any:
    found = (JournalEntry.location_id == location_id) & JournalEntry.business_on.between(from_on, to_on)
    return found if until_seq is None else found & (JournalEntry.seq <= until_seq)


def day_journals(
    session: Session, location_id: UUID, from_on: date, to_on: date, *, until_seq: int | None = None
) -> tuple[DayJournal, ...]:
    """The journal of each day on which a location booked something, oldest first.

    `until_seq` leaves out what was posted after that entry, so that an export can be made again as it was.
    """
    debit = func.sum(case((Posting.amount_minor > 0, Posting.amount_minor), else_=0))
    credit = func.sum(case((Posting.amount_minor < 0, Posting.amount_minor), else_=0))
    query = (
        select(JournalEntry.business_on, Posting.account_key, debit.label("debit"), credit.label("credit"))
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(_here(location_id, from_on, to_on, until_seq))
        .group_by(JournalEntry.business_on, Posting.account_key)
    )
    # Sorted here: databases differ in the order of texts.
    rows = sorted(session.execute(query), key=lambda row: (row.business_on, row.account_key))
    return tuple(
        DayJournal(on, tuple(line for row in its for line in _sides(row)))
        for on, its in groupby(rows, key=lambda row: row.business_on)
    )


def _sides(row: Any) -> Iterator[Line]:
    for minor in (int(row.debit), int(row.credit)):
        if minor:
            yield Line(row.account_key, minor)


def newest_posting(
    session: Session, location_id: UUID, from_on: date, to_on: date, *, until_seq: int | None = None
) -> datetime | None:
    """When the newest entry of some days was posted; None where there is none."""
    return session.scalar(select(func.max(JournalEntry.posted_at)).where(_here(location_id, from_on, to_on, until_seq)))


def changed_days(session: Session, location_id: UUID, from_on: date, to_on: date, after_seq: int) -> list[date]:
    """The days of a range into which something was posted after an entry, oldest first."""
    return list(
        session.scalars(
            select(JournalEntry.business_on)
            .where(_here(location_id, from_on, to_on, None), JournalEntry.seq > after_seq)
            .distinct()
            .order_by(JournalEntry.business_on)
        )
    )


def last_entry(session: Session, location_id: UUID, from_on: date, to_on: date) -> int:
    """The number of the last entry of some days; 0 where there is none."""
    return int(session.scalar(select(func.max(JournalEntry.seq)).where(_here(location_id, from_on, to_on, None))) or 0)


def first_booked_on(session: Session, location_id: UUID) -> date | None:
    """The first day on which a location booked something; None before it."""
    return session.scalar(select(func.min(JournalEntry.business_on)).where(JournalEntry.location_id == location_id))
