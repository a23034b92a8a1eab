"""Numbering and issuing credit notes, and keeping their PDFs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from pos.core import clock
from pos.core.database.base import execute
from pos.core.errors import NotFound
from pos.core.hashing import sha256_hex
from pos.core.ids import new_id, new_token
from pos.core.messages.sales import NO_SUCH_CREDIT_NOTE
from pos.domain.locations.queries import Place
from pos.domain.receipts.credit_note_models import CreditNote, CreditNoteFile, CreditNoteSeries
from pos.domain.receipts.repository import TEST_SERIES
from pos.domain.refunds.models import Refund

SERIES = "CN"
_DRAW = (
    update(CreditNoteSeries)
    .where(CreditNoteSeries.location_id == bindparam("place"), CreditNoteSeries.series == bindparam("in_series"))
    .values(last_number=CreditNoteSeries.last_number + 1)
    .returning(CreditNoteSeries.last_number)
)


def _next_number(session: Session, location_id: UUID, series: str) -> int:
    number = execute(session, _DRAW, place=location_id, in_series=series).scalar()
    if number is None:
        # The first credit note of a series; two first ones meet at the key, and the second's unit of work runs again.
        session.add(CreditNoteSeries(location_id=location_id, series=series, last_number=1))
        return 1
    return int(number)


def issue(
    session: Session, refund: Refund, place: Place, write: Callable[[str, str], ReceiptDocument], *, is_test: bool
) -> CreditNote:
    """Draw the next number, for a test sale from a series of its own, and freeze the note that `write(label, token)` words.

    Call it late: from here on other refunds of the location wait for their number.
    """
    series = TEST_SERIES if is_test else SERIES
    number = _next_number(session, place.id, series)
    label, token = f"{place.receipt_prefix}-CN-{number:06d}", new_token(192)
    if is_test:
        label = f"{TEST_SERIES}-{label}"
    note = CreditNote(
        id=new_id(),
        refund_id=refund.id,
        location_id=place.id,
        series=series,
        number=number,
        label=label,
        business_on=refund.business_on,
        issued_at=refund.created_at,
        token=token,
        document=write(label, token).to_json(),
    )
    session.add(note)
    session.flush()
    return note


def of_refund(session: Session, refund_id: UUID) -> CreditNote:
    """The credit note of a refund; raises NotFound."""
    found = session.scalar(select(CreditNote).where(CreditNote.refund_id == refund_id))
    if found is None:
        raise NotFound(NO_SUCH_CREDIT_NOTE)
    return found


def by_token(session: Session, token: str) -> CreditNote:
    """The credit note behind an unguessable link; raises NotFound."""
    found = session.scalar(select(CreditNote).where(CreditNote.token == token))
    if found is None:
        raise NotFound(NO_SUCH_CREDIT_NOTE)
    return found


def kept_file(session: Session, note_id: UUID, paper_format: str) -> bytes | None:
    """The PDF rendered before, if any."""
    return session.scalar(
        select(CreditNoteFile.content).where(CreditNoteFile.note_id == note_id, CreditNoteFile.format == paper_format)
    )


def keep_file(session: Session, note_id: UUID, paper_format: str, content: bytes) -> None:
    """Keep a PDF; the first one stays."""
    if session.get(CreditNoteFile, (note_id, paper_format)) is None:
        session.add(
            CreditNoteFile(
                note_id=note_id,
                format=paper_format,
                sha256=sha256_hex(content),
                content=content,
                rendered_at=clock.now(),
            )
        )
