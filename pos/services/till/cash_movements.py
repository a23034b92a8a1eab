"""Cash that moves in a shift without a sale: paid in, paid out, dropped, a tip paid out, or a drawer opened for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Conflict, Invalid
from pos.core.messages.till import INSTEAD_TAKE_LESS, SHIFT_CLOSED, STAFF_MEMBER_MISSING, TIPS_OWED_LESS
from pos.core.money import to_decimal
from pos.domain.ledger import posting as ledger
from pos.domain.ledger.entries import Draft, cash_drawer
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import DeskPlace, desk_place
from pos.domain.staff.approvals import use_approval
from pos.domain.staff.limit_rules import Limit, exceeds
from pos.domain.staff.models import StaffLocation
from pos.domain.staff.permissions import Permission
from pos.domain.till import shifts as till
from pos.domain.till.models import CashMovement
from pos.domain.till.rules import KINDS, likely_sum, require_likely
from pos.domain.till.shifts import MovementRequest
from pos.domain.tips import repository as tips
from pos.services.till.shifts import acting, require_cash
from pos.services.tips import hold_still


@dataclass(frozen=True)
class Recorded:
    """A movement that was written; the same for every retry."""

    movement_id: UUID
    kind: str
    amount_minor: int


def _require_owed(session: Session, desk: DeskPlace, wanted: MovementRequest) -> None:
    if wanted.recipient_id is None:
        return
    works_here = select(StaffLocation.staff_id).where(
        StaffLocation.staff_id == wanted.recipient_id, StaffLocation.location_id == desk.place.id
    )
    # Of two payouts at two drawers, or a payout and a move of tips, the later one sees what the first has left.
    hold_still(session, desk.place.id)
    owed = tips.owed_to(session, desk.place.id, wanted.recipient_id)
    if not owed and session.scalar(works_here) is None:
        raise Invalid(STAFF_MEMBER_MISSING, field="recipient_id")
    if wanted.amount_minor > owed:
        currency = desk.place.currency
        raise Invalid(TIPS_OWED_LESS(owed=to_decimal(max(0, owed), currency), currency=currency), field="amount")


@unit_of_work
def record_movement(
    session: Session,
    *,
    desk_id: UUID,
    staff_id: UUID,
    wanted: MovementRequest,
    approval_id: UUID | None = None,
    confirmed_minor: int | None = None,
) -> Recorded:
    """Record a movement of cash in the open shift of a desk; the same key again gives the same answer.

    Raises Invalid for what does not fit, Conflict for a closed drawer or more than is in it, NeedsApproval when more leaves
    than the limit of the role, NeedsConfirmation when unusually much comes in, AlreadyUsedKey for another content under the
    key.
    """
    wanted.check()
    desk = desk_place(session, desk_id)
    drawer = till.drawer_of(session, desk)
    if (seen := till.find_movement(session, wanted, drawer.id)) is not None:
        return Recorded(seen.id, seen.kind, seen.amount_minor)
    shift = till.current_shift(session, desk_id, lock=True, closing=True)
    if shift is None:
        raise Conflict(SHIFT_CLOSED, why="shift_closed")
    kind = KINDS[wanted.kind]
    approver = None
    if kind.direction > 0:
        currency = desk.place.currency
        most = likely_sum(currency)
        require_likely(wanted.amount_minor, most, currency, confirmed_minor=confirmed_minor, field="amount")
    if kind.direction < 0:
        require_cash(session, shift, wanted.amount_minor, desk.place.currency, instead=INSTEAD_TAKE_LESS)
        _require_owed(session, desk, wanted)
        approver = use_approval(
            session,
            approval_id,
            action=wanted.kind,
            subject_id=wanted.movement_id,
            amount_minor=wanted.amount_minor,
            actor=acting(session, staff_id),
            permission=Permission.APPROVE,
            location_id=desk.place.id,
            exceeds=exceeds({Limit.PAID_OUT: wanted.amount_minor}),
        )
    movement = till.record_movement(session, shift, wanted, staff_id=staff_id, approved_by=approver, desk=desk)
    context = ActionContext(desk.place, movement.business_on, movement.at, movement.staff_id, reason=movement.reason)
    _post(session, context, desk, movement)
    if movement.kind == "tip_paid_out":
        tips.pay_out(session, context, movement)
    audit.note(
        session,
        f"drawer.{wanted.kind}",
        actor_id=staff_id,
        location_id=desk.place.id,
        subject_id=movement.id,
        amount_minor=movement.amount_minor,
        reason=movement.reason,
        approved_by=str(approver) if approver else None,
    )
    return Recorded(movement.id, movement.kind, movement.amount_minor)


def _post(session: Session, context: ActionContext, desk: DeskPlace, movement: CashMovement) -> None:
    """The entry of a movement; a drawer opened for nothing has none."""
    kind = KINDS[movement.kind]
    if kind.direction == 0:
        return
    draft = Draft(movement.kind, movement.id, desk.place.currency)
    draft.debit(cash_drawer(movement.drawer_id), kind.direction * movement.amount_minor)
    draft.credit(kind.against, kind.direction * movement.amount_minor)
    ledger.post(session, draft, context, reference=desk.name, shift_id=movement.shift_id)
