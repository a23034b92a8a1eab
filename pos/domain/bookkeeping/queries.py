"""Reads of bookkeeping programs, exports and files of months."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.books import NO_SUCH_EXPORT, NO_SUCH_MONTH_FILE
from pos.domain.bookkeeping.models import BookkeepingProgram, JournalExport, MonthFile


def written_terms(session: Session, location_id: UUID, program: str) -> tuple[dict[str, str], dict[str, str]]:
    """What was written for a program at a location: its accounts by key of the chart, and its settings."""
    row = session.get(BookkeepingProgram, (location_id, program))
    return (dict(row.accounts), dict(row.settings)) if row else ({}, {})


def exports(session: Session, location_id: UUID, program: str | None = None, *, limit: int = 20) -> list[JournalExport]:
    """The exports of a location, newest first; of one program where it is named."""
    query = select(JournalExport).where(JournalExport.location_id == location_id)
    if program is not None:
        query = query.where(JournalExport.program == program)
    newest_first = query.order_by(JournalExport.exported_at.desc(), JournalExport.id.desc())
    return list(session.scalars(newest_first.limit(limit)))


def exports_of_days(
    session: Session, location_id: UUID, program: str, from_on: date, to_on: date
) -> list[JournalExport]:
    """The exports for a program that have a day of these among theirs, newest first."""
    return list(
        session.scalars(
            select(JournalExport)
            .where(
                JournalExport.location_id == location_id,
                JournalExport.program == program,
                JournalExport.from_on <= to_on,
                JournalExport.to_on >= from_on,
            )
            .order_by(JournalExport.exported_at.desc(), JournalExport.id.desc())
        )
    )


def export_of(session: Session, export_id: UUID, location_ids: frozenset[UUID]) -> JournalExport:
    """An export of one of some locations; raises NotFound."""
    row = session.get(JournalExport, export_id)
    if row is None or row.location_id not in location_ids:
        raise NotFound(NO_SUCH_EXPORT)
    return row


def month_files(session: Session, location_id: UUID, *, limit: int = 12) -> list[MonthFile]:
    """The files of months of a location that were asked for, newest first."""
    query = select(MonthFile).where(MonthFile.location_id == location_id)
    return list(session.scalars(query.order_by(MonthFile.asked_at.desc(), MonthFile.id.desc()).limit(limit)))


def month_file_of(session: Session, file_id: UUID, location_ids: frozenset[UUID]) -> MonthFile:
    """The file of a month of one of some locations; raises NotFound."""
    row = session.get(MonthFile, file_id)
    if row is None or row.location_id not in location_ids:
        raise NotFound(NO_SUCH_MONTH_FILE)
    return row
