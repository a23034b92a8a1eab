"""Clinics and their desks."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, Percent, UtcDateTime, is_one_of
from pos.core.ids import new_id
from pos.domain.locations.cash_rounding import CASH_ROUNDINGS
from pos.domain.locations.csv_forms import CSV_FORMS


class LocationLogo(Base):
    """A picture at the head of receipts, PNG or JPEG. Receipts name it by its digest, so it is never changed or removed."""

    __tablename__ = "location_logos"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Location(Base):
    """A clinic: its address, money, time and tax habits. Receipt series and ledger chain belong to it.

    `accent` is a colour `#RRGGBB`, empty for the usual one. `second_tax_label` is the name of a second tax on the same net,
    as in Quebec; None where there is one tax.
    `cash_rounding` is a key of `cash_rounding.CASH_ROUNDINGS`, `csv_form` one of `csv_forms.CSV_FORMS`.
    `reader_tips`: its card readers may ask for a tip. `online_methods` are what Stripe's page takes, in Stripe's words.
    `service_charges` are rules as pos/domain/locations/service_charge_rules.py writes them.
    `offline_…` is how much a desk takes without the server; see pos/domain/locations/offline_limits.py.
    """

    __tablename__ = "locations"
    __table_args__ = (
        CheckConstraint("tax_method IN ('invoice', 'line')", name="tax_method"),
        CheckConstraint("cutoff_hour BETWEEN 0 AND 12", name="cutoff_hour"),
        CheckConstraint(is_one_of("cash_rounding", CASH_ROUNDINGS), name="cash_rounding"),
        CheckConstraint(is_one_of("csv_form", CSV_FORMS), name="csv_form"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    clinic_name: Mapped[str] = mapped_column(String(120))
    address_lines: Mapped[list[str]] = mapped_column(JSON)
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(320))
    country: Mapped[str] = mapped_column(String(2))
    locale: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))
    time_zone: Mapped[str] = mapped_column(String(64))
    cutoff_hour: Mapped[int] = mapped_column(default=0)
    tax_inclusive: Mapped[bool] = mapped_column(default=False)
    tax_method: Mapped[str] = mapped_column(String(8), default="invoice")
    tax_label: Mapped[str] = mapped_column(String(40), default="Tax")
    tax_id_label: Mapped[str | None] = mapped_column(String(40))
    tax_id: Mapped[str | None] = mapped_column(String(40))
    second_tax_label: Mapped[str | None] = mapped_column(String(40))
    second_tax_id_label: Mapped[str | None] = mapped_column(String(40))
    second_tax_id: Mapped[str | None] = mapped_column(String(40))
    cash_rounding: Mapped[str] = mapped_column(String(8), default="none", server_default="none")
    csv_form: Mapped[str] = mapped_column(String(10), default="comma", server_default="comma")
    receipt_prefix: Mapped[str] = mapped_column(String(12), unique=True)
    receipt_note: Mapped[str] = mapped_column(String(1000), default="")
    accent: Mapped[str] = mapped_column(String(7), default="", server_default="")
    logo_sha256: Mapped[str | None] = mapped_column(ForeignKey(LocationLogo.sha256))
    reader_tips: Mapped[bool] = mapped_column(default=False, server_default=false())
    online_methods: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["card"], server_default='["card"]')
    offline_minutes: Mapped[int] = mapped_column(default=30, server_default="30")
    offline_sales: Mapped[int] = mapped_column(default=20, server_default="20")
    offline_minor: Mapped[int | None] = mapped_column(BigInteger)
    service_charges: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Tier(Base):
    """How far on a therapist is, in this house: 0 is standard, a higher level may cost more. Levels are never removed."""

    __tablename__ = "tiers"
    __table_args__ = (CheckConstraint("level >= 0", name="level"),)

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class Printer(Base):
    """A receipt printer on the network of a location. `model` is a key of `integrations.receipt_printer.MODELS`."""

    __tablename__ = "printers"
    __table_args__ = (
        UniqueConstraint("location_id", "name"),
        CheckConstraint("port BETWEEN 9100 AND 9109", name="port"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    name: Mapped[str] = mapped_column(String(60))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column(Integer, default=9100)
    model: Mapped[str] = mapped_column(String(20))
    # A cash drawer hangs at it; every receipt is printed without asking.
    opens_drawer: Mapped[bool] = mapped_column(default=False)
    prints_always: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class Desk(Base):
    """A place where sales are rung up: it has one drawer and may have one card reader."""

    __tablename__ = "desks"
    __table_args__ = (
        UniqueConstraint("location_id", "name"),
        CheckConstraint("paper IN ('80mm', 'sheet')", name="paper"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    name: Mapped[str] = mapped_column(String(60))
    # What its printer holds: a roll of 80 mm, or the sheet usual in the country.
    paper: Mapped[str] = mapped_column(String(8), server_default="80mm")
    printer_id: Mapped[UUID | None] = mapped_column(ForeignKey(Printer.id))
    # What its scanner is set up to send before and after each code; empty where it sends the code alone.
    scanner_prefix: Mapped[str] = mapped_column(String(8), default="", server_default="")
    scanner_suffix: Mapped[str] = mapped_column(String(8), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True)


class PublicPage(Base):
    """What the public reads of a location; texts are plain, empty where the clinic has none.

    `hours` are spans of minutes after midnight by weekday, Monday first; `closed_days` pairs of a day and its name.
    """

    __tablename__ = "public_pages"

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    hours: Mapped[list[list[list[int]]]] = mapped_column(JSON)
    closed_days: Mapped[list[list[str]]] = mapped_column(JSON)
    headline: Mapped[str] = mapped_column(String(120))
    introduction: Mapped[str] = mapped_column(Text)
    privacy: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(Text)


class ReviewLimit(Base):
    """From what on the report of events to review lists something at a location; see `review_limits.py`."""

    __tablename__ = "review_limits"
    __table_args__ = (
        CheckConstraint(
            "void_minor >= 0 AND cash_refund_minor >= 0 AND no_sale_minutes >= 0 AND shortages > 0 AND extension_days > 0",
            name="not_negative",
        ),
    )

    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), primary_key=True)
    void_minor: Mapped[int] = mapped_column(BigInteger)
    cash_refund_minor: Mapped[int] = mapped_column(BigInteger)
    discount_percent: Mapped[Decimal] = mapped_column(Percent)
    no_sale_minutes: Mapped[int]
    shortages: Mapped[int]
    extension_days: Mapped[int]
