"""Putting a use right: reversing a redemption, burning a credit for a late cancel or a no-show, restoring a burned one.

Nothing that was written changes: each correction is a new move on the day it is made, and takes back exactly the value the
move it names had.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import Conflict, NotFound
from pos.core.messages.packages import (
    NO_CREDIT_TO_FORFEIT,
    NO_SUCH_FORFEITED_CREDIT,
    NOTHING_TO_RESTORE,
    REVERSED_ALREADY,
)
from pos.core.messages.sales import NO_SUCH_VISIT
from pos.domain.clients.persons import same_person
from pos.domain.credits import sharing
from pos.domain.credits.lot_writes import (
    ACTIVE,
    CHANGED,
    UNLOCKED,
    CreditTax,
    Moved,
    change,
    outflow_tax,
    outflow_value,
    refuse,
    write_move,
)
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    Redemption,
    RedemptionReversal,
)
from pos.domain.locations.action_context import ActionContext

_ALIVE = and_(CreditLot.status != "refunded", CreditLot.status != "closed")
_UNDO_USE = change(
    _ALIVE, CreditLot.redeemed >= 1, redeemed=CreditLot.redeemed - 1, remaining=CreditLot.remaining + 1
).returning(*CHANGED)
_BURN = change(ACTIVE, UNLOCKED, burned=CreditLot.burned + 1, remaining=CreditLot.remaining - 1).returning(*CHANGED)
_RESTORE = change(
    _ALIVE, CreditLot.burned >= 1, burned=CreditLot.burned - 1, remaining=CreditLot.remaining + 1
).returning(*CHANGED)


def redemption_of(session: Session, move_id: UUID) -> Redemption | None:
    """The redemption a move stands for."""
    move = session.get(CreditMove, move_id)
    if move is None or move.kind != "redeem":
        return None
    _, sale_id, position, number = move.key.split(":")
    return session.scalar(
        select(Redemption).where(
            Redemption.sale_id == UUID(sale_id),
            Redemption.sale_position == int(position),
            Redemption.number == int(number),
        )
    )


def _not_yet_reversed(session: Session, move_id: UUID) -> None:
    if session.scalar(select(CreditMove.id).where(CreditMove.reverses_id == move_id)) is not None:
        raise Conflict(REVERSED_ALREADY, move_id=str(move_id))


def reverse(session: Session, move_id: UUID, context: ActionContext) -> Moved:
    """Take back the use of a credit: the credit returns to its lot and its value is owed again, today.

    Raises NotFound for a move that is no use, Conflict when it was reversed already or its package was refunded.
    """
    used = redemption_of(session, move_id)
    if used is None:
        raise NotFound(NO_SUCH_VISIT)
    _not_yet_reversed(session, move_id)
    row = execute(session, _UNDO_USE, lot=used.lot_id).first()
    if row is None:
        raise refuse(session, used.lot_id, NOTHING_TO_RESTORE)
    if not same_person(session, row.client_id, used.client_id):
        sharing.give_back(session, used.lot_id, used.client_id)
    moved = write_move(
        session,
        used.lot_id,
        "reverse",
        1,
        row,
        context,
        value_minor=used.value_minor,
        tax=CreditTax(used.tax_minor, used.second_tax_minor),
        reverses_id=move_id,
        sale_id=used.sale_id,
    )
    session.add(
        RedemptionReversal(
            redemption_id=used.id,
            move_id=moved.move_id,
            value_minor=used.value_minor,
            business_on=context.business_date,
            at=context.now,
        )
    )
    return moved


def forfeit(session: Session, lot_id: UUID, context: ActionContext) -> Moved:
    """Use up one credit without a visit; its value is earned today. Raises NoCreditLeft, Conflict for a lot that rests."""
    row: Row[tuple[int, ...]] | None = execute(session, _BURN, lot=lot_id).first()
    if row is None:
        raise refuse(session, lot_id, NO_CREDIT_TO_FORFEIT)
    return write_move(session, lot_id, "burn", -1, row, context, value_minor=-outflow_value(row), tax=-outflow_tax(row))


def restore(session: Session, move_id: UUID, context: ActionContext) -> Moved:
    """Give a burned credit back, today. Raises NotFound for a move that is no burn, Conflict when it was restored before."""
    burned = session.get(CreditMove, move_id)
    if burned is None or burned.kind != "burn":
        raise NotFound(NO_SUCH_FORFEITED_CREDIT)
    _not_yet_reversed(session, move_id)
    row = execute(session, _RESTORE, lot=burned.lot_id).first()
    if row is None:
        raise refuse(session, burned.lot_id, NOTHING_TO_RESTORE)
    return write_move(
        session,
        burned.lot_id,
        "restore",
        1,
        row,
        context,
        value_minor=-burned.value_minor,
        tax=-CreditTax(burned.tax_minor, burned.second_tax_minor),
        reverses_id=move_id,
    )
