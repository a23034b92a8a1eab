"""Dry run of a package adjustment: executes it and rolls back."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.database.unit_of_work import unit_of_work
from pos.domain.credits.models import CreditLot
from pos.domain.ledger.models import (
    Account,
    Chain,
    JournalEntry,
    Posting,
)


@dataclass(frozen=True)
class Standing:
    """How a lot stands; value in minor units of its currency, net of tax."""

    status: str
    credits: int
    value_minor: int
    expires_on: date | None


@dataclass(frozen=True)
class Preview:
    """A lot before and after, and what would be booked: account names and signed amounts, debit positive."""

    before: Standing
    after: Standing
    postings: tuple[tuple[str, int], ...]


class _TakenBack(Exception):
    def __init__(self, preview: Preview) -> None:
        super().__init__()
        self.preview = preview


def _standing(session: Session, lot_id: UUID) -> Standing:
    session.expire_all()
    lot = session.get_one(CreditLot, lot_id)
    return Standing(lot.status, lot.remaining, lot.net_minor - lot.recognised_minor, lot.expires_on)


def _booked(session: Session, location_id: UUID, after_seq: int) -> tuple[tuple[str, int], ...]:
    rows = session.execute(
        select(Account.name, Posting.amount_minor)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Account, (Account.location_id == Posting.location_id) & (Account.key == Posting.account_key))
        .where(JournalEntry.location_id == location_id, JournalEntry.seq > after_seq)
        .order_by(JournalEntry.seq, Posting.position)
    )
    return tuple((name, minor) for name, minor in rows)


def preview(lot_id: UUID, conduct: Callable[..., Any], /, *args: Any, **values: Any) -> Preview:
    """What `conduct`, a unit of work, would do to a lot with these arguments; raises what it would raise."""

    @unit_of_work
    def rehearse(session: Session) -> None:
        lot = session.get_one(CreditLot, lot_id)
        seq = session.scalars(select(Chain.seq).where(Chain.location_id == lot.location_id)).one()
        before = _standing(session, lot_id)
        inspect.unwrap(conduct)(session, *args, **values)
        raise _TakenBack(Preview(before, _standing(session, lot_id), _booked(session, lot.location_id, seq)))

    try:
        rehearse()
    except _TakenBack as done:
        return done.preview
    raise AssertionError("a rehearsal always ends by being taken back")
