"""Credit notes: the documents that correct a receipt, numbered in a series of their own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.refunds.models import Refund


class CreditNoteSeries(Base):
    """The counter of a location's series, drawn like that of its receipts: no gap, no repeat."""

    __tablename__ = "credit_note_series"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    series: Mapped[str] = mapped_column(String(20), primary_key=True, default="CN", server_default="CN")
    last_number: Mapped[int]


class CreditNote(Base):
    """The document of a refund or a void; it names the receipt it corrects. Never changed."""

    __tablename__ = "credit_notes"
    __table_args__ = (UniqueConstraint("location_id", "series", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    refund_id: Mapped[UUID] = mapped_column(ForeignKey(Refund.id), unique=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    series: Mapped[str] = mapped_column(String(20), default="CN", server_default="CN")
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(40), index=True)
    business_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class CreditNoteFile(Base):
    """The PDF of a credit note in one format, as first rendered."""

    __tablename__ = "credit_note_files"

    note_id: Mapped[UUID] = mapped_column(ForeignKey(CreditNote.id), primary_key=True)
    format: Mapped[str] = mapped_column(String(16), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    rendered_at: Mapped[datetime] = mapped_column(UtcDateTime)
