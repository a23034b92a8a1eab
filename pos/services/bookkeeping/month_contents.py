"""What the file of a month holds, in its order: tables, receipts, credit notes, Z reports and closings.

Every part is made one after the other, so that a month of thousands of receipts holds no more in memory than one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, cast
from uuid import UUID
from zipfile import ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.clock import days_of_month
from pos.core.database.base import reading
from pos.core.hashing import canonical
from pos.domain.ledger.models import Closing
from pos.domain.ledger.queries import head
from pos.domain.locations.queries import Place
from pos.domain.receipts.credit_note_models import CreditNote, CreditNoteFile
from pos.domain.receipts.models import Receipt, ReceiptFile
from pos.domain.till.models import ZReport
from pos.reports.bookkeeping.archive import zip_entry
from pos.reports.bookkeeping.journals import last_entry
from pos.reports.bookkeeping.programs import PROGRAMS
from pos.reports.bookkeeping.readiness import books_of, terms_of
from pos.reports.exporters import write_csv
from pos.reports.listed import reports
from pos.reports.period import Scope, one_moment
from pos.services.documents.receipts import receipt_pdf
from pos.services.documents.renderer import sheet_of, to_pdf
from pos.services.documents.till_reports import closing_document, z_document
from pos.services.refunds.credit_notes import note_pdf

# The reports that a bookkeeper asks for, by their names; each is a CSV.
TABLES = (
    "journal", "sales", "items", "tax", "tax-by-rate", "liability", "discounts", "trial-balance", "refunds",
)  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """A document of the month: its kind (`receipt`, `note`, `z`, `closing`), the key of its row, its name in the archive."""

    kind: str
    key: UUID
    name: str


def papers(session: Session, place: Place, month_on: date) -> list[Paper]:
    """The documents of a month in the order of their numbers."""
    first, last = days_of_month(month_on)
    found = []
    receipts = select(Receipt.id, Receipt.label).where(
        Receipt.location_id == place.id, Receipt.business_on.between(first, last)
    )
    for key, label in session.execute(receipts.order_by(Receipt.series, Receipt.number)):
        found.append(Paper("receipt", key, f"receipts/{label}.pdf"))
    notes = select(CreditNote.id, CreditNote.label).where(
        CreditNote.location_id == place.id, CreditNote.business_on.between(first, last)
    )
    for key, label in session.execute(notes.order_by(CreditNote.series, CreditNote.number)):
        found.append(Paper("note", key, f"credit-notes/{label}.pdf"))
    shifts = (
        select(ZReport.id, ZReport.number, ZReport.business_on, ZReport.document)
        .where(ZReport.location_id == place.id, ZReport.business_on.between(first, last))
        .order_by(ZReport.business_on, ZReport.drawer_id, ZReport.number)
    )
    for row in session.execute(shifts):
        desk = re.sub(r"[^A-Za-z0-9]+", "-", row.document["desk"]).strip("-")[:40]
        # Drawers count for themselves, and two desks may have names of the same plain letters.
        found.append(Paper("z", row.id, f"z-reports/{row.business_on}-{desk}-Z-{row.number}-{row.id.hex[-4:]}.pdf"))
    closings = select(Closing.id, Closing.kind, Closing.period_on).where(
        Closing.location_id == place.id, Closing.period_on.between(first, last)
    )
    for row in session.execute(closings.order_by(Closing.kind, Closing.period_on)):
        when = row.period_on.isoformat() if row.kind == "day" else f"{row.period_on:%Y-%m}"
        found.append(Paper("closing", row.id, f"closings/{row.kind}-{when}.pdf"))
    return found


def _first_kept(
    session: Session, table: type[ReceiptFile] | type[CreditNoteFile], column: str, key: UUID
) -> bytes | None:
    """The PDF that was set first: it is the one that stays the same whatever is printed later."""
    return session.scalar(
        select(table.content).where(getattr(table, column) == key).order_by(table.rendered_at, table.format).limit(1)
    )


def _receipt(key: UUID, paper: str) -> bytes:
    kept = _first_kept(reading(), ReceiptFile, "receipt_id", key)
    return kept if kept is not None else receipt_pdf(reading().get_one(Receipt, key), paper)


def _note(key: UUID, paper: str) -> bytes:
    kept = _first_kept(reading(), CreditNoteFile, "note_id", key)
    return kept if kept is not None else note_pdf(reading().get_one(CreditNote, key), paper)


def _z(key: UUID, paper: str) -> bytes:
    return to_pdf(z_document(reading().get_one(ZReport, key)), sheet_of("report", paper))


def _closing(key: UUID, paper: str) -> bytes:
    return to_pdf(closing_document(reading().get_one(Closing, key)), sheet_of("report", paper))


_KINDS: dict[str, Callable[[UUID, str], bytes]] = {
    "receipt": _receipt, "note": _note, "z": _z, "closing": _closing,
}  # fmt: skip


def add_paper(archive: ZipFile, place: Place, paper: Paper) -> None:
    """Add a document as PDF: the one that was kept, or a new one. Raises PaperError where this host makes none."""
    content = _KINDS[paper.kind](paper.key, place.paper_format)
    archive.writestr(zip_entry(paper.name), content)
    # What was read of it is not needed for the next one.
    reading().expunge_all()


def add_tables(archive: ZipFile, place: Place, month_on: date) -> None:
    """Add the reports of the month as CSV, the journal summed by day, and what the file is (`about.json`)."""
    first, last = days_of_month(month_on)
    scope, session = Scope((place,), first, last), reading()
    one_moment(session)
    seq, _head = head(session, place.id)
    program = PROGRAMS["csv"]
    books = books_of(session, place.id, terms_of(session, place, program), first, last, seq)
    for file in program.write(books) if books is not None else ():
        archive.writestr(zip_entry("journal-by-day.csv"), file.content)
    declared = reports()
    for name in TABLES:
        found = declared[name]
        with archive.open(zip_entry(f"{name}.csv"), "w") as out:
            write_csv(found.sheet(session, scope), cast(BinaryIO, out), for_spreadsheet=not found.for_programs)
    about = {
        "location": place.name,
        "month": f"{first:%Y-%m}",
        "currency": place.currency,
        "last_entry": last_entry(session, place.id, first, last),
    }
    archive.writestr(zip_entry("about.json"), canonical(about) + b"\n")
