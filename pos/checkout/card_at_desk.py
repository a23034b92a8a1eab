"""Card payments at the desk's reader: start, send to the reader again after a decline, cancel, find out after a doubt."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.checkout.orders import ChargeTicket, attempt_needed, place_at_desk, release
from pos.checkout.settle_payment import PaymentState, apply_outcome, keep_object, payment_state, settle_payment
from pos.kernel.db import reading
from pos.kernel.errors import Conflict, NotFound
from pos.kernel.unit_of_work import unit_of_work
from pos.locations.queries import desk_place, place
from pos.payments import service as payments
from pos.payments.gateway.current import gateway
from pos.payments.gateway.types import (
    IntentCreated,
    IntentRequest,
    Pending,
    PendingReason,
    ReaderBusy,
    ReaderFreed,
    ReaderOffline,
    Rejected,
    SentToReader,
    Unknown,
)
from pos.payments.rules import FINAL
from pos.sales import service as sales
from pos.sales.models import Order
from pos.staff.queries import names


def charge_at_reader(command: ChargeTicket) -> PaymentState:
    """Freeze the ticket, then let the desk's reader ask for the card; the same command again continues the same payment.

    Raises what `place_at_desk` raises; nothing is charged then.
    """
    gateway()  # refuses while card payments are off, before anything is frozen
    return send(place_at_desk(command))


@unit_of_work
def _next_dispatch(session: Session, order_id: UUID) -> str | None:
    """Count a dispatch to the reader: each has its own key, because Stripe replays even "the reader timed out".

    None for a payment that came to its end meanwhile: no reader may ask for it any more.
    """
    attempt = attempt_needed(session, order_id, lock=True)
    if attempt.state in FINAL:
        return None
    attempt.dispatches += 1
    return f"{attempt.key}-d{attempt.dispatches}"


@unit_of_work
def _ended_unsent(session: Session, order_id: UUID) -> bool:
    """End a payment whose intent we do not know: no reader was told of it, so no card can pay it, whatever Stripe did."""
    order = sales.lock_order(session, order_id)
    attempt = attempt_needed(session, order_id, lock=True)
    if attempt.intent_id is not None or not payments.move_attempt(attempt, "canceled"):
        return False
    attempt.reason_code, attempt.sentence = "canceled", None
    release(session, order, place(session, order.location_id))
    return True


@unit_of_work
def _not_sent(session: Session, order_id: UUID, code: str, sentence: str) -> None:
    attempt = attempt_needed(session, order_id, lock=True)
    if payments.move_attempt(attempt, "declined"):
        attempt.reason_code, attempt.sentence = code, sentence


def _busy_sentence(intent_id: str | None) -> str:
    session = reading()
    holder = payments.attempt_by_object(session, intent_id) if intent_id else None
    order = session.get(Order, holder.order_id) if holder else None
    if order is None or order.desk_id is None or order.staff_id is None:
        return "The reader is busy. Wait a moment and try again, or take cash."
    who, where = names(session)[order.staff_id], desk_place(session, order.desk_id).name
    return f"The reader is busy with {who}’s sale at {where}. Wait, or take cash."


def _intent(order_id: UUID) -> str | None:
    """The intent of an order, made under its stored key if it is not known yet; None when that did not work."""
    session = reading()
    attempt = attempt_needed(session, order_id)
    if attempt.intent_id:
        return attempt.intent_id
    request = IntentRequest(
        order_id=str(order_id),
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        metadata={"order_id": str(order_id)},
    )
    key = attempt.key
    session.rollback()
    made = gateway().create_intent(request, key=key)
    if isinstance(made, IntentCreated):
        keep_object(order_id, made)
        return made.intent_id
    apply_outcome(order_id, made)
    return None


def send(order_id: UUID) -> PaymentState:
    """Let the reader ask for the card, the first time or again after a decline."""
    session = reading()
    attempt = attempt_needed(session, order_id)
    if attempt.state in FINAL or attempt.reader_id is None:
        return payment_state(session, order_id)
    reader_id = payments.reader(session, attempt.reader_id).stripe_reader_id
    session.rollback()
    intent_id = _intent(order_id)
    if intent_id is None:
        return payment_state(reading(), order_id)
    key = _next_dispatch(order_id)
    if key is None:
        return payment_state(reading(), order_id)
    match gateway().send_to_reader(reader_id, intent_id, key=key):
        case SentToReader():
            apply_outcome(order_id, Pending(PendingReason.ON_READER))
        case ReaderBusy(intent_id=other) if other == intent_id:
            apply_outcome(order_id, Pending(PendingReason.ON_READER))
        case ReaderBusy(intent_id=other):
            _not_sent(order_id, "reader_busy", _busy_sentence(other))
        case ReaderOffline():
            _not_sent(
                order_id, "reader_offline", "The reader cannot be reached. Check its power and network, or take cash."
            )
        case Unknown() as unknown:
            apply_outcome(order_id, unknown)
        case Rejected(code=code):
            # The intent may have moved on without us: what it says counts.
            state = settle_payment(order_id)
            if state.state not in FINAL and state.state != "declined":
                _not_sent(order_id, code, "The reader did not accept this payment. Try again, or take cash.")
    return payment_state(reading(), order_id)


def find_out(order_id: UUID) -> PaymentState:
    """Where a payment stands, for the person who waits at the desk.

    An intent whose creation was never answered is asked for again by its key, and the reader then asks for the card.
    """
    attempt = attempt_needed(reading(), order_id)
    if attempt.state == "unknown" and attempt.intent_id is None and attempt.kind == "reader":
        return send(order_id)
    return settle_payment(order_id)


def find_out_unattended(order_id: UUID) -> PaymentState:
    """Where a payment stands, when nobody may be at the desk: the same, but no reader begins to ask for a card."""
    attempt = attempt_needed(reading(), order_id)
    if attempt.intent_id is None and attempt.kind == "reader" and attempt.state not in FINAL:
        _intent(order_id)
    return settle_payment(order_id)


def cancel(order_id: UUID) -> PaymentState:
    """Give a card payment up: free the reader, cancel the intent, release the order. If it was paid meanwhile, it is paid.

    Raises Conflict while the bank is being asked, when nobody can say yet.
    """
    session = reading()
    attempt = attempt_needed(session, order_id)
    if attempt.state in FINAL:
        return payment_state(session, order_id)
    reader_id = payments.reader(session, attempt.reader_id).stripe_reader_id if attempt.reader_id else None
    key = attempt.key
    if _ended_unsent(order_id):
        return payment_state(reading(), order_id)
    intent_id = attempt_needed(reading(), order_id).intent_id
    if intent_id is None:
        return payment_state(reading(), order_id)
    if reader_id is not None:
        found = gateway().fetch_reader(reader_id)
        asking = getattr(found, "action", None)
        if asking is not None and asking.intent_id == intent_id and asking.status == "in_progress":
            freed = gateway().cancel_reader_action(reader_id)
            if not isinstance(freed, ReaderFreed | ReaderOffline):
                raise Conflict("The bank is being asked right now. Wait a moment; do not charge again.")
    apply_outcome(order_id, gateway().cancel_intent(intent_id, key=f"{key}-cancel"))
    return payment_state(reading(), order_id)


def order_of_desk(session: Session, order_id: UUID, location_id: UUID) -> Order:
    """An order of a desk of this location; raises NotFound for any other, and for what is bought online."""
    order = session.get(Order, order_id)
    if order is None or order.desk_id is None or order.location_id != location_id:
        raise NotFound("There is no such payment.")
    return order
