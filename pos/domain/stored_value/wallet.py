"""Raising, spending, holding and releasing stored value. Balances only: the ledger entry is the caller's.

Every balance changes by one conditional UPDATE, see `balances.py`. A key that was used for the same move before
changes nothing and answers with the balance that move left, so that a caller may repeat itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict, Invalid, NotFound
from pos.core.messages.people import CLIENT_IS_ERASED
from pos.core.messages.stored_value import (
    ACCOUNT_CREDIT_IN_OTHER_CURRENCY,
    ACCOUNT_CREDIT_TOO_LOW,
    GIFT_CARD_BLOCKED,
    GIFT_CARD_EXPIRED,
    GIFT_CARD_TOO_LOW,
    NO_SUCH_GIFT_CARD,
    VALUE_NOT_ABOVE_ZERO,
)
from pos.domain.clients.models import Client
from pos.domain.clients.persons import remaining, remaining_key
from pos.domain.locations.action_context import ActionContext
from pos.domain.stored_value import gift_card_codes
from pos.domain.stored_value.balances import (
    ACCOUNTS,
    CARDS,
    StoredValueEntry,
    Wallet,
)
from pos.domain.stored_value.models import AccountCredit, GiftCard
from pos.domain.stored_value.rules import NotEnoughValue


def _positive(amount_minor: int) -> None:
    if amount_minor <= 0:
        raise Invalid(VALUE_NOT_ABOVE_ZERO, field="amount_minor")


def account_of(session: Session, client_id: UUID, location_id: UUID) -> dict[str, UUID]:
    """What names the account of a client at a location: that of the record that remains, until the transaction ends."""
    return {"client_id": remaining_key(session, client_id, lock=True), "location_id": location_id}


def account_balance(session: Session, client_id: UUID, location_id: UUID) -> int:
    """What a client may spend of account credit at a location, in minor units; 0 without an account."""
    query = select(AccountCredit.balance_minor).where(
        AccountCredit.client_id == remaining(client_id), AccountCredit.location_id == location_id
    )
    return session.scalar(query) or 0


def _raise(session: Session, wallet: Wallet, named: dict[str, UUID], amount_minor: int, entry: StoredValueEntry) -> int:
    before = wallet.done_before(session, named, amount_minor, entry)
    if before is not None:
        return before
    after = wallet.change(session, wallet.raise_, named, amount_minor, entry)
    assert after is not None
    return after


def credit_account(
    session: Session, client_id: UUID, amount_minor: int, entry: StoredValueEntry, *, currency: str
) -> int:
    """Raise a client's account credit; returns the balance after. Raises Invalid, Conflict for another currency."""
    _positive(amount_minor)
    location_id = entry.context.location.id
    named = account_of(session, client_id, location_id)
    if session.scalar(select(Client.erased_at).where(Client.id == named["client_id"])) is not None:
        raise Conflict(CLIENT_IS_ERASED)
    kept = session.scalar(
        select(AccountCredit.currency).where(
            AccountCredit.client_id == named["client_id"], AccountCredit.location_id == location_id
        )
    )
    if kept is None:
        # Two first credits at once: the second one meets the primary key, and its unit of work runs again.
        session.add(AccountCredit(**named, currency=currency, balance_minor=amount_minor, held_minor=0, seq=1))
        session.flush()
        ACCOUNTS.note(session, named, 1, amount_minor, amount_minor, entry)
        return amount_minor
    if kept != currency:
        raise Conflict(ACCOUNT_CREDIT_IN_OTHER_CURRENCY, field="currency")
    return _raise(session, ACCOUNTS, named, amount_minor, entry)


def _short_account(session: Session, client_id: UUID, location_id: UUID) -> NotEnoughValue:
    left = account_balance(session, client_id, location_id)
    return NotEnoughValue(ACCOUNT_CREDIT_TOO_LOW, field="account_credit", balance_minor=left)


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to make: what is on it, the line of the sale that sold it, and whom it is for."""

    card_id: UUID
    currency: str
    amount_minor: int
    expires_on: date | None = None
    sale_id: UUID | None = None
    sale_position: int | None = None
    buyer_id: UUID | None = None
    to_name: str = ""
    to_email: str | None = None
    message: str = ""
    replaces_id: UUID | None = None


def issue_card(session: Session, new: NewCard, context: ActionContext, *, secret: str, kind: str = "issue") -> GiftCard:
    """Make a card; its code follows from its id and the installation's secret."""
    _positive(new.amount_minor)
    code = gift_card_codes.code_of(new.card_id, secret)
    facts = {
        "id": new.card_id,
        "location_id": context.location.id,
        "currency": new.currency,
        "code_hash": gift_card_codes.code_hash(code),
        "last4": code[-4:],
        "state": "active",
        "face_minor": new.amount_minor,
        "balance_minor": new.amount_minor,
        "held_minor": 0,
        "seq": 1,
        "sale_id": new.sale_id,
        "sale_position": new.sale_position,
        "replaces_id": new.replaces_id,
        "buyer_id": new.buyer_id,
        "to_name": new.to_name,
        "to_email": new.to_email,
        "message": new.message,
        "issued_on": context.business_date,
        "issued_at": context.now,
        "expires_on": new.expires_on,
    }
    session.add(GiftCard(**facts))
    session.flush()
    entry = StoredValueEntry(kind, context, sale_id=new.sale_id)
    CARDS.note(session, {"card_id": new.card_id}, 1, new.amount_minor, new.amount_minor, entry)
    return GiftCard(**facts)


def living_card(session: Session, card_id: UUID) -> UUID:
    """The card that holds the money now: the card itself, or the one that replaced it. Raises NotFound."""
    state = session.scalar(select(GiftCard.state).where(GiftCard.id == card_id))
    if state is None:
        raise NotFound(NO_SUCH_GIFT_CARD)
    while state == "replaced":
        card_id, state = session.execute(
            select(GiftCard.id, GiftCard.state).where(GiftCard.replaces_id == card_id)
        ).one()
    return card_id


def credit_card(session: Session, card_id: UUID, amount_minor: int, entry: StoredValueEntry) -> int:
    """Raise a card, or the one that replaced it; returns the balance after. A blocked card takes it and keeps it blocked."""
    _positive(amount_minor)
    return _raise(session, CARDS, {"card_id": living_card(session, card_id)}, amount_minor, entry)


def _why_not(session: Session, card_id: UUID, day: date) -> Conflict | NotFound:
    row = session.execute(
        select(GiftCard.state, GiftCard.balance_minor, GiftCard.expires_on, GiftCard.last4).where(
            GiftCard.id == card_id
        )
    ).first()
    if row is None:
        return NotFound(NO_SUCH_GIFT_CARD)
    if row.state != "active":
        return Conflict(GIFT_CARD_BLOCKED, field="gift_card")
    if row.expires_on is not None and row.expires_on < day:
        return Conflict(GIFT_CARD_EXPIRED, field="gift_card")
    return NotEnoughValue(
        GIFT_CARD_TOO_LOW(last4=row.last4),
        field="gift_card",
        card_id=str(card_id),
        balance_minor=row.balance_minor,
    )


def _short(session: Session, wallet: Wallet, named: dict[str, UUID], day: date) -> Conflict | NotFound:
    if wallet is CARDS:
        return _why_not(session, named["card_id"], day)
    return _short_account(session, named["client_id"], named["location_id"])


def take(session: Session, wallet: Wallet, named: dict[str, UUID], amount_minor: int, entry: StoredValueEntry) -> int:
    """Take from an account, or from an active card that is valid on the day of the entry; returns the balance after.

    Raises NotEnoughValue, Conflict for a blocked, replaced or expired card, NotFound.
    """
    _positive(amount_minor)
    before = wallet.done_before(session, named, -amount_minor, entry)
    if before is not None:
        return before
    day = entry.context.business_date
    facts = {"day": day} if wallet is CARDS else {}
    after = wallet.change(session, wallet.take, named, -amount_minor, entry, **facts)
    if after is None:
        raise _short(session, wallet, named, day)
    return after


def hold(session: Session, wallet: Wallet, named: dict[str, UUID], amount_minor: int, entry: StoredValueEntry) -> None:
    """Set value aside while its card money is awaited; raises NotEnoughValue, or Conflict for a card that cannot pay."""
    day = entry.context.business_date
    facts = {"day": day} if wallet is CARDS else {}
    if wallet.change(session, wallet.hold, named, -amount_minor, entry, **facts) is None:
        raise _short(session, wallet, named, day)


def unhold(
    session: Session, wallet: Wallet, named: dict[str, UUID], amount_minor: int, entry: StoredValueEntry
) -> None:
    """Give held value back."""
    if wallet.change(session, wallet.unhold, named, amount_minor, entry) is None:
        raise LookupError(f"{named} holds less than {amount_minor}")
