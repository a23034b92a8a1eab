"""Card payments at the desk's reader: start, send to a reader again after a decline, cancel, find out after a doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, NotFound
from pos.core.messages.payments import (
    CARD_AT_THE_BANK,
    NO_SUCH_PAYMENT,
    READER_BUSY,
    READER_BUSY_WITH,
    READER_DID_NOT_ACCEPT,
    READER_NOT_REACHED,
    SALE_AT_DESK,
)
from pos.domain.locations.queries import desk_place
from pos.domain.payments import repository as payments
from pos.domain.payments.attempt_states import AWAITED, CREATED, DECLINED, FINAL, MISMATCH, UNKNOWN
from pos.domain.payments.models import PaymentAttempt
from pos.domain.sales import repository as sales
from pos.domain.sales.models import Order
from pos.domain.staff.queries import names
from pos.integrations.stripe.current import gateway, is_current_mode
from pos.integrations.stripe.types import (
    IntentCreated,
    IntentRequest,
    Pending,
    PendingReason,
    ReaderBusy,
    ReaderFreed,
    ReaderOffline,
    Rejected,
    SentToReader,
    TipRequest,
    Unknown,
)
from pos.services.checkout.place_order import (
    ChargeTicket,
    attempt_needed,
    end_unsent,
    place_desk_order,
)
from pos.services.payments import qr_payment
from pos.services.payments.apply_outcome import apply_outcome, record_stripe_ids, release_mismatched
from pos.services.payments.payment_state import PaymentState, payment_state
from pos.services.payments.refresh_payment import refresh_payment
from pos.services.payments.trial_completion import require_completable

# A reader that nobody went to is told to stop, and a payment nobody could ask for is ended, before it counts as in doubt.
ASKING = timedelta(minutes=10)
# A declined payment that nobody asked for again or stopped so long after that is given up: its credits are free again.
LEFT_ALONE = timedelta(hours=1)


def charge_at_desk(command: ChargeTicket) -> PaymentState:
    """Freeze the ticket, then let the reader ask for the card, or open the page behind the QR code.

    The same command again continues the same payment. Raises what `place_desk_order` raises; nothing is charged then.
    """
    if command.card_minor != 0:
        gateway().require_answers()  # refuses while cards are off or nobody answers there, before anything is frozen
    return start_or_resume(place_desk_order(command))


@dataclass(frozen=True)
class _Dispatch:
    """One order to a reader, under a key of its own, because Stripe replays even "the reader timed out"."""

    key: str
    attempt_id: UUID
    reader_id: str
    tip: TipRequest | None


@unit_of_work
def _next_dispatch(session: Session, attempt_id: UUID) -> _Dispatch | None:
    """Count a dispatch to the reader; None for a payment that came to its end meanwhile: nobody may ask for it any more."""
    attempt = payments.locked_attempt(session, attempt_id)
    if attempt.state in FINAL or attempt.reader_id is None:
        return None
    attempt.reader_actions += 1
    attempt.next_kind = None
    attempt.expires_at = clock.now() + ASKING
    tip = TipRequest(attempt.tip_base_minor, attempt.currency) if attempt.tip_base_minor else None
    reader = payments.reader(session, attempt.reader_id)
    return _Dispatch(f"{attempt.key}-d{attempt.reader_actions}", attempt.id, reader.stripe_reader_id, tip)


@unit_of_work
def _not_sent(session: Session, attempt_id: UUID, code: str, sentence: str) -> None:
    attempt = payments.locked_attempt(session, attempt_id)
    if payments.move_attempt(attempt, DECLINED):
        attempt.reason_code, attempt.sentence = code, sentence


def holder_sentence(session: Session, intent_id: str | None) -> str | None:
    """Whose sale a reader is at work for, in words; None where it is none of ours."""
    holder = payments.attempt_by_object(session, intent_id) if intent_id else None
    order = session.get(Order, holder.order_id) if holder else None
    if order is None or order.desk_id is None or order.staff_id is None:
        return None
    return SALE_AT_DESK(person=names(session)[order.staff_id], desk=desk_place(session, order.desk_id).name)


def _busy_sentence(intent_id: str | None) -> str:
    holder = holder_sentence(reading(), intent_id)
    if holder is None:
        return READER_BUSY
    return READER_BUSY_WITH(sale=holder)


def _intent(order_id: UUID, attempt_id: UUID) -> str | None:
    """The intent of an attempt, made under its stored key if it is not known yet; None when that did not work."""
    session = reading()
    attempt = session.get_one(PaymentAttempt, attempt_id)
    if attempt.intent_id or not is_current_mode(attempt.mode):
        return attempt.intent_id
    request = IntentRequest(
        order_id=str(order_id),
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        metadata={"order_id": str(order_id)},
    )
    key = attempt.key
    made = gateway().create_intent(request, key=key)
    if isinstance(made, IntentCreated):
        record_stripe_ids(attempt_id, made)
        return made.intent_id
    apply_outcome(order_id, made, attempt_id=attempt_id)
    return None


def start_or_resume(order_id: UUID) -> PaymentState:
    """Let the reader ask for the card, the first time or again after a decline; or open the page behind the QR code.

    Raises what `require_completable` raises; the card is not asked for then.
    """
    session = reading()
    attempt = payments.attempt_of(session, order_id)
    if attempt is None:
        return payment_state(session, order_id)  # only cash was taken so far
    if attempt.kind == "checkout":
        return qr_payment.open_page(order_id)
    if attempt.state in FINAL or attempt.reader_id is None or not is_current_mode(attempt.mode):
        return payment_state(session, order_id)
    attempt_id = attempt.id
    require_completable(order_id)
    intent_id = _intent(order_id, attempt_id)
    sent = _next_dispatch(attempt_id) if intent_id else None
    if intent_id is not None and sent is not None:
        _dispatch(order_id, intent_id, sent)
    return payment_state(reading(), order_id)


def _shows_what_is_over(intent_id: str | None) -> bool:
    """Whether a reader still shows a payment of ours that has ended: it was off the line when that was canceled."""
    holder = payments.attempt_by_object(reading(), intent_id) if intent_id else None
    return holder is not None and holder.state in FINAL


def _dispatch(order_id: UUID, intent_id: str, sent: _Dispatch) -> None:
    answer = gateway().send_to_reader(sent.reader_id, intent_id, key=sent.key, tip=sent.tip)
    if isinstance(answer, ReaderBusy) and _shows_what_is_over(answer.intent_id):
        gateway().cancel_reader_action(sent.reader_id)
        again = _next_dispatch(sent.attempt_id)
        if again is None:
            return
        sent = again
        answer = gateway().send_to_reader(sent.reader_id, intent_id, key=sent.key, tip=sent.tip)
    match answer:
        case SentToReader():
            apply_outcome(order_id, Pending(PendingReason.ON_READER), attempt_id=sent.attempt_id)
        case ReaderBusy(intent_id=other) if other == intent_id:
            apply_outcome(order_id, Pending(PendingReason.ON_READER), attempt_id=sent.attempt_id)
        case ReaderBusy(intent_id=other):
            _not_sent(sent.attempt_id, "reader_busy", _busy_sentence(other))
        case ReaderOffline():
            offline = READER_NOT_REACHED
            _not_sent(sent.attempt_id, "reader_offline", offline)
        case Unknown() as unknown:
            apply_outcome(order_id, unknown, attempt_id=sent.attempt_id)
        case Rejected(code=code):
            # The intent may have moved on without us: what it says counts.
            state = refresh_payment(order_id)
            if state.state not in FINAL and state.state != DECLINED:
                not_taken = READER_DID_NOT_ACCEPT
                _not_sent(sent.attempt_id, code, not_taken)


def refresh_at_desk(order_id: UUID) -> PaymentState:
    """Where a payment stands, for the person who waits at the desk.

    What was never answered is asked for again by its key: the intent, which the reader then asks for, or the page.
    """
    attempt = payments.attempt_of(reading(), order_id)
    if attempt is None:
        return payment_state(reading(), order_id)
    unmade = attempt.intent_id is None and attempt.session_id is None
    if unmade and (attempt.state == UNKNOWN or (attempt.state == CREATED and attempt.number > 1)):
        return start_or_resume(order_id)
    return refresh_payment(order_id)


def refresh_unattended(order_id: UUID) -> PaymentState:
    """Where a payment stands, when nobody may be at the desk: the same, but no reader begins to ask for a card.

    A reader payment that found no end in its time is given up, safely: Stripe has the last word on whether it was paid.
    """
    attempt = attempt_needed(reading(), order_id)
    if attempt.kind == "reader" and attempt.state not in FINAL:
        if attempt.intent_id is None:
            _intent(order_id, attempt.id)
        state = refresh_payment(order_id)
        in_doubt = state.state in AWAITED and state.reason_code != MISMATCH
        asked_until = attempt.expires_at or attempt.created_at + ASKING
        if in_doubt and clock.now() > asked_until:
            return cancel(order_id)
        if state.state == DECLINED and clock.now() > asked_until + LEFT_ALONE:
            return cancel(order_id)
        return state
    return refresh_payment(order_id)


@unit_of_work
def turn_to(session: Session, order_id: UUID, kind: str | None, *, reader_id: UUID | None = None) -> None:
    """Set the payment method to start once the current attempt is final; None: the order is released then."""
    sales.lock_order(session, order_id)
    attempt = payments.attempt_of(session, order_id, lock=True)
    if attempt is not None and attempt.state not in FINAL:
        attempt.next_kind = kind
        attempt.reader_id = reader_id or attempt.reader_id


def cancel_reader_action(order_id: UUID) -> None:
    """Let the reader of a payment stop asking for it. Raises Conflict while the bank is being asked."""
    session = reading()
    attempt = attempt_needed(session, order_id)
    if attempt.reader_id is None or attempt.intent_id is None or attempt.kind != "reader":
        return
    reader_id, intent_id = payments.reader(session, attempt.reader_id).stripe_reader_id, attempt.intent_id
    found = gateway().fetch_reader(reader_id)
    asking = getattr(found, "action", None)
    if asking is not None and asking.intent_id == intent_id and asking.status == "in_progress":
        freed = gateway().cancel_reader_action(reader_id)
        if not isinstance(freed, ReaderFreed | ReaderOffline):
            raise Conflict(CARD_AT_THE_BANK, why="at_the_bank")


def stop(order_id: UUID) -> PaymentState:
    """Close the way a payment is at work on: free the reader and cancel the intent, or close the page.

    If it was paid meanwhile, it is paid. Raises Conflict while the bank is being asked, when nobody can say yet.
    What was begun in another mode of payments stays as it is, but for what is known to be another order's.
    """
    session = reading()
    attempt = payments.attempt_of(session, order_id)
    if attempt is None or attempt.state in FINAL or end_unsent(order_id, attempt.id, "canceled"):
        return payment_state(reading(), order_id)
    attempt = attempt_needed(reading(), order_id)
    attempt_id, key, session_id, intent_id = attempt.id, attempt.key, attempt.session_id, attempt.intent_id
    if is_current_mode(attempt.mode):
        if session_id is not None:
            closed = gateway().expire_checkout(session_id)
            apply_outcome(order_id, closed, attempt_id=attempt_id)
        elif intent_id is not None:
            cancel_reader_action(order_id)
            canceled = gateway().cancel_intent(intent_id, key=f"{key}-cancel")
            apply_outcome(order_id, canceled, attempt_id=attempt_id)
    release_mismatched(order_id, attempt_id)
    return payment_state(reading(), order_id)


def cancel(order_id: UUID) -> PaymentState:
    """Give a card payment up and release the order, or leave it open for its rest where a part of it was received.

    If it was paid meanwhile, it is paid.
    Raises Conflict while the bank is being asked, when nobody can say yet.
    """
    turn_to(order_id, None)
    return stop(order_id)


def order_of_desk(session: Session, order_id: UUID, location_id: UUID) -> Order:
    """An order of a desk of this location; raises NotFound for any other, and for what is bought online."""
    order = session.get(Order, order_id)
    if order is None or order.desk_id is None or order.location_id != location_id:
        raise NotFound(NO_SUCH_PAYMENT)
    return order
