"""Putting uses of credits right: reverse a visit, burn a credit, restore a burned one. Each on the day it is done."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import Invalid, NotFound
from pos.core.messages.packages import FORFEIT_KIND_MISSING, NO_SUCH_MOVE
from pos.domain.credits import corrections
from pos.domain.credits.lot_writes import Moved
from pos.domain.credits.models import CreditMove
from pos.domain.ledger.entries import Draft
from pos.domain.posting_rules.sales import book_use
from pos.services.packages.authorization import (
    Adjustment,
    PackageAction,
    authorize_adjustment,
    done_before,
    note,
    post,
)

# Why a credit is used up without a visit.
BURN_CAUSES = ("late_cancel", "no_show")


def _lot_of_move(session: Session, move_id: UUID) -> UUID:
    move = session.get(CreditMove, move_id)
    if move is None:
        raise NotFound(NO_SUCH_MOVE)
    return move.lot_id


def _book(session: Session, adjustment: Adjustment, event: str, moved: Moved) -> None:
    draft = Draft(event, moved.move_id, adjustment.lot.currency)
    book_use(draft, moved)
    post(session, adjustment, draft)


@unit_of_work
def reverse_redemption(session: Session, command: PackageAction, move_id: UUID) -> Moved:
    """Reverse the use of a credit: it returns to its lot, today's revenue is less by its value, the visit's day stays.

    Raises NotFound, NeedsApproval, Conflict when it was reversed already or the package refunded.
    """
    if seen := done_before(session, f"reverse:{command.action_id}"):
        return seen
    adjustment = authorize_adjustment(session, command, _lot_of_move(session, move_id), "reverse")
    moved = corrections.reverse(session, move_id, adjustment.context)
    note(session, adjustment, "reverse", move_id=str(move_id), value_minor=moved.value_minor)
    _book(session, adjustment, "reverse", moved)
    return moved


@unit_of_work
def forfeit_credit(session: Session, command: PackageAction, lot_id: UUID, *, cause: str) -> Moved:
    """Use up a credit for a visit cancelled too late or missed; its value becomes revenue today.

    `cause` is one of BURN_CAUSES. Raises Invalid, NotFound, NeedsApproval, NoCreditLeft.
    """
    if cause not in BURN_CAUSES:
        raise Invalid(FORFEIT_KIND_MISSING, field="cause")
    if seen := done_before(session, f"burn:{command.action_id}"):
        return seen
    adjustment = authorize_adjustment(session, command, lot_id, "burn")
    moved = corrections.forfeit(session, lot_id, adjustment.context)
    note(session, adjustment, "burn", cause=cause, value_minor=moved.value_minor)
    _book(session, adjustment, "burn", moved)
    return moved


@unit_of_work
def undo_forfeit(session: Session, command: PackageAction, move_id: UUID) -> Moved:
    """Give a burned credit back: today reverses it, the day it was burned stays as it was reported.

    Raises NotFound, NeedsApproval, Conflict when it was restored already.
    """
    if seen := done_before(session, f"restore:{command.action_id}"):
        return seen
    adjustment = authorize_adjustment(session, command, _lot_of_move(session, move_id), "restore")
    moved = corrections.restore(session, move_id, adjustment.context)
    note(session, adjustment, "restore", move_id=str(move_id), value_minor=moved.value_minor)
    _book(session, adjustment, "restore", moved)
    return moved
