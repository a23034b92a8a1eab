"""The double-entry ledger: accounts, entries, postings, the head of each location's hash chain, and closed periods."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.domain.locations.models import Location


class Account(Base):
    """An account of a location. `key` is its fixed meaning; code and name are the bookkeeper's."""

    __tablename__ = "accounts"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))


class JournalEntry(Base):
    """One business event. `hash` covers its facts, its postings and the hash before it in the location.

    `recorded` are the digests of the rows of history written with it, `log_seq` and `log_head` the end of the change log
    then; all three are NULL in entries from before there was one.
    """

    __tablename__ = "journal_entries"
    __table_args__ = (
        UniqueConstraint("location_id", "seq"),
        UniqueConstraint("event", "subject_id"),
        Index("ix_journal_entries_location_id_business_on", "location_id", "business_on"),
        Index("ix_journal_entries_shift_id", "shift_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    seq: Mapped[int]
    event: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(String(80))
    business_on: Mapped[date]
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID | None]
    shift_id: Mapped[UUID | None]
    client_ref: Mapped[str | None] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    recorded: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    log_seq: Mapped[int | None] = mapped_column(BigInteger)
    log_head: Mapped[str | None] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Posting(Base):
    """A signed amount on an account: debit positive, credit negative, in minor units of the entry's currency."""

    __tablename__ = "postings"
    __table_args__ = (
        ForeignKeyConstraint(["location_id", "account_key"], ["accounts.location_id", "accounts.key"]),
        CheckConstraint("amount_minor <> 0", name="not_zero"),
        Index("ix_postings_account", "location_id", "account_key"),
    )

    entry_id: Mapped[UUID] = mapped_column(ForeignKey(JournalEntry.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[UUID]
    account_key: Mapped[str] = mapped_column(String(80))
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Chain(Base):
    """The head of a location's chain; moved on by a conditional UPDATE, so entries of a location queue here."""

    __tablename__ = "ledger_chains"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(String(64))


class Closing(Base):
    """A closed day or month of a location: its figures and running totals as they stood. Never changed.

    `period_on` is the day, or the first of the month. `ledger_seq` and `ledger_head` are the head of the books at the close;
    `hash` covers all of it and the hash of the closing before, of the same location and kind.
    """

    __tablename__ = "closings"
    __table_args__ = (
        CheckConstraint("kind IN ('day', 'month')", name="kind"),
        UniqueConstraint("location_id", "kind", "period_on"),
        UniqueConstraint("location_id", "kind", "number", name="uq_closings_number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    kind: Mapped[str] = mapped_column(String(8))
    period_on: Mapped[date]
    number: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    running_minor: Mapped[int] = mapped_column(BigInteger)
    ledger_seq: Mapped[int]
    ledger_head: Mapped[str] = mapped_column(String(64))
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
