"""What must hold before money goes back, the same for a refund and a void."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict, NotFound
from pos.core.messages.refunds import (
    INSTEAD_OTHER_DESK,
    PART_IN_CASH_NEEDS_DESK,
    REFUND_AMOUNT_CHANGED,
    SHIFT_CLOSED_FOR_REFUND,
)
from pos.core.messages.sales import NO_SUCH_SALE
from pos.domain.catalogue.gift_card_item import GIFT_CARD
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments.models import PaymentAttempt, Tender
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.rules import Destination
from pos.domain.till.models import Shift
from pos.domain.till.shifts import current_shift
from pos.services.integrity.run_checks import require_running
from pos.services.refunds.at_stripe import require_current_mode
from pos.services.refunds.calculate import RefundQuote
from pos.services.refunds.refundable import Refundable
from pos.services.till.shifts import require_cash


class Keyed(Protocol):
    """A refund or a void: its key, and what must be equal for a retry to be the same."""

    @property
    def refund_id(self) -> UUID: ...

    def content_hash(self) -> str: ...


K = TypeVar("K", bound=Keyed)


def find_refund(session: Session, command: K) -> UUID | None:
    """The refund that the same command has written; raises AlreadyUsedKey for another content under its key."""
    seen = refunds.find(session, command.refund_id, command.content_hash())
    return seen.id if seen else None


def require_here(found: Refundable, desk: DeskPlace | None) -> None:
    """Raise NotFound for a sale of another location than the desk's."""
    if desk is not None and desk.place.id != found.place.id:
        raise NotFound(NO_SUCH_SALE)


def require_running_for(session: Session, found: Refundable, quote: RefundQuote) -> None:
    """Raise Conflict where the books are stopped and more is given back than cash for treatments and goods.

    What was sold as a package or a gift card may be used already, and what was paid by card may be given back already.
    """
    only_cash = all(way.kind == "cash" for way in quote.all_destinations)
    if quote.package or quote.others or not only_cash or any(line.kind == GIFT_CARD for line in quote.lines):
        require_running(session, found.place.id)


def require_total(quote: RefundQuote, expected_minor: int | None) -> None:
    """Give back nothing but what was on the screen; raises Conflict."""
    if expected_minor is not None and expected_minor != quote.in_all_minor:
        raise Conflict(
            REFUND_AMOUNT_CHANGED,
            why="total_changed",
            total_minor=quote.in_all_minor,
        )


def require_cards_on(session: Session, sale_ids: Sequence[UUID], ways: Sequence[Destination]) -> None:
    """Refuse money back to a card while card payments are off, or to one that was charged in another mode."""
    if not any(way.kind == "card" for way in ways):
        return
    paid_by = select(PaymentAttempt.mode).join(Tender, Tender.attempt_id == PaymentAttempt.id)
    require_current_mode(session.scalars(paid_by.where(Tender.sale_id.in_(sale_ids))))


def cash_of(ways: Sequence[Destination]) -> int:
    """What leaves a drawer, minor units."""
    return sum(way.moved_minor for way in ways if way.kind == "cash")


def shift_for(session: Session, desk: DeskPlace | None, ways: Sequence[Destination]) -> Shift | None:
    """The open shift a refund belongs to; raises Conflict where cash would leave a drawer that is not open or holds less."""
    cash = cash_of(ways)
    shift = current_shift(session, desk.id, lock=True, closing=cash > 0) if desk else None
    if shift is None and cash:
        if desk is None:
            raise Conflict(PART_IN_CASH_NEEDS_DESK, why="cash_at_desk")
        raise Conflict(SHIFT_CLOSED_FOR_REFUND, why="shift_closed")
    if shift is not None and desk is not None:
        require_cash(session, shift, cash, desk.place.currency, instead=INSTEAD_OTHER_DESK)
    return shift
