"""The trial balance of any days: each account at their beginning, what it moved, and at their end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos.core.clock import add_months, days_of_month
from pos.core.messages.books import TRIAL_BALANCE_NOT_ZERO
from pos.core.money import Money
from pos.domain.ledger.entries import account_name, chart_line
from pos.domain.ledger.models import Account, Closing, JournalEntry, Posting
from pos.domain.locations.queries import Place
from pos.reports.analysis.opens import Behind
from pos.reports.exporters import Cell
from pos.reports.period import FIRST, Scope
from pos.reports.registry import Remark, report

COLUMNS = ("Location", "Account code", "Account name", "Opening", "Debit", "Credit", "Closing", "Currency")


@dataclass
class Balance:
    """An account, minor units: debits less credits before the days, both in them."""

    opening: int = 0
    debit: int = 0
    credit: int = 0

    @property
    def closing(self) -> int:
        """Debits less credits at the end."""
        return self.opening + self.debit - self.credit


def _closed_months(session: Session, place: Place, first: date, last: date) -> dict[date, dict[str, tuple[int, int]]]:
    """The closed months of a location that lie within some days, with what each account moved in them."""
    rows = session.execute(
        select(Closing.period_on, Closing.document).where(
            Closing.location_id == place.id, Closing.kind == "month", Closing.period_on.between(first, last)
        )
    )
    return {on: document["accounts"] for on, document in rows if days_of_month(on)[1] <= last}


def _gaps(first: date, last: date, months: Sequence[date]) -> Iterator[tuple[date, date]]:
    """The days that are in none of some months within them."""
    start = first
    for month in sorted(months):
        if start < month:
            yield start, month - timedelta(days=1)
        start = add_months(month, 1)
    if start <= last:
        yield start, last


def _posted(session: Session, place: Place, first: date, last: date) -> Iterator[tuple[str, int, int]]:
    """What the postings of some days moved on each account of a location: debits and credits."""
    debit = case((Posting.amount_minor > 0, Posting.amount_minor), else_=0)
    rows = session.execute(
        select(Posting.account_key, func.sum(debit), func.sum(Posting.amount_minor))
        .select_from(JournalEntry)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.location_id == place.id, JournalEntry.business_on.between(first, last))
        .group_by(Posting.account_key)
    )
    for key, debits, balance in rows:
        yield key, int(debits), int(debits) - int(balance)


def _moved(session: Session, place: Place, first: date, last: date) -> Iterator[tuple[str, int, int]]:
    """The same of any days: a closed month is frozen and is read from its closing, the rest from the postings."""
    months = _closed_months(session, place, first, last)
    for accounts in months.values():
        for key, (debit, credit) in accounts.items():
            yield key, debit, credit
    for start, end in _gaps(first, last, list(months)):
        yield from _posted(session, place, start, end)


def trial_balance(session: Session, place: Place, first: date, last: date) -> dict[str, Balance]:
    """Each account of a location that ever moved until the last day, by its key."""
    found: dict[str, Balance] = defaultdict(Balance)
    if first > FIRST:
        for key, debit, credit in _moved(session, place, FIRST, first - timedelta(days=1)):
            found[key].opening += debit - credit
    for key, debit, credit in _moved(session, place, first, last):
        found[key].debit += debit
        found[key].credit += credit
    return found


def _remarks(session: Session, scope: Scope) -> Sequence[Remark]:
    for place in scope.places:
        found = trial_balance(session, place, scope.from_on, scope.to_on).values()
        if sum(one.opening for one in found) or sum(one.closing for one in found):
            return [Remark(TRIAL_BALANCE_NOT_ZERO(location=place.name), bad=True)]
    return []


@report(
    "trial-balance",
    title="Trial balance",
    about="Each account at the beginning and the end of any days, and its debits and credits in them; credits are negative.",
    columns=COLUMNS,
    summed=COLUMNS[3:-1],
    by=COLUMNS[:3],
    behind="journal",
    remarks=_remarks,
)
def trial_balance_report(session: Session, scope: Scope) -> Iterator[tuple[Cell, ...]]:
    """The accounts of each location by code; openings and closings sum to zero, debits to credits."""
    names: dict[tuple[UUID, str], tuple[str, str]] = {
        (row.location_id, row.key): (row.code, account_name(row.key, row.name))
        for row in session.scalars(select(Account).where(Account.location_id.in_(scope.location_ids)))
    }
    for place in scope.places:
        found = trial_balance(session, place, scope.from_on, scope.to_on)
        lines = [(*names.get((place.id, key), chart_line(key)), key, one) for key, one in found.items()]
        for code, name, key, one in sorted(lines, key=lambda line: line[:3]):
            amounts = (one.opening, one.debit, one.credit, one.closing)
            words = Behind(name, location=place.slug, account=key)
            yield (place.name, code, words, *(Money(minor, place.currency) for minor in amounts), place.currency)
