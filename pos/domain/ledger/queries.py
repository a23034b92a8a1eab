"""Reads of the ledger: balances of accounts, the head of a chain."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.domain.ledger.models import Chain, JournalEntry, Posting


def balance(session: Session, location_id: UUID, account_key: str) -> int:
    """What an account holds now: debits less credits, minor units."""
    total = select(func.coalesce(func.sum(Posting.amount_minor), 0))
    return int(session.scalar(total.where(Posting.location_id == location_id, Posting.account_key == account_key)) or 0)


def moved_in_shift(session: Session, shift_id: UUID, account_key: str, *, without: str) -> int:
    """What the entries of one shift moved on an account, those of one event left out: debits less credits, minor units."""
    total = (
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.shift_id == shift_id, JournalEntry.event != without, Posting.account_key == account_key)
    )
    return int(session.scalar(total) or 0)


def head(session: Session, location_id: UUID) -> tuple[int, str]:
    """The number and the hash of the last entry of a location's chain."""
    row = session.execute(select(Chain.seq, Chain.head_hash).where(Chain.location_id == location_id)).one()
    return row.seq, row.head_hash


def entry_of(session: Session, subject_id: UUID, event: str) -> JournalEntry | None:
    """The entry that an event of a subject posted, if it did."""
    return session.scalar(
        select(JournalEntry).where(JournalEntry.subject_id == subject_id, JournalEntry.event == event)
    )
