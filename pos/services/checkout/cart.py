"""The cart at a desk: opened, changed, parked and taken up again, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.messages.sales import OFFLINE_TICKET_KEPT, THERAPIST_NOT_HERE
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining_key
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.queries import living_client
from pos.domain.credits.queries import lots_of
from pos.domain.credits.rules.value import LotFacts
from pos.domain.locations.queries import Place, desk_place
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.sales import carts
from pos.domain.sales.another_client import for_another_client, reduction_has_moved
from pos.domain.sales.carts import (
    EMPTY,
    CartRequest,
    cart_request_from_json,
    move,
    require_open,
    rewrite,
    ticket_of,
)
from pos.domain.sales.models import Ticket
from pos.domain.staff.approvals import Actor
from pos.domain.staff.models import StaffLocation
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.domain.stored_value.wallet import account_balance
from pos.services.checkout.open_items import require_allowed
from pos.services.checkout.price_cart import PricedCart, price_request
from pos.services.credit_cover.line_persons import with_persons


@dataclass(frozen=True)
class TicketOwner:
    """The client of a ticket, the lots they may use and their account credit at its location in minor units."""

    client: Client
    lots: tuple[LotFacts, ...]
    account_credit_minor: int


@dataclass(frozen=True)
class TicketState:
    """A ticket as it stands, priced now. `owner` and `place` are there where they were looked up with it."""

    ticket_id: UUID
    desk_id: UUID
    client_id: UUID | None
    state: str
    version: int
    note: str
    wanted: CartRequest
    priced: PricedCart
    owner: TicketOwner | None = None
    place: Place | None = None


def _owner(session: Session, place: Place, client: Client | None, priced: PricedCart) -> TicketOwner | None:
    if client is None:
        return None
    # Pricing looks at the lots where there is a treatment to use one for.
    lots = priced.lots or tuple(lots_of(session, client.id, place.id))
    return TicketOwner(client, lots, account_balance(session, client.id, place.id))


def _state(session: Session, place: Place, ticket: Ticket, client: Client | None = None) -> TicketState:
    wanted = cart_request_from_json(ticket.content)
    if client is None and ticket.client_id is not None:
        client = client_of(session, ticket.client_id)
    now = clock.now()
    priced = price_request(session, place, wanted, client_id=ticket.client_id, day=place.business_date(now), at=now)
    return TicketState(
        ticket.id,
        ticket.desk_id,
        ticket.client_id,
        ticket.state,
        ticket.version,
        ticket.note,
        wanted,
        priced,
        _owner(session, place, client, priced),
        place,
    )


def view_ticket(session: Session, place: Place, ticket_id: UUID) -> TicketState:
    """A ticket of this location, priced now; raises NotFound."""
    return _state(session, place, ticket_of(session, ticket_id, place.id))


def current_ticket(session: Session, desk_id: UUID) -> UUID | None:
    """The cart a desk was working on, so that a reload finds it."""
    return session.scalar(
        select(Ticket.id)
        .where(Ticket.desk_id == desk_id, Ticket.state.in_(("open", "paying")))
        .order_by(Ticket.changed_at.desc())
        .limit(1)
    )


def parked(session: Session, location_id: UUID) -> list[Ticket]:
    """Carts put aside at a location, oldest first."""
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.location_id == location_id, Ticket.state == "parked")
            .order_by(Ticket.changed_at)
        )
    )


def require_known(session: Session, place: Place, wanted: CartRequest, client_id: UUID | None) -> None:
    """Refuse people nobody knows before a card is asked for: the sale could not name them when the money is there.

    Raises NotFound for the client, Invalid for a therapist or a tip's receiver who does not work at this location.
    """
    if client_id is not None:
        client_of(session, client_id)
    named = {line.therapist_id: "therapist_id" for line in wanted.lines}
    if wanted.tip is not None:
        named.setdefault(wanted.tip.staff_id, "tip")
    named.pop(None, None)
    if not named:
        return
    query = select(StaffLocation.staff_id).where(
        StaffLocation.location_id == place.id, StaffLocation.staff_id.in_(list(named))
    )
    for stranger in named.keys() - set(session.scalars(query)):
        raise Invalid(THERAPIST_NOT_HERE, field=named[stranger])


@unit_of_work
def open_ticket(
    session: Session,
    *,
    ticket_id: UUID,
    desk_id: UUID,
    staff_id: UUID,
    client_id: UUID | None = None,
    wanted: CartRequest = EMPTY,
    actor: Actor | None = None,
    approval_id: UUID | None = None,
) -> TicketState:
    """Start a cart under a key the desk minted, with what it holds; the same key again gives the same cart as it is now.

    What it holds is checked as in `change_ticket`; where that raises, no cart is started.
    """
    place = desk_place(session, desk_id).place
    client = living_client(session, client_id) if client_id is not None else None
    require_known(session, place, wanted, None)
    ticket, is_new = carts.open_ticket(
        session,
        ticket_id=ticket_id,
        location_id=place.id,
        desk_id=desk_id,
        staff_id=staff_id,
        client_id=client.id if client else None,
        wanted=with_persons(session, wanted, client.id if client else None),
    )
    state = _state(session, place, ticket, client if is_new else None)
    if not is_new:
        return state
    require_allowed(session, place, state.wanted, state.priced, subject=ticket, actor=actor, approval_id=approval_id)
    return state


@unit_of_work
def change_ticket(
    session: Session,
    *,
    ticket_id: UUID,
    desk_id: UUID,
    staff_id: UUID,
    client_id: UUID | None,
    wanted: CartRequest,
    version: int | None,
    actor: Actor | None = None,
    approval_id: UUID | None = None,
) -> TicketState:
    """Replace what an open cart holds and price it; raises Conflict for an older view or a cart being paid.

    Everything is looked up while the change is made, so an item or client that does not exist changes nothing. With another
    client, another person of a line, or none, what was chosen for the one before is taken off. Where an `actor` at a desk
    changes it, discounts above their limit raise NeedsApproval.
    """
    place = desk_place(session, desk_id).place
    ticket = ticket_of(session, ticket_id, place.id, lock=True)
    require_open(ticket, version)
    client = living_client(session, client_id) if client_id is not None else None
    require_known(session, place, wanted, None)
    client_id = client.id if client else None
    wanted = with_persons(session, wanted, client_id)
    before = cart_request_from_json(ticket.content)
    was = ticket.client_id
    if was is not None and was != client_id:
        was = remaining_key(session, was)
    if (was is not None and was != client_id) or reduction_has_moved(before, wanted, was=was, now=client_id):
        ticket.approved_discounts, ticket.approved_open_minor, ticket.approved_charge_minor = [], 0, 0
    wanted = for_another_client(before, wanted, was=was, now=client_id)
    rewrite(ticket, wanted, client_id=client_id, staff_id=staff_id)
    state = _state(session, place, ticket, client)
    require_allowed(session, place, state.wanted, state.priced, subject=ticket, actor=actor, approval_id=approval_id)
    return state


@unit_of_work
def park_ticket(session: Session, *, ticket_id: UUID, desk_id: UUID, note: str) -> None:
    """Put an open cart aside; any desk of the location may take it up. Without a new note, that of its visit stays."""
    place = desk_place(session, desk_id).place
    ticket = ticket_of(session, ticket_id, place.id, lock=True)
    move(ticket, "parked")
    ticket.note = note[:200] or ticket.note


@unit_of_work
def _take_up(session: Session, ticket_id: UUID, desk_id: UUID) -> None:
    place = desk_place(session, desk_id).place
    ticket = ticket_of(session, ticket_id, place.id, lock=True)
    move(ticket, "open", only_from="parked")
    ticket.desk_id = desk_id


def take_up_ticket(*, ticket_id: UUID, desk_id: UUID) -> TicketState:
    """Take a parked cart up at this desk. Taking up and pricing are two steps: a cart whose item or credit is gone comes
    to the desk all the same, where it can be mended; the pricing then raises what is wrong with it.
    """
    _take_up(ticket_id, desk_id)
    return view_ticket(reading(), desk_place(reading(), desk_id).place, ticket_id)


@unit_of_work
def drop_ticket(session: Session, *, ticket_id: UUID, desk_id: UUID, person: Person) -> None:
    """Throw an unpaid cart away; raises Conflict for one that cash was received for without the server."""
    place = desk_place(session, desk_id).place
    ticket = ticket_of(session, ticket_id, place.id, lock=True)
    if (received := session.get(OfflineSale, ticket_id)) is not None:
        if not person.may(Permission.APPROVE):
            raise Conflict(OFFLINE_TICKET_KEPT)
        audit.note(
            session,
            "offline_sale.dropped",
            actor_id=person.id,
            location_id=place.id,
            subject_id=ticket_id,
            cash_minor=received.cash_minor,
        )
    move(ticket, "dropped")
