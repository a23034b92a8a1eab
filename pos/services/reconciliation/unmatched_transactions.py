"""Resolves Stripe transactions without a local record: credit the client, refund, or mark explained.

Each is decided once, with a reason; a payment whose refund failed is decided once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
)
from pos.core.messages.payments import NO_SUCH_PAYMENT
from pos.core.messages.reconciliation import (
    EXPLANATION_KIND_MISSING,
    EXPLANATION_MISSING,
    LOCATION_OF_OTHER_CURRENCY,
    PAYER_MISSING,
    UNMATCHED_DECIDED_ALREADY,
    UNMATCHED_IS_NO_PAYMENT,
    UNMATCHED_OF_OTHER_LOCATION,
)
from pos.domain.clients.persons import remaining_key
from pos.domain.ledger.entries import Draft
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import place
from pos.domain.payouts.models import UNDECIDED, UnmatchedTransaction
from pos.domain.staff.approvals import Actor
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import StoredValueEntry
from pos.services.reconciliation.unmatched_refunds import (
    add_refund,
    modes_of,
    open_refunds,
    post_unmatched,
    settle_unmatched,
)
from pos.services.refunds.at_stripe import require_current_mode, settle_each

DECISIONS = ("credit", "refund", "explain")


@dataclass(frozen=True)
class Decision:
    """What an unmatched transaction was: `credit` it to an account, `refund` it to its card, or `explain` it in words.

    `location_id` is where it is booked; what is explained is booked no longer.
    """

    transaction_id: UUID
    what: str
    reason: str
    actor: Actor
    location_id: UUID
    client_id: UUID | None = None


def decide(command: Decision) -> str:
    """Carry a decision out; returns the state of the unmatched transaction then.

    Raises NotFound, Invalid, Conflict where one was made or the card is of another mode, NotConfigured while cards are off.
    """
    carry_out(command)
    if command.what == "refund":
        send_back(command.transaction_id)
    return reading().get_one(UnmatchedTransaction, command.transaction_id).state


def _lock(session: Session, transaction_id: UUID) -> UnmatchedTransaction:
    unmatched = session.get(UnmatchedTransaction, transaction_id, with_for_update=True, populate_existing=True)
    if unmatched is None:
        raise NotFound(NO_SUCH_PAYMENT)
    return unmatched


@unit_of_work
def carry_out(session: Session, command: Decision) -> None:
    """Write a decision down; what goes back to a card is sent after it. Raises what `decide` does."""
    unmatched = _lock(session, command.transaction_id)
    if unmatched.state not in UNDECIDED:
        raise Conflict(UNMATCHED_DECIDED_ALREADY, why="decided")
    if command.what not in DECISIONS:
        raise Invalid(EXPLANATION_KIND_MISSING, field="what")
    if not command.reason:
        raise Invalid(EXPLANATION_MISSING, field="reason")
    if unmatched.location_id not in (None, command.location_id):
        raise Invalid(UNMATCHED_OF_OTHER_LOCATION, field="location_id")
    if command.what != "explain":
        _require_payment(session, unmatched, command)
    if command.what == "refund":
        require_current_mode(modes_of(session, unmatched))
    unmatched.note, unmatched.decided_by, unmatched.decided_at = command.reason[:200], command.actor.id, clock.now()
    was_booked, unmatched.sentence = unmatched.state == "failed", None
    match command.what:
        case "credit":
            _credit(session, unmatched, command)
            event = "unmatched_credited" if was_booked else "unmatched_found"
            _book(
                session,
                unmatched,
                event,
                "refunds_payable" if was_booked else "stripe_clearing",
                "account_credit",
                command,
            )
        case "refund":
            unmatched.state, unmatched.location_id = "refunding", command.location_id
            add_refund(session, unmatched, command.actor)
            if not was_booked:
                _book(session, unmatched, "unmatched_found", "stripe_clearing", "refunds_payable", command)
        case _:
            unmatched.state = "explained"
            if was_booked:
                _book(session, unmatched, "unmatched_explained", "refunds_payable", "stripe_clearing", command)
    session.flush()
    audit.note(
        session,
        f"unmatched.{unmatched.state}",
        actor_id=command.actor.id,
        location_id=command.location_id,
        subject_id=unmatched.id,
        stripe_id=unmatched.stripe_id,
        amount_minor=unmatched.amount_minor,
        client_id=str(command.client_id or ""),
        reason=command.reason,
    )


def _require_payment(session: Session, unmatched: UnmatchedTransaction, command: Decision) -> None:
    if unmatched.kind != "payment":
        raise Invalid(UNMATCHED_IS_NO_PAYMENT, field="what")
    where = place(session, command.location_id)
    if where.currency != unmatched.currency:
        raise Invalid(LOCATION_OF_OTHER_CURRENCY(currency=unmatched.currency), field="location_id")


def _book(
    session: Session, unmatched: UnmatchedTransaction, event: str, debited: str, credited: str, command: Decision
) -> None:
    draft = Draft(event, unmatched.id, unmatched.currency)
    post_unmatched(session, unmatched, draft, debited, credited, actor_id=command.actor.id)


def _credit(session: Session, unmatched: UnmatchedTransaction, command: Decision) -> None:
    if command.client_id is None:
        raise Invalid(PAYER_MISSING, field="client_id")
    client_id = remaining_key(session, command.client_id, lock=True)
    context = ActionContext.at(
        place(session, command.location_id),
        actor_id=command.actor.id,
        reason=command.reason,
        key=f"unmatched:{unmatched.id}",
    )
    unmatched.state, unmatched.location_id, unmatched.client_id = "credited", command.location_id, client_id
    stored_value.credit_account(
        session,
        client_id,
        unmatched.amount_minor,
        StoredValueEntry("refund", context),
        currency=unmatched.currency,
    )


def send_back(transaction_id: UUID) -> None:
    """Give an unmatched payment back to its card, or find out that it was; what is in doubt stays so for the polling job."""
    for refund_id in open_refunds(reading(), transaction_id):
        settle_unmatched(refund_id)


def poll_unmatched_refunds() -> int:
    """Go on with what is to be given back or on its way; returns how many."""
    if not settings().payments.on:
        return 0
    return settle_each(open_refunds(reading()), settle_unmatched)
