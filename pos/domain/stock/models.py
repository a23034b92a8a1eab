"""The stock of retail articles: which are counted at a location, and every move of what is there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime
from pos.domain.catalogue.models import Item
from pos.domain.locations.models import Location
from pos.domain.staff.models import Staff


class StockArticle(Base):
    """An article that is counted at a location. At `low_level` pieces or fewer it is shown as low; None: never."""

    __tablename__ = "stock_articles"
    __table_args__ = (CheckConstraint("low_level IS NULL OR low_level >= 0", name="low_level"),)

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    low_level: Mapped[int | None]


class StockMove(Base):
    """Pieces that came (above zero) or went (below zero). Written once, never changed; the stock is the sum of `delta`.

    `counted` holds the difference between a count and the stock until then, which may be zero. A sale has one row for each
    line, and so has each refund or void that brings pieces back, so that doing it twice is impossible.
    """

    __tablename__ = "stock_moves"
    __table_args__ = (
        CheckConstraint("kind IN ('received', 'counted', 'adjusted', 'sold', 'returned')", name="kind"),
        CheckConstraint("kind = 'counted' OR delta <> 0", name="delta"),
        CheckConstraint("(kind IN ('sold', 'returned')) = (sale_id IS NOT NULL)", name="sale"),
        CheckConstraint("(sale_id IS NULL) = (sale_position IS NULL)", name="position"),
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        CheckConstraint("(kind = 'returned') = (refund_id IS NOT NULL)", name="refund"),
        UniqueConstraint("sale_id", "sale_position", "refund_id", name="uq_stock_moves_refund"),
        Index("uq_stock_moves_sold", "sale_id", "sale_position", unique=True, sqlite_where=text("kind = 'sold'")),
        Index("ix_stock_moves_location_id_item_id", "location_id", "item_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id))
    kind: Mapped[str] = mapped_column(String(10))
    delta: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sale_id: Mapped[UUID | None]
    sale_position: Mapped[int | None]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
