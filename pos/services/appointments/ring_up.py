"""An expected visit becomes a ticket: client, treatment and therapist are on it, and a credit as always."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.ids import new_id
from pos.core.messages import sales as messages
from pos.domain.clients.queries import living_client
from pos.domain.locations.queries import desk_place
from pos.domain.sales import carts
from pos.domain.sales.carts import CartLineRequest, CartRequest
from pos.domain.sales.models import Ticket
from pos.domain.staff.queries import therapists
from pos.services.appointments.plan import locked
from pos.services.checkout.cart import TicketState, view_ticket


@unit_of_work
def _put_on_ticket(session: Session, appointment_id: UUID, ticket_id: UUID, desk_id: UUID, staff_id: UUID) -> None:
    where = desk_place(session, desk_id).place
    row = locked(session, appointment_id, {where.id})
    if row.state == "cancelled":
        raise Conflict(messages.APPOINTMENT_CANCELLED)
    if row.ticket_id == ticket_id:
        return
    before = session.get(Ticket, row.ticket_id, with_for_update=True) if row.ticket_id else None
    if before is not None and before.state in ("open", "parked", "paying"):
        if before.state != "open" or before.content["lines"]:
            raise Conflict(messages.APPOINTMENT_ON_TICKET)
        carts.move(before, "dropped")
    client_id = living_client(session, row.client_id).id if row.client_id else None
    # Who has left since is not named: the desk is asked.
    here = {one[0] for one in therapists(session, where.id)}
    line = CartLineRequest(new_id(), row.item_id, therapist_id=row.therapist_id if row.therapist_id in here else None)
    ticket, _is_new = carts.open_ticket(
        session, ticket_id=ticket_id, location_id=where.id, desk_id=desk_id, staff_id=staff_id, client_id=client_id
    )
    carts.require_open(ticket, 1)
    carts.rewrite(ticket, CartRequest((line,)), client_id=client_id, staff_id=staff_id)
    ticket.note = row.note
    row.ticket_id = ticket.id
    row.state = "arrived"
    session.flush()


def ring_up_appointment(*, appointment_id: UUID, ticket_id: UUID, desk_id: UUID, staff_id: UUID) -> TicketState:
    """Open a ticket for an expected visit under a key the desk minted; the same keys again give the same ticket.

    Whoever was missed or expected has arrived. Raises NotFound; Conflict for one that is rung up, cancelled or on another
    ticket with something on it; and what pricing raises.
    """
    _put_on_ticket(appointment_id, ticket_id, desk_id, staff_id)
    return view_ticket(reading(), desk_place(reading(), desk_id).place, ticket_id)
