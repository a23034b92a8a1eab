"""Promo codes and their uses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent, UtcDateTime
from pos.core.ids import new_id
from pos.domain.clients.models import Client
from pos.domain.locations.models import Location


class PromoCode(Base):
    """A word that makes something cheaper: by `percent`, or by `amount_minor` as displayed, of the items it holds for.

    `items` are keys, none meaning everything but gift cards; without a location it holds at all of one currency. `uses`
    counts the orders and sales that have it, and is changed by one conditional UPDATE only.
    """

    __tablename__ = "promo_codes"
    __table_args__ = (
        CheckConstraint("(percent IS NULL) <> (amount_minor IS NULL)", name="percent_or_amount"),
        CheckConstraint("uses >= 0 AND (most_uses IS NULL OR uses <= most_uses)", name="uses"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    percent: Mapped[Decimal | None] = mapped_column(Percent)
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey(Location.id))
    items: Mapped[list[str]] = mapped_column(JSON, default=list)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    most_uses: Mapped[int | None]
    most_per_client: Mapped[int | None]
    uses: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PromoUse(Base):
    """One order or sale (`by_id`) that has a code; given back when the order is given up or the sale voided, and kept.

    `buyer_hash` is who bought (address and name): a limit by client counts them before they are a client. Struck when given
    back.
    """

    __tablename__ = "promo_uses"
    __table_args__ = (
        Index("ix_promo_uses_promo_client", "promo_id", "client_id"),
        Index("ix_promo_uses_promo_buyer", "promo_id", "buyer_hash"),
    )

    by_id: Mapped[UUID] = mapped_column(primary_key=True)
    promo_id: Mapped[UUID] = mapped_column(ForeignKey(PromoCode.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))
    buyer_hash: Mapped[str | None] = mapped_column(String(64))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
