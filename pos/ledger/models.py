"""The double-entry ledger: accounts, entries, postings and the head of each location's hash chain."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos.kernel.db import Base, UtcDateTime
from pos.locations.models import Location


class Account(Base):
    """An account of a location. `key` is its fixed meaning; code and name are the bookkeeper's."""

    __tablename__ = "accounts"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))


class JournalEntry(Base):
    """One business event. `hash` covers its facts, its postings and the hash before it in the location."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        UniqueConstraint("location_id", "seq"),
        UniqueConstraint("event", "subject_id"),
        Index("ix_journal_entries_location_id_business_on", "location_id", "business_on"),
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
