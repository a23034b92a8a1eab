"""Whether the journals that go to a bookkeeper's program are what the ledger booked, read back from their CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.money import exponent
from pos.domain.ledger.models import Account, JournalEntry, Posting
from pos.domain.ledger.queries import head
from pos.reports.bookkeeping.programs import PROGRAMS
from pos.reports.bookkeeping.readiness import books_of, terms_of
from pos.reports.period import Scope


def journal_differences(session: Session, scope: Scope) -> Iterator[str]:
    """What the journals of one location's days have otherwise than its postings, account by account and side by side."""
    (place,) = scope.places
    posted: Counter[tuple[str, str, bool]] = Counter()
    for on, key, minor in session.execute(
        select(JournalEntry.business_on, Account.code, Posting.amount_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(Account, (Account.location_id == Posting.location_id) & (Account.key == Posting.account_key))
        .where(JournalEntry.location_id == place.id, JournalEntry.business_on.between(scope.from_on, scope.to_on))
    ):
        posted[on.isoformat(), key, minor > 0] += minor
    written: Counter[tuple[str, str, bool]] = Counter()
    terms, (seq, _hash) = terms_of(session, place, PROGRAMS["csv"]), head(session, place.id)
    books = books_of(session, place.id, terms, scope.from_on, scope.to_on, seq)
    for file in PROGRAMS["csv"].write(books) if books else ():
        for row in csv.DictReader(io.StringIO(file.content.decode(), newline="")):
            amount = Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
            written[row["Date"], row["AccountCode"], amount > 0] += int(amount.scaleb(exponent(place.currency)))
    for key in sorted({*posted, *written}):
        if posted[key] != written[key]:
            yield f"journal of {key}: {written[key]} ≠ {posted[key]}"
