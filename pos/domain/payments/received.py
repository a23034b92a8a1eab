"""What was received for an order whose sale is not complete: by cards one after another, in cash, and from stored value.

The order is open for its rest until all of it is received. Nothing of this is in the ledger before the sale is: see
docs/decisions/0030-tenders-in-any-order.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.domain.payments.attempt_states import ACTIVE, SUCCEEDED
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales.cart_options import StoredPart
from pos.domain.sales.models import Order


@dataclass(frozen=True)
class Received:
    """Minor units. `cards` paid a part each, tips that were chosen on a reader included in what they paid."""

    due_minor: int
    stored: tuple[StoredPart, ...]
    cash_minor: int
    cards: tuple[PaymentAttempt, ...]

    @property
    def stored_minor(self) -> int:
        """What gift cards and account credit pay of it, held until the sale is complete."""
        return sum(part.amount_minor for part in self.stored)

    @property
    def card_minor(self) -> int:
        """What all its cards paid."""
        return sum(amount_paid(one) for one in self.cards)

    @property
    def tip_minor(self) -> int:
        """The tips that were chosen on readers."""
        return sum(one.tip_minor for one in self.cards)

    @property
    def rest_minor(self) -> int:
        """What is still to be paid."""
        return self.due_minor - self.stored_minor - self.cash_minor - self.card_minor

    @property
    def is_begun(self) -> bool:
        """Whether money was taken: the order is released by giving it back, and in no other way."""
        return bool(self.cards) or self.cash_minor > 0


def amount_paid(attempt: PaymentAttempt) -> int:
    """What a card paid: the amount that was asked for, and the tip that was added on the reader."""
    return attempt.amount_minor + attempt.tip_minor


def paid_a_part(session: Session, order_id: UUID) -> tuple[PaymentAttempt, ...]:
    """The attempts whose money is part of an order or its sale, oldest first.

    One that succeeded and has a reason paid for no sale: its money is an unmatched payment.
    """
    return tuple(
        session.scalars(
            select(PaymentAttempt)
            .where(
                PaymentAttempt.order_id == order_id,
                PaymentAttempt.state == SUCCEEDED,
                PaymentAttempt.reason_code.is_(None),
            )
            .order_by(PaymentAttempt.number)
        )
    )


def is_asking(session: Session, order_id: UUID) -> bool:
    """Whether a card is being asked for, or its payment is in doubt."""
    query = select(PaymentAttempt.id).where(PaymentAttempt.order_id == order_id, PaymentAttempt.state.in_(ACTIVE))
    return session.scalar(query.limit(1)) is not None


def received(session: Session, order: Order) -> Received:
    """What was received for an order so far."""
    cards = paid_a_part(session, order.id)
    return Received(
        due_minor=order.total_minor + order.tip_minor + sum(one.tip_minor for one in cards),
        stored=tuple(StoredPart.from_json(row) for row in order.stored),
        cash_minor=order.cash_tendered_minor,
        cards=cards,
    )
