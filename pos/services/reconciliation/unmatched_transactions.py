"""What Stripe knows and we did not, decided: credited to a client, given back, or explained.

Each once, with a reason; a payment whose refund failed is decided once more.
"""

from __future__ import annotations

import logging
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
    PosError,
)
from pos.domain.clients.queries import client as client_of
from pos.domain.ledger.entries import Draft
from pos.domain.locations.queries import place
from pos.domain.payouts.models import UNDECIDED, Stray
from pos.domain.staff.approvals import Actor
from pos.domain.stored_value import wallet as stored_value
from pos.services.reconciliation.unmatched_refunds import (
    add_refund,
    open_refunds,
    post_unmatched,
    settle_unmatched,
)

log = logging.getLogger(__name__)
DECISIONS = ("credit", "refund", "explain")


@dataclass(frozen=True)
class Decision:
    """What a stray was: `credit` it to a client's account, `refund` it to its card, or `explain` it in words.

    `location_id` is where it is booked; what is explained is booked no longer.
    """

    stray_id: UUID
    what: str
    reason: str
    actor: Actor
    location_id: UUID
    client_id: UUID | None = None


def decide(command: Decision) -> str:
    """Carry a decision out; returns the state of the stray then. Raises NotFound, Invalid, Conflict where one was made."""
    _decide(command)
    if command.what == "refund":
        send_back(command.stray_id)
    return reading().get_one(Stray, command.stray_id).state


def _lock(session: Session, stray_id: UUID) -> Stray:
    stray = session.get(Stray, stray_id, with_for_update=True, populate_existing=True)
    if stray is None:
        raise NotFound("There is no such payment.")
    return stray


@unit_of_work
def _decide(session: Session, command: Decision) -> None:
    stray = _lock(session, command.stray_id)
    if stray.state not in UNDECIDED:
        raise Conflict("Somebody has decided about this already. Nothing was done.", why="decided")
    if command.what not in DECISIONS:
        raise Invalid("Choose what it was.", field="what")
    if not command.reason:
        raise Invalid("Write why, for whoever reads this later.", field="reason")
    if stray.location_id not in (None, command.location_id):
        raise Invalid("This payment was taken at another location.", field="location_id")
    if command.what != "explain":
        _expect_payment(session, stray, command)
    stray.note, stray.decided_by, stray.decided_at = command.reason[:200], command.actor.id, clock.now()
    was_booked, stray.sentence = stray.state == "failed", None
    match command.what:
        case "credit":
            _credit(session, stray, command)
            event = "unmatched_credited" if was_booked else "stray_found"
            _book(
                session, stray, event, "refunds_payable" if was_booked else "stripe_clearing", "account_credit", command
            )
        case "refund":
            stray.state, stray.location_id = "refunding", command.location_id
            add_refund(session, stray, command.actor)
            if not was_booked:
                _book(session, stray, "stray_found", "stripe_clearing", "refunds_payable", command)
        case _:
            stray.state = "explained"
            if was_booked:
                _book(session, stray, "unmatched_explained", "refunds_payable", "stripe_clearing", command)
    session.flush()
    audit.note(
        session,
        f"stray.{stray.state}",
        actor_kind="staff",
        actor_id=command.actor.id,
        location_id=command.location_id,
        subject_id=stray.id,
        stripe_id=stray.stripe_id,
        amount_minor=stray.amount_minor,
        client_id=str(command.client_id or ""),
        reason=command.reason,
    )


def _expect_payment(session: Session, stray: Stray, command: Decision) -> None:
    if stray.kind != "payment":
        raise Invalid("Only a payment can be credited or given back. Explain what this was.", field="what")
    where = place(session, command.location_id)
    if where.currency != stray.currency:
        raise Invalid(f"That location does not trade in {stray.currency}.", field="location_id")


def _book(session: Session, stray: Stray, event: str, debited: str, credited: str, command: Decision) -> None:
    draft = Draft(event, stray.id, stray.currency)
    post_unmatched(session, stray, draft, debited, credited, actor_id=command.actor.id)


def _credit(session: Session, stray: Stray, command: Decision) -> None:
    if command.client_id is None:
        raise Invalid("Choose the client who paid.", field="client_id")
    client_of(session, command.client_id)
    now = clock.now()
    stray.state, stray.location_id, stray.client_id = "credited", command.location_id, command.client_id
    stored_value.credit_account(
        session,
        client_id=command.client_id,
        location_id=command.location_id,
        currency=stray.currency,
        amount_minor=stray.amount_minor,
        kind="refund",
        key=f"stray:{stray.id}",
        business_on=place(session, command.location_id).business_date(now),
        at=now,
        staff_id=command.actor.id,
        note=command.reason,
    )


def send_back(stray_id: UUID) -> None:
    """Give an unmatched payment back to its card, or find out that it was; what is in doubt stays so for the sweep."""
    for refund_id in open_refunds(reading(), stray_id):
        settle_unmatched(refund_id)


def sweep_strays() -> int:
    """Go on with what is to be given back or on its way; returns how many."""
    if not settings().payments.on:
        return 0
    waiting = open_refunds(reading())
    for refund_id in waiting:
        try:
            settle_unmatched(refund_id)
        except PosError as error:
            log.warning("the refund %s of an unmatched payment stays open: %s", refund_id, error.sentence)
        except Exception:  # whatever one refund meets, the younger ones must be asked about too
            log.exception("the refund %s of an unmatched payment stays open", refund_id)
            reading().rollback()
    return len(waiting)
