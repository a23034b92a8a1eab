"""What is on gift cards and accounts, and what happened to each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.errors import NotFound
from pos.core.messages.stored_value import NO_SUCH_GIFT_CARD
from pos.core.paging.window import Window
from pos.domain.clients.persons import is_of
from pos.domain.locations.queries import Place
from pos.domain.stored_value import gift_card_codes
from pos.domain.stored_value.models import (
    AccountCredit,
    AccountCreditMove,
    GiftCard,
    GiftCardMove,
    GiftCardTerms,
)
from pos.domain.stored_value.rules import CardTerms, card_state, usual_terms


@dataclass(frozen=True)
class CardFacts:
    """A gift card as faces see it; amounts in minor units. `state` is what it is on the day asked for."""

    card_id: UUID
    location_id: UUID
    currency: str
    last4: str
    state: str
    face_minor: int
    balance_minor: int
    held_minor: int
    sale_id: UUID | None
    buyer_id: UUID | None
    to_name: str
    to_email: str | None
    message: str
    issued_on: date
    issued_at: datetime
    expires_on: date | None
    replaces_id: UUID | None


@dataclass(frozen=True)
class Move:
    """One change of a balance, oldest first in lists."""

    seq: int
    kind: str
    delta_minor: int
    balance_after_minor: int
    business_on: date
    at: datetime
    order_id: UUID | None
    sale_id: UUID | None
    staff_id: UUID | None
    note: str


@dataclass(frozen=True)
class AccountFacts:
    """A client's account credit at one location."""

    location_id: UUID
    currency: str
    balance_minor: int
    held_minor: int


def terms_of(session: Session, place: Place, day: date) -> CardTerms:
    """The terms of gift cards at a location on a day."""
    row = session.scalar(
        select(GiftCardTerms)
        .where(GiftCardTerms.location_id == place.id, GiftCardTerms.from_on <= day)
        .order_by(GiftCardTerms.from_on.desc())
        .limit(1)
    )
    if row is None:
        return usual_terms(place.currency)
    return CardTerms(row.least_minor, row.most_minor, row.balance_most_minor, row.cash_out_minor, row.validity_months)


def terms_history(session: Session, location_id: UUID) -> list[tuple[date, CardTerms]]:
    """Every set of terms of a location with the day it counts from, newest first."""
    rows = session.scalars(
        select(GiftCardTerms).where(GiftCardTerms.location_id == location_id).order_by(GiftCardTerms.from_on.desc())
    )
    return [
        (r.from_on, CardTerms(r.least_minor, r.most_minor, r.balance_most_minor, r.cash_out_minor, r.validity_months))
        for r in rows
    ]


def _facts(card: GiftCard, day: date) -> CardFacts:
    return CardFacts(
        card_id=card.id,
        location_id=card.location_id,
        currency=card.currency,
        last4=card.last4,
        state=card_state(card.state, card.balance_minor + card.held_minor, card.expires_on, day),
        face_minor=card.face_minor,
        balance_minor=card.balance_minor,
        held_minor=card.held_minor,
        sale_id=card.sale_id,
        buyer_id=card.buyer_id,
        to_name=card.to_name,
        to_email=card.to_email,
        message=card.message,
        issued_on=card.issued_on,
        issued_at=card.issued_at,
        expires_on=card.expires_on,
        replaces_id=card.replaces_id,
    )


def card(session: Session, card_id: UUID, day: date) -> CardFacts:
    """One card by its key; raises NotFound."""
    found = session.get(GiftCard, card_id, populate_existing=True)
    if found is None:
        raise NotFound(NO_SUCH_GIFT_CARD)
    return _facts(found, day)


def card_by_code(session: Session, code: str, day: date) -> CardFacts | None:
    """The card of a code that `codes.read_code` accepted; callers count attempts before they ask."""
    found = session.scalar(select(GiftCard).where(GiftCard.code_hash == gift_card_codes.code_hash(code)))
    return _facts(found, day) if found else None


def cards_of_sale(session: Session, sale_id: UUID, day: date) -> list[CardFacts]:
    """The cards a sale brought into the world, in the order of its lines."""
    query = select(GiftCard).where(GiftCard.sale_id == sale_id).order_by(GiftCard.sale_position, GiftCard.id)
    return [_facts(found, day) for found in session.scalars(query)]


def cards_bought_by(session: Session, client_id: UUID, location_id: UUID, day: date) -> list[CardFacts]:
    """The cards that a client bought at a location and that hold something, newest first."""
    query = (
        select(GiftCard)
        .where(
            is_of(GiftCard.buyer_id, client_id),
            GiftCard.location_id == location_id,
            GiftCard.balance_minor + GiftCard.held_minor > 0,
        )
        .order_by(GiftCard.issued_at.desc(), GiftCard.id)
    )
    return [_facts(found, day) for found in session.scalars(query)]


def cards(
    session: Session,
    location_id: UUID,
    day: date,
    *,
    state: str = "",
    last4: str = "",
    window: Window,
) -> list[CardFacts]:
    """The cards of a location, newest first: all, those in a state on `day`, or those whose code ends in `last4`."""
    query = select(GiftCard).where(GiftCard.location_id == location_id)
    if last4:
        query = query.where(GiftCard.last4 == last4.upper())
    if state in ("blocked", "replaced"):
        query = query.where(GiftCard.state == state)
    elif state:
        ended = GiftCard.expires_on < day
        filled = GiftCard.balance_minor + GiftCard.held_minor > 0
        living = GiftCard.expires_on.is_(None) | (GiftCard.expires_on >= day)
        query = query.where(GiftCard.state == "active")
        query = query.where(*{"expired": (ended,), "active": (living, filled), "used_up": (living, ~filled)}[state])
    found = session.scalars(window.of(query, (GiftCard.issued_at, GiftCard.id))).all()
    return [_facts(card, day) for card in window.in_order(found)]


def successor(session: Session, card_id: UUID) -> UUID | None:
    """The card that replaced a lost one."""
    return session.scalar(select(GiftCard.id).where(GiftCard.replaces_id == card_id))


def _moves(rows: Iterable[GiftCardMove | AccountCreditMove]) -> list[Move]:
    return [
        Move(
            row.seq,
            row.kind,
            row.delta_minor,
            row.balance_after_minor,
            row.business_on,
            row.at,
            row.order_id,
            row.sale_id,
            row.staff_id,
            row.note,
        )
        for row in rows
    ]


def card_moves(session: Session, card_id: UUID) -> list[Move]:
    """All that happened to a card."""
    query = select(GiftCardMove).where(GiftCardMove.card_id == card_id).order_by(GiftCardMove.seq)
    return _moves(session.scalars(query))


def account_moves(session: Session, client_id: UUID, location_id: UUID) -> list[Move]:
    """All that happened to a client's account credit at a location; each move leaves what its record had left."""
    query = (
        select(AccountCreditMove)
        .where(is_of(AccountCreditMove.client_id, client_id), AccountCreditMove.location_id == location_id)
        .order_by(AccountCreditMove.at, AccountCreditMove.seq)
    )
    return _moves(session.scalars(query))


def accounts_of(session: Session, client_id: UUID) -> list[AccountFacts]:
    """A client's account credit, location by location; locations that never owed anything are left out."""
    query = (
        select(
            AccountCredit.location_id,
            AccountCredit.currency,
            func.sum(AccountCredit.balance_minor),
            func.sum(AccountCredit.held_minor),
        )
        .where(is_of(AccountCredit.client_id, client_id))
        .group_by(AccountCredit.location_id, AccountCredit.currency)
        .order_by(AccountCredit.location_id)
    )
    return [
        AccountFacts(location_id, currency, int(balance), int(held))
        for location_id, currency, balance, held in session.execute(query)
    ]


def owed_on_cards(session: Session, location_id: UUID) -> int:
    """What a location owes on gift cards: balances and what is set aside of them."""
    query = select(func.sum(GiftCard.balance_minor + GiftCard.held_minor)).where(GiftCard.location_id == location_id)
    return int(session.scalar(query) or 0)


def certificate_key(card_id: UUID) -> str:
    """The key of the outbox message that mails the certificate of a card, so that it is mailed once."""
    return f"gift_certificate:{card_id}"
