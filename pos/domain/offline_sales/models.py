"""Sales that a desk took while the server did not answer, as they came in afterwards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.domain.clients.models import Client
from pos.domain.locations.models import Desk, Location
from pos.domain.staff.models import Staff


class OfflineSale(Base):
    """One such sale; `id` was minted at the desk. Written once, when it comes in, on the day `business_on`.

    Without a `problem` it was completed as the sale of the same key. With one it could not be, and its content waits as the
    parked ticket of the same key for a person. `taken_at` is by the clock of the desk's browser, `taken_by` who was signed
    in there; `staff_id` is who was when it came in. Amounts are minor units: `due_minor` is what the screen showed,
    `cash_minor` what was laid on the counter.
    """

    __tablename__ = "offline_sales"
    __table_args__ = (
        CheckConstraint("due_minor >= 0 AND cash_minor >= 0", name="not_negative"),
        Index("ix_offline_sales_location_id_business_on", "location_id", "business_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    desk_id: Mapped[UUID] = mapped_column(ForeignKey(Desk.id))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    taken_by: Mapped[str] = mapped_column(String(120))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    due_minor: Mapped[int] = mapped_column(BigInteger)
    cash_minor: Mapped[int] = mapped_column(BigInteger)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    business_on: Mapped[date]
    problem: Mapped[str | None] = mapped_column(String(400))
