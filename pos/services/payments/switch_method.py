"""Turning to another way of paying by card: another reader, the QR code, a reader freed of somebody else's sale.

One way is at work at a time: what is turned away from is closed at Stripe first, so that nobody pays twice. Where Stripe
does not answer, the new way begins in the moment the old one is known to have ended without money.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict
from pos.core.messages.payments import (
    CARD_AT_THE_BANK,
    OTHER_SALE,
    OTHER_SALE_PAID_BEFORE,
    READER_NOT_ASKED,
    READER_NOT_REACHED,
)
from pos.domain.locations.queries import DeskPlace
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import FINAL, SUCCEEDED
from pos.domain.sales.models import Order
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.permissions import Permission
from pos.domain.staff.queries import Person
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.integrations.stripe.types import Reader, ReaderFreed, ReaderOffline
from pos.services.checkout.place_order import attempt_needed
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.terminal_payment import (
    cancel,
    cancel_reader_action,
    holder_sentence,
    start_or_resume,
    stop,
    turn_to,
)

FREE_READER = "free_reader"


@dataclass(frozen=True)
class ReaderState:
    """A reader of the location: `free`, `busy`, `offline`, or `unknown` where Stripe did not say.

    `holder` says in words whose sale it is at work for, `order_id` which payment of ours that is.
    """

    reader_id: UUID
    label: str
    desk: str
    is_own: bool
    state: str
    holder: str | None
    order_id: UUID | None


def readers_here(desk: DeskPlace) -> list[ReaderState]:
    """The readers a desk may ask, its own first, and what each is doing."""
    session = reading()
    ours = payments.readers_at(session, desk.place.id)
    rows = [(one.id, one.label, one.desk_id == desk.id, name, one.stripe_reader_id) for one, name in ours]
    listed = gateway().list_readers()
    known = {one.reader_id: one for one in listed} if isinstance(listed, tuple) else {}
    session = reading()
    found = [
        _state(session, known.get(stripe_id), reader_id, label, name, is_own)
        for reader_id, label, is_own, name, stripe_id in rows
    ]
    return sorted(found, key=lambda one: (not one.is_own, one.desk))


def _state(
    session: Session, fetched: Reader | None, reader_id: UUID, label: str, desk: str, is_own: bool
) -> ReaderState:
    action = fetched.action if fetched else None
    intent_id = action.intent_id if action and action.status == "in_progress" else None
    busy = action is not None and action.status == "in_progress"
    state = "unknown" if fetched is None else "offline" if not fetched.online else "busy" if busy else "free"
    attempt = payments.attempt_by_object(session, intent_id) if intent_id else None
    holder = holder_sentence(session, intent_id)
    return ReaderState(reader_id, label, desk, is_own, state, holder, attempt.order_id if attempt else None)


def request_at_reader(order_id: UUID, reader_id: UUID, location_id: UUID) -> PaymentState:
    """Let another reader of the location ask for the same card payment; the one before stops asking.

    Raises NotFound for a reader elsewhere, Conflict while the bank is being asked.
    """
    payments.reader(reading(), reader_id, location_id=location_id)
    return _turned(order_id, "reader", reader_id)


def show_code(order_id: UUID) -> PaymentState:
    """Turn from the reader to the QR code. Raises Conflict while the bank is being asked."""
    return _turned(order_id, "checkout", None)


def _turned(order_id: UUID, kind: str, reader_id: UUID | None) -> PaymentState:
    attempt = payments.attempt_of(reading(), order_id)
    if attempt is None or not is_current_mode(attempt.mode):
        return payment_state(reading(), order_id)  # only cash was taken so far: there is nothing to turn from
    if attempt.kind == kind == "reader" and attempt.state not in FINAL:
        cancel_reader_action(
            order_id
        )  # the intent is the same, so the card can pay it once only, whichever reader it is held to
        turn_to(order_id, None, reader_id=reader_id)
        return start_or_resume(order_id)
    if attempt.kind != kind and attempt.state not in FINAL:
        turn_to(order_id, kind, reader_id=reader_id)
        try:
            stop(order_id)
        except Conflict:
            turn_to(order_id, None)
            raise
    after = attempt_needed(reading(), order_id)
    return start_or_resume(order_id) if after.kind == kind else payment_state(reading(), order_id)


@unit_of_work
def _may_free(
    session: Session, desk: DeskPlace, person: Person, reader_id: UUID, order_id: UUID | None, approval_id: UUID | None
) -> None:
    order = session.get(Order, order_id) if order_id else None
    approver = None
    if order is not None and order.desk_id != desk.id:
        approver = use_approval(
            session,
            approval_id,
            action=FREE_READER,
            subject_id=reader_id,
            amount_minor=None,
            actor=person,
            permission=Permission.APPROVE,
            location_id=desk.place.id,
        )
    audit.note(
        session,
        "reader.free",
        actor_id=person.id,
        location_id=desk.place.id,
        subject_id=reader_id,
        order_id=str(order_id) if order_id else None,
        approved_by=str(approver) if approver else None,
    )


def free_reader(desk: DeskPlace, person: Person, reader_id: UUID, approval_id: UUID | None = None) -> str | None:
    """Take a reader away from whatever it is asking for; returns a sentence where that was paid in the meantime.

    A sale of ours that held it is given up, or paid if the card was faster. The sale of another desk wants somebody who
    may approve. Raises Conflict while the bank is being asked, NeedsApproval, NotFound.
    """
    reader = payments.reader(reading(), reader_id, location_id=desk.place.id)
    stripe_id = reader.stripe_reader_id
    fetched = gateway().fetch_reader(stripe_id)
    if not isinstance(fetched, Reader):
        raise Conflict(READER_NOT_ASKED)
    action = fetched.action
    if action is None or action.status != "in_progress":
        return None
    attempt = payments.attempt_by_object(reading(), action.intent_id) if action.intent_id else None
    holder, order_id = holder_sentence(reading(), action.intent_id), attempt.order_id if attempt else None
    is_over = attempt is None or attempt.state in FINAL
    _may_free(desk, person, reader_id, order_id, approval_id)
    if order_id is not None and not is_over:
        before = attempt.id if attempt else None
        cancel(order_id)
        paid = any(one.id == before and one.state == SUCCEEDED for one in payments.attempts_of(reading(), order_id))
        return OTHER_SALE_PAID_BEFORE(sale=holder or OTHER_SALE) if paid else None
    freed = gateway().cancel_reader_action(stripe_id)
    if isinstance(freed, ReaderOffline):
        raise Conflict(READER_NOT_REACHED)
    if not isinstance(freed, ReaderFreed):
        raise Conflict(CARD_AT_THE_BANK, why="at_the_bank")
    return None
