"""Exporting the journals of some days for a bookkeeping program: each export is a row, and can be made again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zipfile import ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.hashing import sha256_hex
from pos.core.ids import new_id
from pos.core.messages.books import (
    EXPORT_AGAIN,
    EXPORT_NOT_CLOSED,
    EXPORT_NOT_READY,
    EXPORT_WRITTEN_DIFFERENTLY,
    NOTHING_BOOKED,
)
from pos.domain.bookkeeping.models import JournalExport
from pos.domain.bookkeeping.queries import exports_of_days
from pos.domain.ledger.queries import head
from pos.domain.locations.models import Location
from pos.domain.locations.queries import place
from pos.reports.bookkeeping.archive import zip_entry
from pos.reports.bookkeeping.journals import File
from pos.reports.bookkeeping.program import Program
from pos.reports.bookkeeping.programs import program_of
from pos.reports.bookkeeping.readiness import books_of, readiness, terms_of
from pos.reports.period import one_moment


@dataclass(frozen=True)
class Exported:
    """An export with its file: one file as it is, several in a ZIP."""

    export_id: UUID
    file: File


def _one_file(program: Program, files: Sequence[File], slug: str, from_on: date, to_on: date) -> File:
    if len(files) == 1:
        return files[0]
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for file in files:
            archive.writestr(zip_entry(file.name), file.content)
    return File(f"journal-{program.key}-{slug}-{from_on}-{to_on}.zip", out.getvalue())


def export_journal(
    *,
    location_id: UUID,
    staff_id: UUID | None,
    program_key: str,
    from_on: date,
    to_on: date,
    again: bool = False,
) -> Exported:
    """Write the journals of some days for a program and note it.

    Raises NotFound for a program that is none, Invalid where nothing was booked, Conflict where something is missing; and
    Conflict with `why` “asks” where days were exported before or are not closed, unless `again` says that this is meant.
    A year takes seconds to sum up, so no lock is held for it: the row alone is a unit of work.
    """
    program, session = program_of(program_key), reading()
    one_moment(session)
    where = place(session, location_id)
    seq, _hash = head(session, where.id)
    found = readiness(session, where, program, from_on, to_on)
    if not found.days:
        raise Invalid(NOTHING_BOOKED, field="from")
    if found.missing:
        raise Conflict(EXPORT_NOT_READY(count=len(found.missing)), why="missing")
    if found.asks and not again:
        raise Conflict(EXPORT_AGAIN if found.before else EXPORT_NOT_CLOSED, why="asks")
    terms = terms_of(session, where, program)
    books = books_of(session, where.id, terms, from_on, to_on, seq, days=found.days)
    assert books is not None
    file = _one_file(program, program.write(books), where.slug, from_on, to_on)
    export = JournalExport(
        id=new_id(),
        location_id=where.id,
        program=program.key,
        from_on=from_on,
        to_on=to_on,
        ledger_seq=seq,
        terms=terms,
        sha256=sha256_hex(file.content),
        exported_by=staff_id,
        exported_at=clock.now(),
    )
    export_id = export.id
    _keep(export, known=frozenset(one.id for one in found.before), again=again)
    return Exported(export_id, file)


@unit_of_work
def _keep(session: Session, export: JournalExport, *, known: frozenset[UUID], again: bool) -> None:
    """Write an export down; raises Conflict where somebody else exported days of it meanwhile."""
    # Of two at the same moment the second one waits here, and then sees the first.
    session.execute(select(Location.id).where(Location.id == export.location_id).with_for_update())
    before = exports_of_days(session, export.location_id, export.program, export.from_on, export.to_on)
    if not again and any(one.id not in known for one in before):
        raise Conflict(EXPORT_AGAIN, why="asks")
    session.add(export)
    audit.note(
        session, "bookkeeping.exported", actor_id=export.exported_by, location_id=export.location_id,
        subject_id=export.id, program=export.program, from_on=export.from_on.isoformat(),
        to_on=export.to_on.isoformat(), sha256=export.sha256,
    )  # fmt: skip


def exported_file(export: JournalExport) -> File:
    """The file of an export, byte for byte as it was; raises Conflict where this version writes the format differently."""
    program = program_of(export.program)
    books = books_of(reading(), export.location_id, export.terms, export.from_on, export.to_on, export.ledger_seq)
    files = program.write(books) if books is not None else []
    file = _one_file(program, files, export.terms["slug"], export.from_on, export.to_on)
    if sha256_hex(file.content) != export.sha256:
        raise Conflict(EXPORT_WRITTEN_DIFFERENTLY)
    return file
