"""Dry run of a package adjustment: does it on temporary copies of what it writes, and waits for nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from pos.core.audit import AuditEvent
from pos.core.database.base import Base, reading
from pos.core.database.temporary_copies import temporary_copies
from pos.core.database.unit_of_work import run_within
from pos.core.outbox import OutboxMessage
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    LotExtension,
    LotFreeze,
    LotItem,
    LotShare,
    RedemptionReversal,
)
from pos.domain.ledger.entries import account_name
from pos.domain.ledger.models import (
    Account,
    Chain,
    JournalEntry,
    Posting,
)
from pos.domain.staff.models import Approval
from pos.services.packages.authorization import lot_and_package


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


def standing(session: Session, lot_id: UUID) -> Standing:
    """How a lot stands now."""
    lot = session.get_one(CreditLot, lot_id, populate_existing=True)
    return Standing(lot.status, lot.remaining, lot.net_minor - lot.recognised_minor, lot.expires_on)


def booked_after(session: Session, location_id: UUID, seq: int) -> tuple[tuple[str, int], ...]:
    """What was booked at a location after its entry number `seq`."""
    rows = session.execute(
        select(Account.key, Account.name, Posting.amount_minor)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Account, (Account.location_id == Posting.location_id) & (Account.key == Posting.account_key))
        .where(JournalEntry.location_id == location_id, JournalEntry.seq > seq)
        .order_by(JournalEntry.seq, Posting.position)
    )
    return tuple((account_name(key, name), minor) for key, name, minor in rows)


def _copied(location_id: UUID, package_id: UUID) -> Mapping[type[Base], ColumnElement[bool]]:
    """Every table that an adjustment writes, with the rows it may read or change; it reads no other rows of them."""
    lots = select(CreditLot.id).where(CreditLot.package_id == package_id)
    return {
        CreditLot: CreditLot.package_id == package_id,
        **{table: table.lot_id.in_(lots) for table in (CreditMove, LotItem, LotFreeze, LotExtension, LotShare)},
        Approval: Approval.location_id == location_id,
        Account: Account.location_id == location_id,
        Chain: Chain.location_id == location_id,
        **dict.fromkeys((RedemptionReversal, JournalEntry, Posting, AuditEvent, OutboxMessage), false()),
    }


def preview(lot_id: UUID, conduct: Callable[..., Any], /, *args: Any, **values: Any) -> Preview:
    """What `conduct`, a unit of work, would do to a lot with these arguments; raises what it would raise."""
    lot, package = lot_and_package(reading(), lot_id)
    location_id = lot.location_id
    with temporary_copies(_copied(location_id, package.id)) as session:
        seq = session.scalars(select(Chain.seq).where(Chain.location_id == location_id)).one()
        before = standing(session, lot_id)
        run_within(session, conduct, *args, **values)
        session.flush()
        return Preview(before, standing(session, lot_id), booked_after(session, location_id, seq))
