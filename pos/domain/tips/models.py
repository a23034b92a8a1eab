"""Whose a tip is: every tip belongs to a person or to the pool of its business date, from the sale to the payout."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.domain.locations.models import Location
from pos.domain.sales.models import Sale
from pos.domain.staff.models import Staff

_POOL = text("pool_on IS NOT NULL")


class TipAllocation(Base):
    """An amount of tips that somebody got (above zero) or no longer has (below zero). Written once, never changed.

    `staff_id` is empty for the pool, and `pool_on` is then the business date whose pool it is. `action_id` is what wrote the
    row: the sale, the refund or void, the cash movement, or a move or sharing of its own. `position` counts on through all
    rows of one sale, so that their order is known; rows without a sale are counted within their action.
    """

    __tablename__ = "tip_allocations"
    __table_args__ = (
        CheckConstraint("kind IN ('sale', 'refund', 'move', 'pool_share', 'payout')", name="kind"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint("(staff_id IS NULL) = (pool_on IS NOT NULL)", name="pool"),
        CheckConstraint("(kind IN ('sale', 'refund', 'move')) = (sale_id IS NOT NULL)", name="sale"),
        UniqueConstraint("sale_id", "position", name="uq_tip_allocations_sale_id"),
        # With what is summed, so that the tips of years are added up from the index alone.
        Index("ix_tip_allocations_of_person", "location_id", "staff_id", "business_on", "kind", "amount_minor"),
        Index("ix_tip_allocations_of_pool", "location_id", "pool_on", sqlite_where=_POOL, postgresql_where=_POOL),
        Index("ix_tip_allocations_location_id_business_on", "location_id", "business_on"),
    )

    action_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    pool_on: Mapped[date | None]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
