"""Tickets (carts), orders (frozen carts waiting for money) and sales (agreed and paid, never changed)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent, UtcDateTime
from pos.core.ids import new_id
from pos.domain.catalogue.models import Item
from pos.domain.clients.models import Client
from pos.domain.locations.models import Desk, Location
from pos.domain.staff.models import Staff


class Ticket(Base):
    """A cart at a desk: what was asked for, never prices. `version` moves with every change.

    `approved_discounts` is what somebody agreed to take off, by item and amount; see pos/services/checkout/discounts.py.
    `approved_open_minor` is what open items were agreed to cost together, `approved_charge_minor` what service charges were
    agreed to be taken off; see open_items.py beside it.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'parked', 'paying', 'completed', 'dropped')", name="state"),
        Index("ix_tickets_location_state", "location_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    desk_id: Mapped[UUID] = mapped_column(ForeignKey(Desk.id))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="open")
    version: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(String(200), default="")
    approved_discounts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    approved_open_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    approved_charge_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Order(Base):
    """A priced cart frozen while its money is on the way; its key becomes the key of the sale.

    `buyer` is who bought in the shop (name, address, phone, language), until the order is released or a client has them.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("state IN ('placed', 'completed', 'released')", name="state"),
        CheckConstraint("channel IN ('register', 'shop')", name="channel"),
        Index("ix_orders_state", "state", "placed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    desk_id: Mapped[UUID | None] = mapped_column(ForeignKey(Desk.id))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey(Ticket.id), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    cart: Mapped[dict[str, Any]] = mapped_column(JSON)
    grants: Mapped[dict[str, Any]] = mapped_column(JSON)
    stored: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    buyer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int] = mapped_column(BigInteger)
    tip_minor: Mapped[int] = mapped_column(BigInteger)
    tip_staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    cash_tendered_minor: Mapped[int] = mapped_column(BigInteger)
    card_minor: Mapped[int] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    state: Mapped[str] = mapped_column(String(12), default="placed")
    content_hash: Mapped[str] = mapped_column(String(64))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Sale(Base):
    """What was agreed and paid. Written once, complete; corrections are other rows.

    `tax_minor` is the tax of all lines, `second_tax_minor` the part of it that is the location's second tax.
    """

    __tablename__ = "sales"
    __table_args__ = (
        CheckConstraint("total_minor = net_minor + tax_minor", name="total"),
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0 AND tip_minor >= 0", name="not_negative"),
        CheckConstraint("second_tax_minor BETWEEN 0 AND tax_minor", name="second_tax"),
        Index("ix_sales_location_id_business_on", "location_id", "business_on"),
        Index("ix_sales_client_id", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    desk_id: Mapped[UUID | None] = mapped_column(ForeignKey(Desk.id))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey(Ticket.id), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    business_on: Mapped[date]
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    currency: Mapped[str] = mapped_column(String(3))
    tax_inclusive: Mapped[bool]
    tax_method: Mapped[str] = mapped_column(String(8))
    list_minor: Mapped[int] = mapped_column(BigInteger)
    covered_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    total_minor: Mapped[int] = mapped_column(BigInteger)
    tip_minor: Mapped[int] = mapped_column(BigInteger)
    tip_staff_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    content_hash: Mapped[str] = mapped_column(String(64))


class SaleLine(Base):
    """One item of a sale, with its share of discounts and tax.

    `tax_minor` is all of its tax: at `tax_percent` and, where the location has a second tax, at `second_tax_percent`, both
    of the net. `second_tax_minor` is the part of the second. `person_id` is who it is for, where that is not the client of
    the sale. `catalogue_minor` is the list price of one unit where another one, `unit_minor`, was agreed on, for
    `price_reason`; an open item has a reason and no such price.
    """

    __tablename__ = "sale_lines"
    __table_args__ = (
        Index("ix_sale_lines_person_id", "person_id", sqlite_where=text("person_id IS NOT NULL")),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("cover IN ('', 'credit', 'included')", name="cover"),
        CheckConstraint("tax_point IN ('sale', 'redemption')", name="tax_point"),
        CheckConstraint("second_tax_minor BETWEEN 0 AND tax_minor", name="second_tax"),
    )

    sale_id: Mapped[UUID] = mapped_column(ForeignKey(Sale.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(160))
    quantity: Mapped[int]
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    catalogue_minor: Mapped[int | None] = mapped_column(BigInteger)
    price_reason: Mapped[str] = mapped_column(String(120), default="", server_default="")
    list_minor: Mapped[int] = mapped_column(BigInteger)
    cover: Mapped[str] = mapped_column(String(10), default="")
    covered_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    discount_reason: Mapped[str] = mapped_column(String(120), default="")
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    second_tax_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tax_category: Mapped[str] = mapped_column(String(20))
    tax_percent: Mapped[Decimal] = mapped_column(Percent)
    second_tax_percent: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0), server_default="0")
    tax_point: Mapped[str] = mapped_column(String(10), default="sale", server_default="sale")
    therapist_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id))


class TaxExemption(Base):
    """Units of a line sold free of tax, and on what ground: `exempt` of `units`, visits or sessions. Never changed.

    `net_minor` is the part of the line's net that holds no tax. `reference` is a number on a paper, never a diagnosis.
    """

    __tablename__ = "tax_exemptions"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "position"], ["sale_lines.sale_id", "sale_lines.position"]),
        CheckConstraint("exempt BETWEEN 1 AND units", name="exempt"),
        CheckConstraint("reason IN ('prescription', 'certificate', 'exempt_client')", name="reason"),
    )

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    exempt: Mapped[int]
    units: Mapped[int]
    net_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(60))


class VisitConversion(Base):
    """A line of a sale that is visit 1 of a package bought later that day; `by_id` is the sale of the package, or its order.

    The key is the guard: a visit becomes part of one package. The row goes only when an order is given up.
    """

    __tablename__ = "visit_conversions"
    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "position"], ["sale_lines.sale_id", "sale_lines.position"]),
        Index("ix_visit_conversions_by_id", "by_id"),
    )

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
