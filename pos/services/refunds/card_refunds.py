"""Card money of a sale on its way back: its parts settled at Stripe, owed again when they fail, and retried another way."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
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
)
from pos.core.messages.refunds import (
    ACCOUNT_CREDIT_NEEDS_NAMED_CLIENT,
    CASH_REFUND_NEEDS_DESK,
    INSTEAD_OTHER_DESK_OR_WAY,
    NO_SUCH_REFUND,
    REFUND_DESTINATION_MISSING,
    REFUND_DOES_NOT_FIT,
    REFUND_NOT_TAKEN_BY_BANK,
    REFUND_PART_DECIDED_ALREADY,
)
from pos.core.messages.till import SHIFT_CLOSED
from pos.domain.ledger import posting as ledger
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.cash_rounding import CashRounding
from pos.domain.locations.queries import DeskPlace, desk_place, place
from pos.domain.posting_rules.refunds import entry_for_failure, entry_for_retried_refund
from pos.domain.receipts import credit_notes
from pos.domain.refunds import repository as refunds
from pos.domain.refunds.models import OPEN_PARTS, Refund, RefundPart
from pos.domain.refunds.rules import Destination, next_key
from pos.domain.sales.models import Sale
from pos.domain.staff.approvals import Actor, use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.permissions import Permission
from pos.domain.stored_value import wallet as stored_value
from pos.domain.stored_value.balances import StoredValueEntry
from pos.domain.till.models import Shift
from pos.domain.till.shifts import current_shift
from pos.integrations.stripe.current import is_current_mode
from pos.integrations.stripe.types import (
    CardRefund,
    RefundRequest,
    Rejected,
    Unknown,
)
from pos.services.integrity.run_checks import require_running
from pos.services.refunds.at_stripe import (
    NO_ANSWER,
    STATES,
    WHY_FAILED,
    SentRefund,
    require_current_mode,
    settle,
    settle_each,
)
from pos.services.refunds.status import RefundState, refund_state
from pos.services.till.shifts import require_cash

log = logging.getLogger(__name__)


def _sent(session: Session, part_id: UUID) -> SentRefund | None:
    """A card's part as Stripe is asked for it; None where it is of another kind, or of another mode of payments."""
    part = session.get(RefundPart, part_id)
    if part is None or part.kind != "card" or part.key is None:
        return None
    attempt = refunds.attempt_of_part(session, part)
    if not is_current_mode(attempt.mode) or attempt.intent_id is None:
        return None
    now = clock.now()
    return SentRefund(
        request=RefundRequest(attempt.intent_id, part.amount_minor, attempt.currency, reference=str(part.id)),
        key=part.key,
        state=part.state,
        stripe_refund_id=part.stripe_refund_id,
        reason_code=part.reason_code,
        age=now - part.created_at,
        still=now - part.changed_at,
    )


def settle_part(part_id: UUID) -> None:
    """Find out what became of a card's part, asking for it where that was not done yet; moves it forward only."""
    sent = _sent(reading(), part_id)
    if sent is not None:
        settle(sent, renew=partial(_with_new_key, part_id), apply=partial(apply_refund, part_id))


@unit_of_work
def _renew_key(session: Session, part_id: UUID) -> None:
    part = refunds.lock_part(session, part_id)
    if part.state == "unknown" and part.stripe_refund_id is None and part.key is not None:
        part.key = next_key(part.key)


def _with_new_key(part_id: UUID) -> SentRefund | None:
    _renew_key(part_id)
    return _sent(reading(), part_id)


def send_parts(refund_id: UUID) -> None:
    """Ask Stripe for every card's part of a refund that is still to be sent; what is in doubt stays so for the
    polling job."""
    waiting = [part.id for part in refunds.parts_of(reading(), refund_id) if part.state in OPEN_PARTS]
    for part_id in waiting:
        settle_part(part_id)


@unit_of_work
def apply_refund(
    session: Session, part_id: UUID, answer: CardRefund | Unknown | Rejected, *, is_answer: bool = False
) -> None:
    """Move a part by what Stripe said; late and repeated news change nothing. `is_answer`: it is the answer to our asking.

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
        case Rejected(code=code) if is_answer and code not in NO_ANSWER:
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
        part.reason_code, part.sentence = "mismatch", REFUND_DOES_NOT_FIT
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
    part.reason_code, part.sentence = code[:60], WHY_FAILED.get(code, REFUND_NOT_TAKEN_BY_BANK)
    row = refunds.get(session, part.refund_id)
    refunds.return_to_tender(session, part)
    ledger.post(
        session,
        entry_for_failure(part.id, row.currency, part.amount_minor),
        ActionContext.at(place(session, row.location_id)),
        reference=credit_notes.of_refund(session, row.id).label,
        client_id=session.get_one(Sale, row.sale_id).client_id,
    )
    audit.note(
        session,
        "refund.failed",
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


def poll_refunds() -> int:
    """Ask about every refund whose outcome is still to come; returns how many."""
    if not settings().payments.on:
        return 0
    return settle_each(refunds.open_parts(reading()), settle_part)


@dataclass(frozen=True)
class RetryPart:
    """Give back what did not reach a card: in `cash` at a desk, to the `card` once more, or as `account_credit`."""

    part_id: UUID
    kind: str
    actor: Actor
    desk_id: UUID | None = None
    approval_id: UUID | None = None


def retry_part(command: RetryPart) -> RefundState:
    """Give a failed part back another way; once only.

    Raises Invalid, Conflict when that was done already or the card is of another mode, NotConfigured while cards are off,
    NeedsApproval, and what `require_running` raises where the books are stopped.
    """
    refund_id = _retry_part(command)
    send_parts(refund_id)
    return refund_state(reading(), refund_id)


@unit_of_work
def _retry_part(session: Session, command: RetryPart) -> UUID:
    part = refunds.lock_part(session, command.part_id)
    row = refunds.get(session, part.refund_id)
    desk = desk_place(session, command.desk_id) if command.desk_id else None
    if desk is not None and desk.place.id != row.location_id:
        raise NotFound(NO_SUCH_REFUND)
    if part.id not in {owed.id for owed in refunds.owed_again(session, row.id)}:
        raise Conflict(REFUND_PART_DECIDED_ALREADY, why="not_owed")
    # It was to go to a card. After an older copy was restored it may be there, or have been given in cash.
    require_running(session, row.location_id)
    sale = session.get_one(Sale, row.sale_id)
    way = _way(command, part, sale, place(session, row.location_id).cash)
    if way.kind == "card":
        require_current_mode([refunds.attempt_of_part(session, part).mode])
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
        exceeds=exceeds(
            {Limit.REFUND: part.amount_minor} | ({Limit.CASH_REFUND: part.amount_minor} if way.kind == "cash" else {})
        ),
    )
    context = ActionContext.at(place(session, row.location_id), actor_id=command.actor.id, approver_id=approver)
    _give(session, context, row, part, way, sale, shift)
    return row.id


def _shift_of(session: Session, way: Destination, desk: DeskPlace | None) -> Shift | None:
    """The locked shift whose drawer gives cash; None for other ways. Raises Conflict where it is closed or holds less."""
    if way.kind != "cash" or desk is None:
        return None
    shift = current_shift(session, desk.id, lock=True, closing=True)
    if shift is None:
        raise Conflict(SHIFT_CLOSED, why="shift_closed")
    instead = INSTEAD_OTHER_DESK_OR_WAY
    require_cash(session, shift, way.moved_minor, desk.place.currency, instead=instead)
    return shift


def _way(command: RetryPart, part: RefundPart, sale: Sale, rounding: CashRounding) -> Destination:
    match command.kind:
        case "cash" if command.desk_id is None:
            raise Conflict(CASH_REFUND_NEEDS_DESK, why="cash_at_desk")
        case "account_credit" if sale.client_id is None:
            raise Invalid(ACCOUNT_CREDIT_NEEDS_NAMED_CLIENT, field="kind")
        case "card":
            return Destination("card", part.amount_minor, part.tender_position)
        case "account_credit":
            return Destination(command.kind, part.amount_minor)
        case "cash":
            more = rounding.difference(part.amount_minor)
            return Destination(command.kind, part.amount_minor, rounding_minor=more)
    raise Invalid(REFUND_DESTINATION_MISSING, field="kind")


def _give(
    session: Session,
    context: ActionContext,
    row: Refund,
    failed: RefundPart,
    way: Destination,
    sale: Sale,
    shift: Shift | None,
) -> None:
    if way.kind == "card":
        refunds.take_of_tenders(session, row.sale_id, [way])
    part = refunds.add_part(
        session,
        row,
        way,
        context,
        position=len(refunds.parts_of(session, row.id)) + 1,
        attempt_id=failed.attempt_id if way.kind == "card" else None,
        shift_id=shift.id if shift else None,
        replaces_id=failed.id,
    )
    note = credit_notes.of_refund(session, row.id)
    if way.kind == "account_credit":
        assert sale.client_id is not None
        why = StoredValueEntry("refund", context.keyed(f"refund:{part.id}", note.label), sale_id=sale.id)
        stored_value.credit_account(session, sale.client_id, way.amount_minor, why, currency=row.currency)
    ledger.post(
        session,
        entry_for_retried_refund(part.id, row.currency, way, drawer_id=shift.drawer_id if shift else None),
        context,
        reference=note.label,
        shift_id=shift.id if shift else None,
        client_id=sale.client_id,
    )
    audit.note(
        session,
        "refund.another_way",
        actor_id=context.actor_id,
        location_id=row.location_id,
        subject_id=row.id,
        kind=way.kind,
        amount_minor=way.amount_minor,
        approved_by=str(context.approver_id or ""),
    )
