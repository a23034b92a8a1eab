"""Card money on its way back: sent under a stored key, found again after a doubt, and owed again when it fails.

Stripe forgets keys after a day and repeats a 500 for ever, so a doubt is settled by looking for our reference among the
refunds of the payment before anything is asked for once more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core import audit, clock, outbox
from pos.core.app_context import settings
from pos.core.database.base import reading
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PosError,
)
from pos.domain.ledger import posting as ledger
from pos.domain.locations.queries import DeskPlace, desk_place, place
from pos.domain.posting_rules.refunds import entry_for_another_way, entry_for_failure
from pos.domain.receipts import credit_notes
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import OPEN_PARTS, Refund, RefundPart
from pos.domain.refunds.rules import Way
from pos.domain.sales.models import Sale
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value import wallet as stored_value
from pos.domain.till.models import Shift
from pos.domain.till.shifts import current_shift
from pos.integrations.stripe.current import gateway
from pos.integrations.stripe.types import (
    CardRefund,
    RefundRequest,
    Rejected,
    Unknown,
    UnknownReason,
)
from pos.services.integrity.run_checks import require_running
from pos.services.refunds.status import RefundState, refund_state
from pos.services.till.shifts import require_cash

log = logging.getLogger(__name__)

# After this long Stripe may have forgotten the key, and a second call under it would be a second refund.
KEY_LIVES = timedelta(hours=20)
# A key that answers 500 will always answer 500; after this long without a refund of ours there, another key is taken.
NEW_KEY_AFTER = timedelta(minutes=2)

STATES = {
    "pending": "waiting",
    "requires_action": "waiting",
    "succeeded": "paid_back",
    "failed": "failed",
    "canceled": "failed",
}
WHY_FAILED = {
    "lost_or_stolen_card": "The card is lost or stolen, so its bank sent the money back.",
    "expired_or_canceled_card": "The card has expired or was closed, so its bank sent the money back.",
    "charge_already_refunded": "Stripe says that this payment was given back already. Look at it there.",
    "amount_too_large": "Stripe says that this is more than is left of the payment. Look at it there.",
}
_FAILED = "The bank did not take this refund. The client is owed it: give it back another way."


@dataclass(frozen=True)
class _Facts:
    """A card's part as the calls to Stripe need it."""

    part_id: UUID
    state: str
    key: str
    intent_id: str
    stripe_refund_id: str | None
    amount_minor: int
    currency: str
    reason_code: str | None
    age: timedelta
    still: timedelta

    @property
    def request(self) -> RefundRequest:
        return RefundRequest(self.intent_id, self.amount_minor, self.currency, reference=str(self.part_id))


def _facts(session: Session, part_id: UUID) -> _Facts | None:
    part = session.get(RefundPart, part_id)
    if part is None or part.kind != "card" or part.key is None:
        return None
    attempt = refunds.attempt_of_part(session, part)
    if attempt.mode != settings().payments.mode or attempt.intent_id is None:
        return None
    now = clock.now()
    return _Facts(
        part_id=part.id,
        state=part.state,
        key=part.key,
        intent_id=attempt.intent_id,
        stripe_refund_id=part.stripe_refund_id,
        amount_minor=part.amount_minor,
        currency=attempt.currency,
        reason_code=part.reason_code,
        age=now - part.created_at,
        still=now - part.changed_at,
    )


def _look(facts: _Facts) -> CardRefund | Unknown | Rejected | None:
    """The refund of ours at Stripe, if there is one."""
    if facts.stripe_refund_id is not None:
        return gateway().fetch_refund(facts.stripe_refund_id)
    return gateway().find_refund(facts.intent_id, facts.request.reference)


def settle_part(part_id: UUID) -> None:
    """Find out what became of a card's part, asking for it where that was not done yet; moves it forward only."""
    session = reading()
    facts = _facts(session, part_id)
    session.rollback()
    if facts is None or facts.state == "failed":
        return
    if facts.stripe_refund_id is not None or facts.state == "unknown" or facts.age > KEY_LIVES:
        found = _look(facts)
        if found is not None:
            apply_refund(part_id, found)
            return
        if facts.reason_code == UnknownReason.SERVER_ERROR.value:
            if facts.still < NEW_KEY_AFTER:
                return
            facts = _with_new_key(part_id) or facts
    if facts.state in OPEN_PARTS and facts.stripe_refund_id is None:
        apply_refund(part_id, gateway().create_refund(facts.request, key=facts.key), asked=True)


@unit_of_work
def _renew_key(session: Session, part_id: UUID) -> None:
    part = refunds.lock_part(session, part_id)
    if part.state == "unknown" and part.stripe_refund_id is None and part.key is not None:
        base, _, number = part.key.partition("+")
        part.key = f"{base}+{int(number or 1) + 1}"


def _with_new_key(part_id: UUID) -> _Facts | None:
    _renew_key(part_id)
    return _facts(reading(), part_id)


def send_parts(refund_id: UUID) -> None:
    """Ask Stripe for every card's part of a refund that is still to be sent; what is in doubt stays so for the sweep."""
    waiting = [part.id for part in refunds.parts_of(reading(), refund_id) if part.state in OPEN_PARTS]
    for part_id in waiting:
        settle_part(part_id)


@unit_of_work
def apply_refund(
    session: Session, part_id: UUID, answer: CardRefund | Unknown | Rejected, *, asked: bool = False
) -> None:
    """Move a part by what Stripe said; late and repeated news change nothing. `asked`: it is the answer to our asking.

    A refusal is believed only where nothing can have been done before; otherwise the part stays in doubt and is looked for.
    """
    part = refunds.lock_part(session, part_id)
    match answer:
        case CardRefund():
            _take_news(session, part, answer)
        case Unknown(reason=why):
            if part.state in ("created", "unknown"):
                refunds.move_part(part, "unknown")
                part.reason_code = why.value
        case Rejected(code=code) if asked and code not in ("authentication_failed", "permission_denied"):
            log.error("Stripe refused the refund %s: %s %s", part_id, code, answer.message)
            _fail(session, part, code)
        case Rejected(code=code):
            log.error("Stripe would not do or show the refund %s: %s %s", part_id, code, answer.message)
            refunds.move_part(part, "unknown")
            part.reason_code = code


def _take_news(session: Session, part: RefundPart, answer: CardRefund) -> None:
    row = refunds.get(session, part.refund_id)
    if (answer.amount_minor, answer.currency, answer.reference) != (part.amount_minor, row.currency, str(part.id)):
        log.error("refund %s at Stripe does not fit part %s", answer.refund_id, part.id)
        part.reason_code, part.sentence = "mismatch", "The refund at Stripe does not fit this one. Compare them."
        return
    part.stripe_refund_id = answer.refund_id
    state = STATES[answer.status]
    if state == "failed":
        _fail(session, part, answer.why or answer.status)
    elif refunds.move_part(part, state):
        part.reason_code = part.sentence = None


def _fail(session: Session, part: RefundPart, code: str) -> None:
    """The money did not reach the card: it can be given back to it again, the client is owed it, a manager is told."""
    if not refunds.move_part(part, "failed"):
        return
    part.reason_code, part.sentence = code[:60], WHY_FAILED.get(code, _FAILED)
    row = refunds.get(session, part.refund_id)
    refunds.return_to_tender(session, part)
    where, now = place(session, row.location_id), clock.now()
    ledger.post(
        session,
        entry_for_failure(part.id, row.currency, part.amount_minor),
        location_id=row.location_id,
        business_on=where.business_date(now),
        posted_at=now,
        reference=credit_notes.of_refund(session, row.id).label,
        client_id=session.get_one(Sale, row.sale_id).client_id,
    )
    audit.note(
        session,
        "refund.failed",
        actor_kind="system",
        actor_id=None,
        location_id=row.location_id,
        subject_id=row.id,
        amount_minor=part.amount_minor,
        why=code,
    )
    outbox.record(session, "refund_failed", {"part_id": str(part.id)}, key=f"refund_failed:{part.id}")


def news_of(stripe_refund_id: str) -> bool:
    """A webhook named a refund: look at it, also where it was thought to be over; False if it is none of ours."""
    part = refunds.part_by_object(reading(), stripe_refund_id)
    if part is None:
        return False
    settle_part(part.id)
    return True


def sweep_refunds() -> int:
    """Ask about every refund whose outcome is still to come; returns how many."""
    if not settings().payments.on:
        return 0
    waiting = refunds.open_parts(reading())
    for part_id in waiting:
        try:
            settle_part(part_id)
        except PosError as error:
            log.warning("the refund %s stays open: %s", part_id, error.sentence)
        except Exception:  # whatever one refund meets, the younger ones must be asked about too
            log.exception("the refund %s stays open", part_id)
            reading().rollback()
    return len(waiting)


@dataclass(frozen=True)
class AnotherWay:
    """Give back what did not reach a card: in `cash` at a desk, to the `card` once more, or as `account_credit`."""

    part_id: UUID
    kind: str
    actor: Actor
    desk_id: UUID | None = None
    approval_id: UUID | None = None


def switch_payment_method(command: AnotherWay) -> RefundState:
    """Give a failed part back another way; once only. Raises Invalid, Conflict when that was done already,
    NeedsApproval, and what `require_running` raises where the books are stopped.
    """
    refund_id = _switch_payment_method(command)
    send_parts(refund_id)
    return refund_state(reading(), refund_id)


@unit_of_work
def _switch_payment_method(session: Session, command: AnotherWay) -> UUID:
    part = refunds.lock_part(session, command.part_id)
    row = refunds.get(session, part.refund_id)
    desk = desk_place(session, command.desk_id) if command.desk_id else None
    if desk is not None and desk.place.id != row.location_id:
        raise NotFound("There is no such refund.")
    if part.id not in {owed.id for owed in refunds.owed_again(session, row.id)}:
        raise Conflict("This was given back already, or it is still on its way. Nothing was done.", why="not_owed")
    # It was to go to a card. After an older copy was restored it may be there, or have been given in cash.
    require_running(session, row.location_id)
    sale = session.get_one(Sale, row.sale_id)
    way = _way(command, part, sale)
    shift = _shift_of(session, way, desk)
    approver = use_approval(
        session,
        command.approval_id,
        action="refund_again",
        subject_id=part.id,
        amount_minor=part.amount_minor,
        actor=command.actor,
        permission=Permission.REFUND,
        location_id=row.location_id,
        second_person=way.kind == "cash",
    )
    _give(session, command, row, part, way, sale, shift, approver)
    return row.id


def _shift_of(session: Session, way: Way, desk: DeskPlace | None) -> Shift | None:
    """The locked shift whose drawer gives cash; None for other ways. Raises Conflict where it is closed or holds less."""
    if way.kind != "cash" or desk is None:
        return None
    shift = current_shift(session, desk.id, lock=True, closing=True)
    if shift is None:
        raise Conflict("The drawer of this desk is closed. Count the float and open it first.", why="shift_closed")
    instead = "Pay cash in first, or give it back at another desk or another way. Nothing was done."
    require_cash(session, shift, way.amount_minor, desk.place.currency, instead=instead)
    return shift


def _way(command: AnotherWay, part: RefundPart, sale: Sale) -> Way:
    match command.kind:
        case "cash" if command.desk_id is None:
            raise Conflict("Cash is given back at a desk, out of its drawer.", why="cash_at_desk")
        case "account_credit" if sale.client_id is None:
            raise Invalid("Only a client with a name has account credit.", field="kind")
        case "card":
            return Way("card", part.amount_minor, part.tender_position)
        case "cash" | "account_credit":
            return Way(command.kind, part.amount_minor)
    raise Invalid("Choose cash, the card once more, or account credit.", field="kind")


def _give(
    session: Session,
    command: AnotherWay,
    row: Refund,
    failed: RefundPart,
    way: Way,
    sale: Sale,
    shift: Shift | None,
    approver: UUID | None,
) -> None:
    where, now = place(session, row.location_id), clock.now()
    if way.kind == "card":
        refunds.take_of_tenders(session, row.sale_id, [way])
    part = refunds.add_part(
        session,
        row,
        way,
        position=len(refunds.parts_of(session, row.id)) + 1,
        attempt_id=failed.attempt_id if way.kind == "card" else None,
        shift_id=shift.id if shift else None,
        staff_id=command.actor.id,
        approver_id=approver,
        business_on=where.business_date(now),
        replaces_id=failed.id,
    )
    note = credit_notes.of_refund(session, row.id)
    if way.kind == "account_credit":
        assert sale.client_id is not None
        stored_value.credit_account(
            session,
            client_id=sale.client_id,
            location_id=row.location_id,
            currency=row.currency,
            amount_minor=way.amount_minor,
            kind="refund",
            key=f"refund:{part.id}",
            business_on=part.business_on,
            at=now,
            sale_id=sale.id,
            staff_id=command.actor.id,
            note=note.label,
        )
    ledger.post(
        session,
        entry_for_another_way(part.id, row.currency, way, drawer_id=shift.drawer_id if shift else None),
        location_id=row.location_id,
        business_on=part.business_on,
        posted_at=now,
        reference=note.label,
        actor_id=command.actor.id,
        shift_id=shift.id if shift else None,
        client_id=sale.client_id,
    )
    audit.note(
        session,
        "refund.another_way",
        actor_kind="staff",
        actor_id=command.actor.id,
        location_id=row.location_id,
        subject_id=row.id,
        kind=way.kind,
        amount_minor=way.amount_minor,
        approved_by=str(approver or ""),
    )
