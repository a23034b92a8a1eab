"""The one way a stored balance changes: a conditional UPDATE … RETURNING, and the move that tells of it.

Gift cards and account credit differ in what names a balance and in what must be true before it is spent; the rest is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Update, bindparam, or_, select, update
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import AlreadyUsedKey
from pos.core.messages.stored_value import CREDITED_ALREADY_WITH_OTHER_AMOUNT
from pos.domain.locations.action_context import ActionContext
from pos.domain.stored_value.models import (
    AccountCredit,
    AccountCreditMove,
    GiftCard,
    GiftCardMove,
)


def _of(named: dict[str, UUID]) -> dict[str, UUID]:
    """The parameters that name a balance; one called like a column would be taken for a value to set."""
    return {f"of_{column}": value for column, value in named.items()}


@dataclass(frozen=True)
class StoredValueEntry:
    """Why a balance moves. The context's key is unique over all moves: the same move is made once."""

    kind: str
    context: ActionContext
    order_id: UUID | None = None
    sale_id: UUID | None = None


@dataclass(frozen=True)
class Wallet:
    """The statements of one sort of balance; all take the columns that name it and `amount`."""

    move: type[GiftCardMove] | type[AccountCreditMove]
    raise_: Update
    take: Update
    remove: Update
    hold: Update
    unhold: Update
    use_held: Update
    seen: Select[int, int]

    def spend_held(
        self,
        session: Session,
        named: dict[str, UUID],
        amount_minor: int,
        back: StoredValueEntry,
        spent: StoredValueEntry,
    ) -> int:
        """Give held value back by `back` and take it by `spent` in one step; returns the balance after."""
        row = execute(session, self.use_held, amount=amount_minor, **_of(named)).one()
        self.note(session, named, row.seq - 1, amount_minor, row.balance_minor + amount_minor, back)
        self.note(session, named, row.seq, -amount_minor, row.balance_minor, spent)
        return int(row.balance_minor)

    def done_before(
        self, session: Session, named: dict[str, UUID], delta_minor: int, entry: StoredValueEntry
    ) -> int | None:
        """The balance after the move with this key, if it was made; raises AlreadyUsedKey if it was another one."""
        row = execute(session, self.seen, key=entry.context.key, **_of(named)).first()
        if row is None:
            return None
        if row.delta_minor != delta_minor:
            raise AlreadyUsedKey(CREDITED_ALREADY_WITH_OTHER_AMOUNT)
        return int(row.balance_after_minor)

    def note(
        self,
        session: Session,
        named: dict[str, UUID],
        seq: int,
        delta_minor: int,
        after_minor: int,
        entry: StoredValueEntry,
    ) -> None:
        """Write the move."""
        context = entry.context
        session.add(
            self.move(
                **named,
                seq=seq,
                kind=entry.kind,
                delta_minor=delta_minor,
                balance_after_minor=after_minor,
                key=context.key,
                business_on=context.business_date,
                at=context.now,
                order_id=entry.order_id,
                sale_id=entry.sale_id,
                staff_id=context.actor_id,
                note=context.reason[:200],
            )
        )

    def change(
        self,
        session: Session,
        statement: Update,
        named: dict[str, UUID],
        delta_minor: int,
        entry: StoredValueEntry,
        **facts: Any,
    ) -> int | None:
        """Run one of the statements and write its move; the balance after, or None where the condition does not hold."""
        row = execute(session, statement, amount=abs(delta_minor), **_of(named), **facts).first()
        if row is None:
            return None
        self.note(session, named, row.seq, delta_minor, row.balance_minor, entry)
        return int(row.balance_minor)


def _wallet(
    model: type[GiftCard] | type[AccountCredit],
    move: type[GiftCardMove] | type[AccountCreditMove],
    here: Sequence[ColumnElement[bool]],
    moved: Sequence[ColumnElement[bool]],
    spendable: Sequence[ColumnElement[bool]] = (),
) -> Wallet:
    amount: BindParameter[int] = bindparam("amount")
    after = (model.seq, model.balance_minor)
    less, more = model.balance_minor - amount, model.balance_minor + amount
    enough = model.balance_minor >= amount
    return Wallet(
        move=move,
        raise_=update(model).where(*here).values(balance_minor=more, seq=model.seq + 1).returning(*after),
        take=update(model)
        .where(*here, enough, *spendable)
        .values(balance_minor=less, seq=model.seq + 1)
        .returning(*after),
        # As take, but also from a card that may not be spent: it expires, or another one replaces it.
        remove=update(model).where(*here, enough).values(balance_minor=less, seq=model.seq + 1).returning(*after),
        hold=update(model)
        .where(*here, enough, *spendable)
        .values(balance_minor=less, held_minor=model.held_minor + amount, seq=model.seq + 1)
        .returning(*after),
        unhold=update(model)
        .where(*here, model.held_minor >= amount)
        .values(balance_minor=more, held_minor=model.held_minor - amount, seq=model.seq + 1)
        .returning(*after),
        # Given back and spent in one step: two moves tell of it, and nobody can come between them.
        use_held=update(model)
        .where(*here, model.held_minor >= amount)
        .values(held_minor=model.held_minor - amount, seq=model.seq + 2)
        .returning(*after),
        seen=select(move.delta_minor, move.balance_after_minor).where(*moved, move.key == bindparam("key")),
    )


CARDS = _wallet(
    GiftCard,
    GiftCardMove,
    [GiftCard.id == bindparam("of_card_id")],
    [GiftCardMove.card_id == bindparam("of_card_id")],
    [GiftCard.state == "active", or_(GiftCard.expires_on.is_(None), GiftCard.expires_on >= bindparam("day"))],
)
ACCOUNTS = _wallet(
    AccountCredit,
    AccountCreditMove,
    [AccountCredit.client_id == bindparam("of_client_id"), AccountCredit.location_id == bindparam("of_location_id")],
    [
        AccountCreditMove.client_id == bindparam("of_client_id"),
        AccountCreditMove.location_id == bindparam("of_location_id"),
    ],
)
