"""Receipts: gapless numbers, frozen documents, reprints and stored PDFs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.core.ids import new_id
from pos.domain.locations.models import Location
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff


class ReceiptSeries(Base):
    """The counter of a location's series. Drawn by UPDATE … RETURNING in the sale's transaction: no gap, no repeat."""

    __tablename__ = "receipt_series"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class Receipt(Base):
    """The original receipt of a sale. `document` is what was printed, word for word. Never changed."""

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("location_id", "series", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id), unique=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    series: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(40), index=True)
    business_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class ReceiptPrint(Base):
    """A reprint: it says which duplicate it is, who asked, when."""

    __tablename__ = "receipt_prints"

    receipt_id: Mapped[UUID] = mapped_column(ForeignKey(Receipt.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReceiptFile(Base):
    """The PDF of a receipt in one format, as first rendered."""

    __tablename__ = "receipt_files"

    receipt_id: Mapped[UUID] = mapped_column(ForeignKey(Receipt.id), primary_key=True)
    format: Mapped[str] = mapped_column(String(16), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    rendered_at: Mapped[datetime] = mapped_column(UtcDateTime)
