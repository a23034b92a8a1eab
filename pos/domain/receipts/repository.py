"""Drawing receipt numbers, issuing receipts, counting reprints, keeping PDFs."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from invoices.documents import ReceiptDocument
from pos.core import clock
from pos.core.database.base import as_loaded
from pos.core.database.pipelined_queries import PreparedQuery, run_query
from pos.core.database.prepared import add_row
from pos.core.errors import NotFound
from pos.core.hashing import sha256_hex
from pos.core.ids import new_id, new_token
from pos.core.messages.sales import NO_SUCH_RECEIPT
from pos.domain.clients.persons import is_of
from pos.domain.locations.models import Location
from pos.domain.locations.queries import Place
from pos.domain.receipts.models import (
    Receipt,
    ReceiptFile,
    ReceiptPrint,
    ReceiptSeries,
)
from pos.domain.sales.models import Sale

SERIES = "R"
# Receipts of test sales: marked by their number wherever it stands, and the location's own numbers begin at 1 after them.
TEST_SERIES = "TEST"
_DRAW = (
    update(ReceiptSeries)
    .where(ReceiptSeries.location_id == bindparam("place"), ReceiptSeries.series == bindparam("in_series"))
    .values(last_number=ReceiptSeries.last_number + 1)
    .returning(ReceiptSeries.last_number)
)


def open_series(session: Session, location_id: UUID, series: str = SERIES) -> None:
    """Start a location's numbering at 1."""
    session.add(ReceiptSeries(location_id=location_id, series=series, last_number=0))


def ensure_series(session: Session, location_id: UUID, series: str) -> None:
    """Start a numbering where there is none yet; call it with the location locked."""
    if session.get(ReceiptSeries, (location_id, series)) is None:
        open_series(session, location_id, series)
        session.flush()


def number_query(location_id: UUID, series: str = SERIES) -> PreparedQuery:
    """What `issue` asks: the next number, drawn."""
    return PreparedQuery(_DRAW, {"place": location_id, "in_series": series})


def new_receipt_token() -> str:
    """The unguessable end of a receipt's address."""
    return new_token(192)


def issue(
    session: Session, sale: Sale, place: Place, document: ReceiptDocument, token: str, series: str = SERIES
) -> Receipt:
    """Draw the next number and freeze the receipt under it.

    Call it late: from here on the other desks of the location wait for their number.
    """
    body = document.to_json()
    number = run_query(session, number_query(place.id, series)).scalar()
    if number is None:
        raise LookupError(f"location {place.id} has no receipt series")
    label = f"{place.receipt_prefix}-{number:06d}"
    if series == TEST_SERIES:
        label = f"{TEST_SERIES}-{label}"
    facts: dict[str, Any] = {
        "id": new_id(),
        "sale_id": sale.id,
        "location_id": place.id,
        "series": series,
        "number": number,
        "label": label,
        "business_on": sale.business_on,
        "issued_at": sale.completed_at,
        "token": token,
        "document": body | {"number": label},
    }
    add_row(session, Receipt, **facts)
    return as_loaded(Receipt, facts)


def was_ever_sold(session: Session, *location_ids: UUID) -> bool:
    """Whether a sale that was no test was completed, at any location or at these."""
    query = exists().where(Receipt.series != TEST_SERIES)
    if location_ids:
        query = query.where(Receipt.location_id.in_(location_ids))
    return bool(session.scalar(select(query)))


def was_ever_tested(session: Session) -> bool:
    """Whether a test sale was made at any location."""
    return bool(session.scalar(select(exists().where(Receipt.series == TEST_SERIES))))


def is_test_sale(session: Session, sale_id: UUID) -> bool:
    """Whether a sale was made to try the desk and its papers, and voided."""
    return session.scalar(select(Receipt.series).where(Receipt.sale_id == sale_id)) == TEST_SERIES


def of_sale(session: Session, sale_id: UUID) -> Receipt:
    """The receipt of a sale; raises NotFound."""
    found = session.scalar(select(Receipt).where(Receipt.sale_id == sale_id))
    if found is None:
        raise NotFound(NO_SUCH_RECEIPT)
    return found


def by_token(session: Session, token: str) -> Receipt:
    """The receipt behind an unguessable link; raises NotFound."""
    found = session.scalar(select(Receipt).where(Receipt.token == token))
    if found is None:
        raise NotFound(NO_SUCH_RECEIPT)
    return found


def note_reprint(session: Session, receipt: Receipt, staff_id: UUID | None) -> int:
    """Count a reprint; returns which duplicate it is."""
    last = session.scalar(select(func.max(ReceiptPrint.number)).where(ReceiptPrint.receipt_id == receipt.id)) or 0
    session.add(ReceiptPrint(receipt_id=receipt.id, number=last + 1, staff_id=staff_id, at=clock.now()))
    session.flush()
    return last + 1


def kept_file(session: Session, receipt_id: UUID, paper_format: str) -> bytes | None:
    """The PDF rendered before, if any."""
    return session.scalar(
        select(ReceiptFile.content).where(ReceiptFile.receipt_id == receipt_id, ReceiptFile.format == paper_format)
    )


def keep_file(session: Session, receipt_id: UUID, paper_format: str, content: bytes) -> None:
    """Keep a PDF; the first one stays."""
    if session.get(ReceiptFile, (receipt_id, paper_format)) is None:
        session.add(
            ReceiptFile(
                receipt_id=receipt_id,
                format=paper_format,
                sha256=sha256_hex(content),
                content=content,
                rendered_at=clock.now(),
            )
        )


def was_reprinted(session: Session, receipt_id: UUID, number: int) -> bool:
    """Whether a receipt was printed again under this number."""
    return session.get(ReceiptPrint, (receipt_id, number)) is not None


# Part of a number is looked for among so many of the newest; a whole number is found however old it is.
_NEWEST = 2_000
_NUMBER = re.compile(r"(?:[A-Z0-9]+-)*?([0-9]{1,9})")
_PART = re.compile(r"[A-Z0-9-]*[0-9][A-Z0-9-]*")


def found_by_label(
    session: Session, location_id: UUID, text: str, *, whole: bool, limit: int
) -> list[tuple[UUID, str]]:
    """Sale and label of the newest receipts of a location whose label holds a text, or is it (`whole`).

    Every letter typed at the desk asks this, so it reads by the index of numbers and never through all receipts.
    """
    typed = text.upper()
    query = select(Receipt.sale_id, Receipt.label).where(Receipt.location_id == location_id)
    query = query.order_by(Receipt.number.desc()).limit(limit)
    if whole:
        return [(row.sale_id, row.label) for row in session.execute(query.where(Receipt.label == typed))]
    if not _PART.fullmatch(typed):
        return []
    found: dict[UUID, str] = {}
    for series in (SERIES, TEST_SERIES):
        of_series = (Receipt.location_id == location_id, Receipt.series == series)
        newest = select(func.max(Receipt.number) - _NEWEST).where(*of_series).scalar_subquery()
        ranges = [Receipt.number > newest]
        if number := _NUMBER.fullmatch(typed):
            ranges.insert(0, Receipt.number == int(number[1]))
        for numbers in ranges:
            asked = query.where(Receipt.series == series, numbers, Receipt.label.contains(typed, autoescape=True))
            found |= {row.sale_id: row.label for row in session.execute(asked)}
    return list(found.items())[:limit]


def of_client(session: Session, client_id: UUID) -> list[tuple[str, Sale, str]]:
    """The receipts of a client, newest first: label, sale, name of the location."""
    query = (
        select(Receipt.label, Sale, Location.name)
        .join(Sale, Sale.id == Receipt.sale_id)
        .join(Location, Location.id == Sale.location_id)
        .where(is_of(Sale.client_id, client_id))
        .order_by(Sale.completed_at.desc(), Sale.id.desc())
    )
    return [(label, sale, name) for label, sale, name in session.execute(query)]


def of_clients_sale(session: Session, client_id: UUID, sale_id: UUID) -> Receipt:
    """The receipt of a client's own sale; raises NotFound for anybody else's."""
    found = session.scalar(
        select(Receipt)
        .join(Sale, Sale.id == Receipt.sale_id)
        .where(Sale.id == sale_id, is_of(Sale.client_id, client_id))
    )
    if found is None:
        raise NotFound(NO_SUCH_RECEIPT)
    return found
