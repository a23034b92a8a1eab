"""A sale taken while the server did not answer: completed when it comes in, or put before a person as a parked ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.unit_of_work import may_pass, run_within, unit_of_work
from pos.core.errors import AlreadyUsedKey, Conflict, NotFound, PosError
from pos.core.hashing import digest
from pos.core.i18n.translator import translator
from pos.core.messages.sales import OFFLINE_TICKET_NOTE, SALE_KEY_USED
from pos.domain.appointments.models import Appointment
from pos.domain.clients.queries import living_client
from pos.domain.locations.queries import desk_place
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.sales import carts
from pos.domain.sales.carts import CartRequest, move, require_open, rewrite, ticket_of
from pos.domain.sales.models import Ticket
from pos.domain.sales.shown_totals import ShownTotals
from pos.domain.staff.queries import Person
from pos.services.checkout.cart import require_known
from pos.services.checkout.ring_up import RingUpSale, ring_up


@dataclass(frozen=True)
class Refused:
    """A sale that the server did not accept: `why` in words, and its `content` as the desk sent it."""

    why: str
    content: dict[str, Any]


@dataclass(frozen=True)
class TakeOfflineSale:
    """What the desk took. `sale_id` was minted there and guards the retry; amounts are minor units, as they were shown.

    `taken_at` is by the clock of the desk's browser, `taken_by` who was signed in there; `person` is who is now. `ticket_id`
    is the ticket that the desk had on its screen when the server went away, where it had one: it is what was sold.
    With `refused` it was sent before and not accepted: it is kept for a person, whatever it holds.
    """

    sale_id: UUID
    desk_id: UUID
    person: Person
    client_id: UUID | None
    wanted: CartRequest
    due_minor: int
    cash_minor: int
    credits: int
    taken_at: datetime
    taken_by: str
    ticket_id: UUID | None = None
    refused: Refused | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What was sold, as far as it can be read."""
        return self.refused.content if self.refused else self.wanted.to_json()

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same sale."""
        return digest([str(self.client_id or ""), self.content, self.due_minor, self.cash_minor])

    def as_sale(self, ticket: Ticket | None) -> RingUpSale:
        """The sale as the register rings it up, of `ticket` or alone; so much cash was counted by whoever took it."""
        content: dict[str, Any] = {"client_id": self.client_id, "wanted": self.wanted}
        return RingUpSale(
            sale_id=self.sale_id,
            desk_id=self.desk_id,
            staff_id=self.person.id,
            cash_tendered_minor=self.cash_minor,
            shown=ShownTotals(due_minor=self.due_minor, credits=self.credits),
            confirmed_cash_minor=self.cash_minor,
            actor=self.person,
            charged_at=self.taken_at,
            **({"ticket_id": ticket.id} if ticket else content),
        )


@dataclass(frozen=True)
class OfflineOutcome:
    """What became of it: a sale, or with a `problem` in words a parked ticket of the same key."""

    sale_id: UUID
    problem: str | None


def _seen(session: Session, command: TakeOfflineSale) -> OfflineOutcome | None:
    row = session.get(OfflineSale, command.sale_id)
    if row is None:
        return None
    if row.content_hash != command.content_hash():
        raise AlreadyUsedKey(SALE_KEY_USED)
    return OfflineOutcome(row.id, row.problem)


def _note(session: Session, command: TakeOfflineSale, client_id: UUID | None, problem: str | None) -> None:
    place, now = desk_place(session, command.desk_id).place, clock.now()
    session.add(
        OfflineSale(
            id=command.sale_id,
            location_id=place.id,
            desk_id=command.desk_id,
            staff_id=command.person.id,
            taken_by=command.taken_by,
            client_id=client_id,
            content=command.content,
            content_hash=command.content_hash(),
            due_minor=command.due_minor,
            cash_minor=command.cash_minor,
            taken_at=command.taken_at,
            received_at=now,
            business_on=place.business_date(now),
            problem=problem,
        )
    )
    audit.note(
        session,
        "offline_sale.parked" if problem else "offline_sale.completed",
        actor_id=command.person.id,
        location_id=place.id,
        subject_id=command.sale_id,
        due_minor=command.due_minor,
        cash_minor=command.cash_minor,
        taken_by=command.taken_by,
        taken_at=command.taken_at.isoformat(),
    )


def _sold_ticket(session: Session, command: TakeOfflineSale) -> Ticket | None:
    """The ticket that was sold, locked, unless it was thrown away meanwhile. What became of it elsewhere is its state."""
    if command.ticket_id is None:
        return None
    try:
        found = ticket_of(session, command.ticket_id, desk_place(session, command.desk_id).place.id, lock=True)
    except NotFound:
        return None
    return None if found.state == "dropped" else found


def _sell_ticket(session: Session, command: TakeOfflineSale) -> Ticket | None:
    """The ticket holds what was sold. Raises Conflict where it was paid meanwhile, or a card pays it now."""
    ticket = _sold_ticket(session, command)
    if ticket is None:
        return None
    require_known(session, desk_place(session, command.desk_id).place, command.wanted, command.client_id)
    if ticket.state == "parked":
        move(ticket, "open")
    require_open(ticket, None)
    ticket.approved_discounts = []
    client_id = living_client(session, command.client_id).id if command.client_id else None
    rewrite(ticket, command.wanted, client_id=client_id, staff_id=command.person.id)
    session.flush()
    return ticket


def _replace_ticket(session: Session, command: TakeOfflineSale) -> None:
    """The parked ticket stands for the one on the screen, for a visit too; not where cash was received for that one."""
    before = _sold_ticket(session, command)
    if before is None or before.state not in ("open", "parked") or session.get(OfflineSale, before.id) is not None:
        return
    session.execute(update(Appointment).where(Appointment.ticket_id == before.id).values(ticket_id=command.sale_id))
    move(before, "dropped")


@unit_of_work
def _complete(session: Session, command: TakeOfflineSale) -> OfflineOutcome:
    if seen := _seen(session, command):
        return seen
    run_within(session, ring_up, command.as_sale(_sell_ticket(session, command)))
    client_id = living_client(session, command.client_id).id if command.client_id else None
    _note(session, command, client_id, None)
    return OfflineOutcome(command.sale_id, None)


def _still_known(session: Session, client_id: UUID | None) -> UUID | None:
    """The client, as the record that remains; None for one that is not there or was erased."""
    try:
        return living_client(session, client_id).id if client_id else None
    except (NotFound, Conflict):
        return None


@unit_of_work
def _park(session: Session, command: TakeOfflineSale, problem: str) -> OfflineOutcome:
    if seen := _seen(session, command):
        return seen
    place = desk_place(session, command.desk_id).place
    client_id = _still_known(session, command.client_id)
    ticket, _is_new = carts.open_ticket(
        session,
        ticket_id=command.sale_id,
        location_id=place.id,
        desk_id=command.desk_id,
        staff_id=command.person.id,
        client_id=client_id,
    )
    rewrite(ticket, command.wanted, client_id=client_id, staff_id=command.person.id)
    move(ticket, "parked")
    _replace_ticket(session, command)
    words = translator(place.locale)
    ticket.note = OFFLINE_TICKET_NOTE(
        at=words.time(command.taken_at, place.time_zone), amount=words.money(command.cash_minor, place.currency)
    ).text(words)[:200]
    _note(session, command, client_id, problem)
    return OfflineOutcome(command.sale_id, problem)


def take_offline_sale(command: TakeOfflineSale) -> OfflineOutcome:
    """Complete the sale at exactly what was shown; what cannot be completed so waits as a parked ticket for a person.

    The same command again answers the same. Raises AlreadyUsedKey for another content under the same key, and what may pass
    by itself, as a database that is busy: the desk then asks again.
    """
    if command.refused:
        return _park(command, command.refused.why[:400])
    try:
        return _complete(command)
    except AlreadyUsedKey:
        raise
    except PosError as error:
        if may_pass(error):
            raise
        return _park(command, str(error.sentence)[:400])
