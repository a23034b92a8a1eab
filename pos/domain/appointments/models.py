"""Visits that are expected at a location: who comes when, for what, to whom."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from pos.core.database.base import Base, UtcDateTime, is_one_of
from pos.domain.catalogue.models import Item
from pos.domain.clients.models import Client
from pos.domain.locations.models import Location
from pos.domain.sales.models import Ticket
from pos.domain.staff.models import Staff

# What people say of a visit.
STATES = ("expected", "arrived", "missed", "cancelled")


class Appointment(Base):
    """A visit that is expected on a date, at a time of the location's clock: of a client, or of somebody known by name only.

    `ticket_id` is the ticket it was last rung up on. That it is rung up is not stored: it is where a sale of that ticket
    with a treatment stands. `reference` is the number that the system it came from has for it, and `origin` the name of this
    booking system, empty for files: two systems may use the same numbers. `sent` is what a file or system last said of it,
    the client as a hash: what it did not change since then stays as people of the clinic have it.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint(is_one_of("state", STATES), name="state"),
        CheckConstraint("source IN ('desk', 'office', 'file', 'system')", name="source"),
        CheckConstraint("client_id IS NOT NULL OR client_name <> ''", name="who"),
        Index("ix_appointments_location_id_visit_on", "location_id", "visit_on"),
        Index(
            "uq_appointments_reference", "location_id", "origin", "reference", unique=True,
            sqlite_where=text("reference <> ''"), postgresql_where=text("reference <> ''"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id))
    visit_on: Mapped[date]
    starts_at: Mapped[time] = mapped_column(Time)
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey(Client.id), index=True)
    client_name: Mapped[str] = mapped_column(String(120), default="")
    item_id: Mapped[UUID] = mapped_column(ForeignKey(Item.id))
    therapist_id: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
    note: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(12), default="expected")
    reference: Mapped[str] = mapped_column(String(80), default="")
    origin: Mapped[str] = mapped_column(String(60), default="")
    sent: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    source: Mapped[str] = mapped_column(String(8))
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey(Ticket.id), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BookingSystem(Base):
    """A program that may send the visits of one location, by a key of which only the hash is kept."""

    __tablename__ = "booking_systems"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey(Location.id), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
