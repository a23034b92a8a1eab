"""What clients own: purchased packages, credit lots, every move of a credit, every redemption."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos.catalogue.models import Item
from pos.clients.models import Client
from pos.kernel.db import Base, Percent, UtcDateTime
from pos.kernel.ids import new_id
from pos.locations.models import Location
from pos.sales.models import Order, Sale
from pos.staff.models import Staff


class PurchasedPackage(Base):
    """A package one client owns; `terms` is the plan as it was at the moment of sale."""

    __tablename__ = "purchased_packages"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        UniqueConstraint("sale_id", "sale_position", "copy"),
        Index("ix_purchased_packages_client_id", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id))
    sale_position: Mapped[int]
    copy: Mapped[int]
    name: Mapped[str] = mapped_column(String(160))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    purchased_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CreditLot(Base):
    """A grant inside a package. quantity = remaining + held + redeemed; value is net of tax, for all credits together."""

    __tablename__ = "credit_lots"
    __table_args__ = (
        CheckConstraint("remaining >= 0", name="remaining"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("remaining + held + redeemed = quantity", name="whole"),
        CheckConstraint("recognised_minor BETWEEN 0 AND net_minor", name="recognised"),
        Index("ix_credit_lots_client_id", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    package_id: Mapped[UUID] = mapped_column(ForeignKey(PurchasedPackage.id), index=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    currency: Mapped[str] = mapped_column(String(3))
    quantity: Mapped[int]
    remaining: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    redeemed: Mapped[int] = mapped_column(default=0)
    seq: Mapped[int] = mapped_column(default=0)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    tax_percent: Mapped[Decimal] = mapped_column(Percent)
    tax_prepaid: Mapped[bool] = mapped_column(default=True)
    recognised_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None]


class LotItem(Base):
    """What a lot pays for: a session of `item_id` at its list price when sold, or an add-on that comes with each visit."""

    __tablename__ = "lot_items"
    __table_args__ = (CheckConstraint("role IN ('eligible', 'included')", name="role"),)

    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))
    list_minor: Mapped[int] = mapped_column(BigInteger)


class CreditMove(Base):
    """One change of a lot's remaining credits, numbered without gaps, with the balance it left. Never changed."""

    __tablename__ = "credit_moves"
    __table_args__ = (
        UniqueConstraint("lot_id", "seq"),
        CheckConstraint("balance_after >= 0", name="balance_after"),
        CheckConstraint("kind IN ('grant', 'hold', 'release', 'redeem')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    delta: Mapped[int]
    balance_after: Mapped[int]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    business_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey(Order.id))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey(Sale.id))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))


class Redemption(Base):
    """One use of one credit on one visit: its lot, the person treated, and the value that became revenue."""

    __tablename__ = "redemptions"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["sale_lines.sale_id", "sale_lines.position"]),
        UniqueConstraint("sale_id", "sale_position", "number"),
        Index("ix_redemptions_lot_id", "lot_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey(CreditLot.id))
    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id))
    sale_position: Mapped[int]
    number: Mapped[int]
    client_id: Mapped[UUID] = mapped_column(ForeignKey(Client.id))
    therapist_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    value_minor: Mapped[int] = mapped_column(BigInteger)
    service_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
