"""One client at a glance, all their records together: what they have, what is under way, and how much is on record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pos.domain.clients.persons import is_of
from pos.domain.clients.queries import client as client_of
from pos.domain.clients.records import ClientFacts, facts_of
from pos.domain.credits.statement import HeldLot, lots_held
from pos.domain.locations.models import Location
from pos.domain.receipts.models import Receipt
from pos.domain.sales.models import Order, Sale, Ticket
from pos.domain.stored_value.models import AccountCredit, GiftCard


@dataclass(frozen=True)
class Value:
    """Money somewhere: an account at a location, or a gift card by the last signs of its code."""

    name: str
    minor: int
    currency: str


@dataclass(frozen=True)
class PersonSummary:
    """`packages` have credits left or held; `cards` are gift cards they bought that hold something."""

    client_id: UUID
    name: str
    facts: ClientFacts
    packages: tuple[HeldLot, ...]
    accounts: tuple[Value, ...]
    cards: tuple[Value, ...]
    tickets: int
    orders: int
    receipts: int

    @property
    def credits(self) -> int:
        """Credits left or held, over all packages."""
        return sum(lot.remaining + lot.held for lot in self.packages)


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*where)) or 0


def summary(session: Session, client_id: UUID) -> PersonSummary:
    """What is on record of a client; raises NotFound."""
    found = client_of(session, client_id)
    who = found.id
    accounts = session.execute(
        select(Location.name, AccountCredit.balance_minor + AccountCredit.held_minor, AccountCredit.currency)
        .join(Location, Location.id == AccountCredit.location_id)
        .where(is_of(AccountCredit.client_id, who))
        .order_by(Location.name)
    )
    cards = session.execute(
        select(GiftCard.last4, GiftCard.balance_minor + GiftCard.held_minor, GiftCard.currency)
        .where(is_of(GiftCard.buyer_id, who))
        .order_by(GiftCard.issued_at, GiftCard.id)
    )
    return PersonSummary(
        client_id=who,
        name=found.name,
        facts=facts_of(found),
        packages=tuple(lot for lot in lots_held(session, who) if lot.remaining + lot.held),
        accounts=tuple(Value(*row) for row in accounts if row[1]),
        cards=tuple(Value(f"•••• {row[0]}", row[1], row[2]) for row in cards if row[1]),
        tickets=_count(session, is_of(Ticket.client_id, who), Ticket.state.in_(("open", "parked", "paying"))),
        orders=_count(session, is_of(Order.client_id, who), Order.state == "placed"),
        receipts=_count(session, Receipt.sale_id == Sale.id, is_of(Sale.client_id, who)),
    )
