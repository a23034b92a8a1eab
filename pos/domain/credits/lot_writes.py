"""The one way a lot changes: a conditional UPDATE, and the row that says so.

Measured: only `UPDATE … WHERE remaining >= 1 … RETURNING` kept 100 credits at 100 with eight processes on both databases;
reading first oversold, and so did triggers that sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Update, bindparam, or_, select, update
from sqlalchemy.orm import Session

from pos.core.database.prepared import add_row, run
from pos.core.errors import Conflict, NoCreditLeft
from pos.core.i18n.message import Message
from pos.core.ids import new_id
from pos.core.messages.packages import (
    CREDIT_USED_A_MOMENT_AGO,
    INSTALMENT_UNDER_WAY,
    PACKAGE_CLOSED,
    PACKAGE_FROZEN,
    PACKAGE_REFUNDED,
    PACKAGE_SUSPENDED,
    PAYMENT_DUE_BEFORE_SESSION,
)
from pos.core.money import plain, rates_of
from pos.domain.credits.models import CreditLot, CreditMove
from pos.domain.credits.rules.value import due_for, next_value
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.models import Location

LOT = CreditLot.id == bindparam("lot")
ACTIVE = CreditLot.status == "active"
RESTING_TOO = or_(ACTIVE, CreditLot.status == "frozen")
# Every change of a lot gives back the same columns, so that one verb can write its move.
CHANGED = (
    CreditLot.seq,
    CreditLot.remaining,
    CreditLot.redeemed,
    CreditLot.burned,
    CreditLot.removed,
    CreditLot.quantity,
    CreditLot.net_minor,
    CreditLot.recognised_minor,
    CreditLot.tax_minor,
    CreditLot.tax_due_minor,
    CreditLot.tax_percent,
    CreditLot.second_tax_minor,
    CreditLot.second_tax_due_minor,
    CreditLot.second_tax_percent,
    CreditLot.breakage_minor,
    CreditLot.unpaid_net_minor,
    CreditLot.client_id,
    CreditLot.location_id,
    CreditLot.currency,
)


def change(*where: ColumnElement[bool], **values: Any) -> Update:
    """The statement that changes the lot `lot` where the conditions hold, and numbers its move."""
    return update(CreditLot).where(LOT, *where).values(seq=CreditLot.seq + 1, **values)


_RECOGNISE = (
    update(CreditLot)
    .where(LOT)
    .values(
        recognised_minor=bindparam("recognised"),
        tax_due_minor=bindparam("due"),
        second_tax_due_minor=bindparam("second_due"),
        breakage_minor=bindparam("breakage"),
    )
)


class CreditTax(NamedTuple):
    """Tax of credits, minor units: of both taxes together, and the part of the second."""

    minor: int
    second_minor: int

    def __neg__(self) -> CreditTax:
        return CreditTax(-self.minor, -self.second_minor)


NO_TAX = CreditTax(0, 0)


@dataclass(frozen=True)
class Moved:
    """A lot after a move. `value_minor` is the change of what is owed: negative when value left.

    `tax_minor` is the change of the tax that is not due yet, `second_tax_minor` the second tax's part of it, at the rates of
    the lot; `breakage_minor` that of the breakage recognised ahead, which is taken back as far as it would be more than what
    is still owed.
    """

    move_id: UUID
    lot_id: UUID
    remaining: int
    value_minor: int
    tax_minor: int = 0
    tax_percent: Decimal = Decimal(0)
    breakage_minor: int = 0
    second_tax_minor: int = 0
    second_tax_percent: Decimal = Decimal(0)


def write_move(
    session: Session,
    lot_id: UUID,
    kind: str,
    delta: int,
    row: Row[Any],
    context: ActionContext,
    *,
    value_minor: int = 0,
    tax: CreditTax = NO_TAX,
    breakage_minor: int = 0,
    paid: bool = False,
    **facts: Any,
) -> Moved:
    """Write the move of a change that has just been made; values other than zero also move what the lot is owed.

    `paid`: the value came with money, and the change itself has added it to the lot.
    """
    move_id = new_id()
    gone = 0 if paid else value_minor
    owed = row.net_minor - row.recognised_minor + gone
    breakage_minor += min(0, owed - row.breakage_minor - breakage_minor)
    if gone or tax.minor or tax.second_minor or breakage_minor:
        run(
            session,
            _RECOGNISE,
            lot=lot_id,
            recognised=row.recognised_minor - gone,
            due=row.tax_due_minor - tax.minor,
            second_due=row.second_tax_due_minor - tax.second_minor,
            breakage=row.breakage_minor + breakage_minor,
        )
    add_row(
        session,
        CreditMove,
        id=move_id,
        lot_id=lot_id,
        seq=row.seq,
        kind=kind,
        delta=delta,
        balance_after=row.remaining,
        key=context.key,
        business_on=context.business_date,
        at=context.now,
        staff_id=context.actor_id,
        approver_id=context.approver_id,
        reason=context.reason[:200],
        value_minor=value_minor,
        tax_minor=tax.minor,
        second_tax_minor=tax.second_minor,
        breakage_minor=breakage_minor,
        **facts,
    )
    return Moved(
        move_id, lot_id, row.remaining, value_minor, tax.minor, row.tax_percent, breakage_minor,
        tax.second_minor, row.second_tax_percent,
    )  # fmt: skip


def outflow_value(row: Row[Any]) -> int:
    """What the credits that a change has just taken out of a lot are worth, net."""
    left = row.redeemed + row.burned + row.removed
    return next_value(row.net_minor, left, row.quantity, row.recognised_minor, row.unpaid_net_minor)


def outflow_tax(row: Row[Any]) -> CreditTax:
    """What of the tax that is not due yet belongs to the credits that a change has just taken out of a lot."""
    return next_tax(row, row.redeemed + row.burned + row.removed)


def next_tax(lot: Any, left: int) -> CreditTax:
    """What of the tax that is not due yet goes with the next credits of a lot; `left` of it have left with them.

    round(T·k/n) − what is due so far, each tax by itself: nothing where the tax was due when they were sold.
    """
    second = next_value(lot.second_tax_minor, left, lot.quantity, lot.second_tax_due_minor)
    first = lot.tax_minor - lot.second_tax_minor, lot.tax_due_minor - lot.second_tax_due_minor
    return CreditTax(next_value(first[0], left, lot.quantity, first[1]) + second, second)


_STATUS = (
    select(
        CreditLot.status,
        CreditLot.remaining,
        CreditLot.quantity,
        CreditLot.locked,
        CreditLot.price_minor,
        CreditLot.unpaid_minor,
        CreditLot.tax_percent,
        CreditLot.second_tax_percent,
        CreditLot.currency,
        CreditLot.held_by_order_id,
        Location.tax_inclusive,
    )
    .join(Location, Location.id == CreditLot.location_id)
    .where(LOT)
)
UNLOCKED = CreditLot.remaining > CreditLot.locked
_WHY_NOT = {
    "frozen": PACKAGE_FROZEN,
    "suspended": PACKAGE_SUSPENDED,
    "refunded": PACKAGE_REFUNDED,
    "closed": PACKAGE_CLOSED,
}


def to_pay_sentence(row: Row[Any]) -> Message:
    """What is to be paid, tax included, before the next credit of a package paid in parts may be used."""
    number = row.quantity - row.remaining + 1
    due = due_for(row.price_minor, row.price_minor - row.unpaid_minor, row.quantity, number)
    due += 0 if row.tax_inclusive else rates_of(row).on(due)
    return PAYMENT_DUE_BEFORE_SESSION(amount=plain(due, row.currency), number=number, quantity=row.quantity)


def refuse(session: Session, lot_id: UUID, sentence: Message = CREDIT_USED_A_MOMENT_AGO) -> NoCreditLeft | Conflict:
    """Why a conditional change of a lot found nothing to change: raise what this returns."""
    row = run(session, _STATUS, lot=lot_id).first()
    if row is not None and row.status in _WHY_NOT:
        return Conflict(_WHY_NOT[row.status], why=row.status, lot_id=str(lot_id))
    if row is not None and row.held_by_order_id is not None:
        return Conflict(INSTALMENT_UNDER_WAY, lot_id=str(lot_id))
    if row is not None and 0 < row.remaining <= row.locked:
        return NoCreditLeft(to_pay_sentence(row), lot_id=str(lot_id))
    return NoCreditLeft(sentence, lot_id=str(lot_id))
