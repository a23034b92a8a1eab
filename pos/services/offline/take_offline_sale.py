"""A sale taken while the server did not answer: completed when it comes in, or put before a person as a parked ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import may_pass, run_within, unit_of_work
from pos.core.errors import AlreadyUsedKey, PosError
from pos.core.hashing import digest
from pos.core.i18n.translator import translator
from pos.core.messages.sales import OFFLINE_TICKET_NOTE, SALE_KEY_USED
from pos.domain.clients.models import Client
from pos.domain.clients.queries import living_client
from pos.domain.locations.queries import desk_place
from pos.domain.offline_sales.models import OfflineSale
from pos.domain.sales import carts
from pos.domain.sales.carts import CartRequest, move, rewrite
from pos.domain.sales.shown_totals import ShownTotals
from pos.domain.staff.queries import Person
from pos.services.checkout.ring_up import RingUpSale, ring_up


@dataclass(frozen=True)
class TakeOfflineSale:
    """What the desk took. `sale_id` was minted there and guards the retry; amounts are minor units, as they were shown.

    `taken_at` is by the clock of the desk's browser, `taken_by` who was signed in there; `person` is who is now.
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

    def content_hash(self) -> str:
        """What must be equal for a retry to be the same sale."""
        return digest([str(self.client_id or ""), self.wanted.to_json(), self.due_minor, self.cash_minor])

    def as_sale(self) -> RingUpSale:
        """The sale as the register rings it up; so much cash was counted by whoever took it."""
        return RingUpSale(
            sale_id=self.sale_id,
            desk_id=self.desk_id,
            staff_id=self.person.id,
            cash_tendered_minor=self.cash_minor,
            client_id=self.client_id,
            wanted=self.wanted,
            shown=ShownTotals(due_minor=self.due_minor, credits=self.credits),
            confirmed_cash_minor=self.cash_minor,
            actor=self.person,
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
            content=command.wanted.to_json(),
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


@unit_of_work
def _complete(session: Session, command: TakeOfflineSale) -> OfflineOutcome:
    if seen := _seen(session, command):
        return seen
    run_within(session, ring_up, command.as_sale())
    client_id = living_client(session, command.client_id).id if command.client_id else None
    _note(session, command, client_id, None)
    return OfflineOutcome(command.sale_id, None)


@unit_of_work
def _park(session: Session, command: TakeOfflineSale, problem: str) -> OfflineOutcome:
    if seen := _seen(session, command):
        return seen
    place = desk_place(session, command.desk_id).place
    known = session.get(Client, command.client_id) if command.client_id else None
    client_id = living_client(session, known.id).id if known else None
    ticket = carts.open_ticket(
        session,
        ticket_id=command.sale_id,
        location_id=place.id,
        desk_id=command.desk_id,
        staff_id=command.person.id,
        client_id=client_id,
    )
    rewrite(ticket, command.wanted, client_id=client_id, staff_id=command.person.id)
    move(ticket, "parked")
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
    try:
        return _complete(command)
    except AlreadyUsedKey:
        raise
    except PosError as error:
        if may_pass(error):
            raise
        reading().rollback()
        return _park(command, str(error.sentence)[:400])
