"""What Stripe knows and we did not, decided: credited to a client, given back, or explained. Each once, with a reason."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.checkout.stripe_fees import post_at
from pos.clients.queries import client as client_of
from pos.kernel import audit, clock
from pos.kernel.db import reading
from pos.kernel.errors import Conflict, Invalid, NotFound, PosError
from pos.kernel.running import settings
from pos.kernel.unit_of_work import unit_of_work
from pos.ledger.rules import Draft
from pos.locations.queries import place
from pos.payments.gateway.current import gateway
from pos.payments.gateway.types import CardRefund, RefundRequest, Rejected
from pos.payments.payout_models import Stray
from pos.staff.approvals import Actor
from pos.stored_value import service as stored_value

log = logging.getLogger(__name__)
DECISIONS = ("credit", "refund", "explain")
# A key that answers 500 always will: after this long without a refund there, another one is taken.
NEW_KEY_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Decision:
    """What a stray was: `credit` it to a client's account, `refund` it to its card, or `explain` it in words.

    `location_id` is where it is booked; what is explained is not booked.
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
    if stray.state != "open":
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
    match command.what:
        case "credit":
            _credit(session, stray, command)
        case "refund":
            stray.state, stray.location_id = "refunding", command.location_id
            _post(session, stray, "stray_found", "refunds_payable", stray.amount_minor, command.actor.id)
        case _:
            stray.state = "explained"
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
    _post(session, stray, "stray_found", "account_credit", stray.amount_minor, command.actor.id)


def _post(session: Session, stray: Stray, event: str, account: str, amount: int, actor_id: UUID | None) -> None:
    assert stray.location_id is not None
    draft = Draft(event, stray.id, stray.currency)
    draft.debit("stripe_clearing", amount)
    draft.credit(account, amount)
    post_at(session, stray.location_id, draft, stray.stripe_id, actor_id=actor_id)


def send_back(stray_id: UUID) -> None:
    """Give a stray payment back to its card, or find out that it was; what is in doubt stays so for the sweep."""
    session = reading()
    stray = session.get(Stray, stray_id)
    if stray is None or stray.state != "refunding":
        return
    intent_id, reference, since = stray.stripe_id, str(stray.id), stray.decided_at
    request = RefundRequest(intent_id, stray.amount_minor, stray.currency, reference=reference)
    session.rollback()
    found = gateway().find_refund(intent_id, reference)
    if found is None:
        late = since is not None and clock.now() - since > NEW_KEY_AFTER
        key = f"stray-{stray_id}" + (f"-{int(clock.now().timestamp()) // 120}" if late else "")
        found = gateway().create_refund(request, key=key)
    if isinstance(found, CardRefund | Rejected):
        _sent_back(stray_id, found)


@unit_of_work
def _sent_back(session: Session, stray_id: UUID, answer: CardRefund | Rejected) -> None:
    stray = _lock(session, stray_id)
    if stray.state != "refunding":
        return
    if isinstance(answer, Rejected):
        log.error("Stripe refused to give %s back: %s %s", stray.stripe_id, answer.code, answer.message)
        stray.sentence = "Stripe refused to give this back. Look at it there."
        return
    stray.refund_id, stray.sentence = answer.refund_id, None
    if answer.status not in ("failed", "canceled"):
        stray.state = "refunded"
        _post(session, stray, "stray_refunded", "refunds_payable", -stray.amount_minor, None)


def sweep_strays() -> int:
    """Go on with what is to be given back; returns how many."""
    if not settings().payments.on:
        return 0
    waiting = reading().scalars(select(Stray.id).where(Stray.state == "refunding")).all()
    for stray_id in waiting:
        try:
            send_back(stray_id)
        except PosError as error:
            log.warning("the stray payment %s is not given back yet: %s", stray_id, error.sentence)
    return len(waiting)
