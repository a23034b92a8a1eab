"""Accounts and settings of bookkeeping programs, the exports that were made, and the files of whole months."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.staff.models import Staff


class BookkeepingProgram(Base):
    """How a location's books are written for one program: its account for each key of the chart, and its settings."""

    __tablename__ = "bookkeeping_programs"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    program: Mapped[str] = mapped_column(String(40), primary_key=True)
    accounts: Mapped[dict[str, str]] = mapped_column(JSON)
    settings: Mapped[dict[str, str]] = mapped_column(JSON)


class JournalExport(Base):
    """The journals of some days, written for a program. Never changed.

    `terms` are the names and settings it was written with, `ledger_seq` the last entry of the books then: from both and the
    ledger the same bytes are made again. `sha256` is of these bytes.
    """

    __tablename__ = "journal_exports"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="days"),
        Index("ix_journal_exports_location_id_program", "location_id", "program"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    program: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date]
    to_on: Mapped[date]
    ledger_seq: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    exported_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    exported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MonthFile(Base):
    """The ZIP of everything of a location's month: asked for, made by the worker in steps, kept for some days.

    `done` of `total` papers are set. A failed one has its sentence in `failure`; one that was removed has state `removed`.
    """

    __tablename__ = "month_files"
    __table_args__ = (
        CheckConstraint("state IN ('making', 'ready', 'failed', 'cancelled', 'removed')", name="state"),
        Index("ix_month_files_location_id_month_on", "location_id", "month_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    month_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12), default="making")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(String(300), default="")
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
