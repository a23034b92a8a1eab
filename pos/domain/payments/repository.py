"""Recording tenders and moving card attempts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import as_loaded
from pos.core.database.prepared import add_rows
from pos.core.errors import Conflict, NotFound
from pos.core.i18n.name_folding import name_key
from pos.core.messages.payments import DESK_HAS_NO_READER, NO_SUCH_READER
from pos.domain.locations.models import Desk
from pos.domain.payments.attempt_states import ACTIVE, CREATED, may_move
from pos.domain.payments.models import (
    PaymentAttempt,
    Reader,
    Tender,
    WebhookEvent,
)
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.pricing import Settlement


def record(
    session: Session, sale: Sale, settlement: Settlement, *, shift_id: UUID | None, cards: Sequence[tuple[UUID, int]]
) -> list[Tender]:
    """Write the tenders that settle a sale: what was on the ticket first, then cash, then each card in turn.

    `cards` are the attempts that paid, with what each did.
    """
    rows: list[dict[str, Any]] = []

    def add(kind: str, amount_minor: int, **facts: Any) -> None:
        rows.append(
            {
                "sale_id": sale.id,
                "position": len(rows) + 1,
                "kind": kind,
                "amount_minor": amount_minor,
                "tendered_minor": amount_minor,
                "change_minor": 0,
                "rounding_minor": 0,
                "shift_id": None,
                "attempt_id": None,
                "gift_card_id": None,
                "reference": "",
                **facts,
            }
        )

    for part in settlement.stored:
        if not part.amount_minor:
            continue  # a package that was given free is changed for a bigger one: it pays nothing
        add(part.kind, part.amount_minor, gift_card_id=part.card_id, reference=part.reference)
    if settlement.cash_minor:
        add(
            "cash",
            settlement.cash_minor,
            tendered_minor=settlement.cash_tendered_minor,
            change_minor=settlement.change_minor,
            rounding_minor=settlement.rounding_minor,
            shift_id=shift_id,
        )
    for attempt_id, amount_minor in cards:
        add("card", amount_minor, attempt_id=attempt_id)
    if rows:
        add_rows(session, Tender, rows)
    return [as_loaded(Tender, row) for row in rows]


def change_given(session: Session, sale_id: UUID) -> tuple[int, int]:
    """The cash handed back for a sale, and what was kept beyond what was due because cash is rounded; minor units."""
    sums = select(func.sum(Tender.change_minor), func.sum(Tender.rounding_minor)).where(Tender.sale_id == sale_id)
    change, rounding = session.execute(sums).one()
    return int(change or 0), int(rounding or 0)


def _short_code() -> str:
    """What a client types instead of scanning: no sign that is read as another one, and too many to guess."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """How an order's card money is asked for: at a reader, its tips reckoned from `tip_base_minor`, or on a page.

    `amount_minor` is a part of the order or all that is left of it.
    """

    kind: str
    amount_minor: int
    reader_id: UUID | None = None
    expires_at: datetime | None = None
    tip_base_minor: int | None = None


def start_attempt(session: Session, order: Order, new: NewAttempt, *, mode: str, number: int = 1) -> PaymentAttempt:
    """Write the attempt and its idempotency key before Stripe is called, so that an unknown outcome can be asked for.

    `number` counts the attempts of an order: each is asked for under a key of its own.
    """
    now = clock.now()
    attempt = PaymentAttempt(
        order_id=order.id,
        kind=new.kind,
        number=number,
        state=CREATED,
        amount_minor=new.amount_minor,
        currency=order.currency,
        mode=mode,
        key=f"{new.kind}-{order.id}" if number == 1 else f"{new.kind}-{order.id}-{number}",
        reader_actions=0,
        tip_base_minor=new.tip_base_minor,
        tip_minor=0,
        short_code=_short_code() if new.kind == "checkout" and order.desk_id else None,
        reader_id=new.reader_id,
        created_at=now,
        changed_at=now,
        expires_at=new.expires_at,
    )
    session.add(attempt)
    session.flush()
    return attempt


def attempt_of(session: Session, order_id: UUID, *, lock: bool = False) -> PaymentAttempt | None:
    """The newest attempt of an order; `lock` takes the row for this transaction."""
    query = (
        select(PaymentAttempt)
        .where(PaymentAttempt.order_id == order_id)
        .order_by(PaymentAttempt.number.desc())
        .limit(1)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def attempts_of(session: Session, order_id: UUID) -> list[PaymentAttempt]:
    """The attempts of an order, oldest first."""
    query = select(PaymentAttempt).where(PaymentAttempt.order_id == order_id)
    return list(session.scalars(query.order_by(PaymentAttempt.number)))


def move_attempt(attempt: PaymentAttempt, state: str) -> bool:
    """Move a locked attempt; False if it may not go there (a late or repeated message), and nothing changes then."""
    if not may_move(attempt.state, state):
        return False
    attempt.state = state
    attempt.changed_at = clock.now()
    return True


def locked_attempt(session: Session, attempt_id: UUID) -> PaymentAttempt:
    """One attempt, locked for this transaction."""
    return session.get_one(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)


def attempt_by_code(session: Session, short_code: str) -> PaymentAttempt | None:
    """The attempt a client types the code of."""
    return session.scalar(select(PaymentAttempt).where(PaymentAttempt.short_code == short_code))


def attempt_by_object(session: Session, object_id: str) -> PaymentAttempt | None:
    """The attempt that a Checkout Session, a PaymentIntent or a Charge belongs to."""
    return session.scalar(
        select(PaymentAttempt).where(
            (PaymentAttempt.session_id == object_id)
            | (PaymentAttempt.intent_id == object_id)
            | (PaymentAttempt.charge_id == object_id)
        )
    )


def tender_of(session: Session, attempt_id: UUID) -> Tender | None:
    """What an attempt paid of a sale; None for money that paid for none."""
    return session.scalar(select(Tender).where(Tender.attempt_id == attempt_id))


def reader_of(session: Session, desk_id: UUID) -> Reader:
    """The reader of a desk; raises Conflict if it has none."""
    reader = session.scalar(select(Reader).where(Reader.desk_id == desk_id))
    if reader is None:
        raise Conflict(DESK_HAS_NO_READER, why="no_reader")
    return reader


def reader(session: Session, reader_id: UUID, *, location_id: UUID | None = None) -> Reader:
    """A reader, of any desk or of the desks of one location; raises NotFound."""
    found = session.get(Reader, reader_id)
    if found is not None and location_id is not None:
        desk_location = session.scalar(select(Desk.location_id).where(Desk.id == found.desk_id))
        found = found if desk_location == location_id else None
    if found is None:
        raise NotFound(NO_SUCH_READER)
    return found


def any_reader(session: Session) -> bool:
    """Whether a desk anywhere has a reader."""
    return session.scalar(select(Reader.id).limit(1)) is not None


def readers_at(session: Session, location_id: UUID) -> list[tuple[Reader, str]]:
    """The readers of a location with the names of their desks."""
    query = (
        select(Reader, Desk.name)
        .join(Desk, Desk.id == Reader.desk_id)
        .where(Desk.location_id == location_id, Desk.active)
    )
    found = [(reader, desk) for reader, desk in session.execute(query)]
    return sorted(found, key=lambda row: name_key(row[1]))


def open_attempts(session: Session) -> list[PaymentAttempt]:
    """Attempts whose outcome is still to come, oldest first: what the polling job asks Stripe about."""
    return list(
        session.scalars(
            select(PaymentAttempt).where(PaymentAttempt.state.in_(ACTIVE)).order_by(PaymentAttempt.created_at)
        )
    )


def store_event(session: Session, event: WebhookEvent) -> bool:
    """Put an event into the inbox; False if it was there already."""
    if session.get(WebhookEvent, event.event_id) is not None:
        return False
    session.add(event)
    session.flush()
    return True


def tenders_of(session: Session, sale_id: UUID) -> list[Tender]:
    """What a sale was paid with, in the order of the receipt."""
    return list(session.scalars(select(Tender).where(Tender.sale_id == sale_id).order_by(Tender.position)))


def has_reader(session: Session, desk_id: UUID) -> bool:
    """Whether a card reader stands at a desk."""
    return session.scalar(select(Reader.id).where(Reader.desk_id == desk_id)) is not None
