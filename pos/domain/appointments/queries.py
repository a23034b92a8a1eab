"""Looking expected visits up, each with what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.sales import NO_SUCH_APPOINTMENT
from pos.domain.appointments.models import Appointment
from pos.domain.catalogue.models import Item
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining
from pos.domain.receipts.models import Receipt
from pos.domain.refunds.repository import is_voided
from pos.domain.sales.models import Sale, SaleLine, Ticket
from pos.domain.staff.models import Staff

# What the desk still has to do.
TO_COME = ("expected", "arrived")


@dataclass(frozen=True, slots=True)
class Listed:
    """An expected visit. `state` is one of STATES or "rung_up"; `sale_id` and `receipt` are of the sale that rang it up.

    `ticket_state` is that of the ticket it was last put on, where one with anything on it is open, parked or being paid.
    `sent` is empty where nothing was sent.
    """

    id: UUID
    location_id: UUID
    visit_on: date
    starts_at: time
    client_id: UUID | None
    client: str
    item_id: UUID
    item: str
    therapist_id: UUID | None
    therapist: str
    note: str
    state: str
    reference: str
    origin: str
    sent: dict[str, str]
    source: str
    sale_id: UUID | None
    receipt: str
    ticket_id: UUID | None
    ticket_state: str


def _query(where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    treated = select(SaleLine.sale_id).where(SaleLine.sale_id == Sale.id, SaleLine.kind == "variant").exists()
    return (
        select(
            Appointment, Client.id.label("client_key"), Client.given_name, Client.family_name, Item.name.label("item"),
            Staff.name.label("therapist"), Sale.id.label("sale_id"), Receipt.label, Ticket.state.label("ticket_state"),
            Ticket.content,
        )
        .join(Item, Item.id == Appointment.item_id)
        .outerjoin(Client, Client.id == remaining(Appointment.client_id))
        .outerjoin(Staff, Staff.id == Appointment.therapist_id)
        .outerjoin(Ticket, Ticket.id == Appointment.ticket_id)
        .outerjoin(Sale, and_(Sale.ticket_id == Appointment.ticket_id, ~is_voided(Sale.id), treated))
        .outerjoin(Receipt, Receipt.sale_id == Sale.id)
        .where(where)
        .order_by(Appointment.visit_on, Appointment.starts_at, Appointment.id)
    )  # fmt: skip


def _rows(session: Session, where: ColumnElement[bool]) -> list[Listed]:
    found = []
    for row in session.execute(_query(where)):
        one = row.Appointment
        busy = row.ticket_state in ("open", "parked", "paying") and bool(row.content["lines"])
        name = " ".join(part for part in (row.given_name, row.family_name) if part) if row.client_key else ""
        found.append(
            Listed(
                id=one.id, location_id=one.location_id, visit_on=one.visit_on, starts_at=one.starts_at,
                client_id=row.client_key, client=name or one.client_name, item_id=one.item_id, item=row.item,
                therapist_id=one.therapist_id, therapist=row.therapist or "", note=one.note,
                state="rung_up" if row.sale_id else one.state, reference=one.reference,
                origin=one.origin, sent=one.sent or {}, source=one.source,
                sale_id=row.sale_id, receipt=row.label or "", ticket_id=one.ticket_id,
                ticket_state=row.ticket_state if busy else "",
            )
        )  # fmt: skip
    return found


def appointments_between(session: Session, location_ids: Collection[UUID], from_on: date, to_on: date) -> list[Listed]:
    """The visits of some days at some locations, by day and time."""
    here = Appointment.location_id.in_(list(location_ids))
    return _rows(session, and_(here, Appointment.visit_on.between(from_on, to_on)))


def appointment(session: Session, appointment_id: UUID, location_ids: Collection[UUID]) -> Listed:
    """One visit at one of these locations; raises NotFound."""
    found = _rows(session, and_(Appointment.id == appointment_id, Appointment.location_id.in_(list(location_ids))))
    if not found:
        raise NotFound(NO_SUCH_APPOINTMENT)
    return found[0]
