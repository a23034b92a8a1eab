"""Gift cards a payment of which the bank has taken back: blocked until that is decided, and what is left taken for good.

Each step is a move of the card. A card a manager had blocked before stays as the manager left it.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from pos.domain.locations.action_context import ActionContext
from pos.domain.stored_value.balances import CARDS, StoredValueEntry
from pos.domain.stored_value.models import GiftCard, GiftCardMove
from pos.domain.stored_value.wallet import living_card

# What puts money on a card that a sale took, and what tells of a dispute.
_PAID = GiftCardMove.kind.in_(("issue", "reload"))
_RESTS = GiftCardMove.kind.in_(("suspend", "resume"))
_HERE = (GiftCard.id == bindparam("of_card_id"), GiftCard.balance_minor >= bindparam("amount"))
_AFTER = (GiftCard.seq, GiftCard.balance_minor)
_SUSPEND = (
    update(GiftCard)
    .where(*_HERE, GiftCard.state == "active")
    .values(state="blocked", seq=GiftCard.seq + 1)
    .returning(*_AFTER)
)
_RESUME = (
    update(GiftCard)
    .where(*_HERE, GiftCard.state == "blocked")
    .values(state="active", seq=GiftCard.seq + 1)
    .returning(*_AFTER)
)


def paid_by(session: Session, sale_id: UUID) -> dict[UUID, int]:
    """The cards, as they live now, that hold what a sale put on them, and how much that was."""
    rows = session.execute(
        select(GiftCardMove.card_id, func.sum(GiftCardMove.delta_minor))
        .where(GiftCardMove.sale_id == sale_id, _PAID)
        .group_by(GiftCardMove.card_id)
        .order_by(GiftCardMove.card_id)
    )
    found: dict[UUID, int] = {}
    for card_id, minor in rows:
        living = living_card(session, card_id)
        found[living] = found.get(living, 0) + int(minor)
    return found


def sales_of(session: Session, card_id: UUID) -> set[UUID]:
    """The sales that put money on a card, or on those it replaced."""
    found: set[UUID] = set()
    before: UUID | None = card_id
    while before is not None:
        moves = session.scalars(select(GiftCardMove.sale_id).where(GiftCardMove.card_id == before, _PAID))
        found |= {sale_id for sale_id in moves if sale_id is not None}
        before = session.scalar(select(GiftCard.replaces_id).where(GiftCard.id == before))
    return found


def under_way(session: Session, sale_id: UUID) -> bool:
    """Whether a payment under way holds something of the cards a sale paid."""
    cards = paid_by(session, sale_id)
    query = select(GiftCard.id).where(GiftCard.id.in_(cards), GiftCard.held_minor > 0)
    return bool(cards) and session.scalar(query.limit(1)) is not None


def is_suspended(session: Session, card_id: UUID) -> bool:
    """Whether a card is blocked by a dispute that is not decided."""
    query = select(GiftCardMove.kind).where(GiftCardMove.card_id == card_id, _RESTS)
    return session.scalar(query.order_by(GiftCardMove.seq.desc()).limit(1)) == "suspend"


def suspend(session: Session, sale_id: UUID, context: ActionContext) -> None:
    """Block what a sale put money on while its payment is disputed."""
    for card_id in paid_by(session, sale_id):
        entry = StoredValueEntry("suspend", context.step(card_id), sale_id=sale_id)
        CARDS.change(session, _SUSPEND, {"card_id": card_id}, 0, entry)


def resume(session: Session, card_id: UUID, context: ActionContext) -> None:
    """Let a card pay again that a dispute had blocked."""
    if is_suspended(session, card_id):
        entry = StoredValueEntry("resume", context.step(card_id))
        CARDS.change(session, _RESUME, {"card_id": card_id}, 0, entry)


def take_back(session: Session, sale_id: UUID, context: ActionContext, *, most_minor: int) -> int:
    """Take what is left of a lost payment off its cards, up to `most_minor`; returns how much. The entry is the caller's."""
    taken = 0
    for card_id, put_on in paid_by(session, sale_id).items():
        balance = session.scalars(select(GiftCard.balance_minor).where(GiftCard.id == card_id).with_for_update()).one()
        amount = min(balance, put_on, most_minor - taken)
        if amount > 0:
            entry = StoredValueEntry("lost", context.step(card_id), sale_id=sale_id)
            CARDS.change(session, CARDS.remove, {"card_id": card_id}, -amount, entry)
            taken += amount
    return taken
