"""Credits that leave a lot unused, with their part of what is owed: refund, surrender, transfer, expiry; and coming back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import Conflict, Invalid
from pos.core.messages.packages import (
    CREDITS_AT_LEAST_ONE,
    CREDITS_HAVE_NOT_LEFT,
    CREDITS_THEIRS_ALREADY,
    FEWER_CREDITS_LEFT,
    PACKAGE_NOT_FULLY_PAID,
    VALUE_ABOVE_WHAT_IS_OWED,
)
from pos.core.money import cumulative_share, percent_of
from pos.domain.clients.persons import same_person
from pos.domain.credits.grants import NewLot, open_lot
from pos.domain.credits.lot_writes import (
    ACTIVE,
    CHANGED,
    LOT,
    RESTING_TOO,
    CreditTax,
    Moved,
    change,
    next_tax,
    outflow_tax,
    outflow_value,
    refuse,
    write_move,
)
from pos.domain.credits.models import CreditLot, CreditMove, LotItem
from pos.domain.credits.rules.value import next_value, part_of
from pos.domain.locations.action_context import ActionContext

_COUNT: BindParameter[int] = bindparam("count")
_ENOUGH = and_(CreditLot.remaining >= _COUNT, CreditLot.held_by_order_id.is_(None))
_GO = {"remaining": CreditLot.remaining - _COUNT, "removed": CreditLot.removed + _COUNT}
_BACK = (*CHANGED, CreditLot.tax_prepaid, CreditLot.unpaid_minor)
_LEAVE = change(_ENOUGH, ACTIVE, **_GO).returning(*_BACK)
_LEAVE_RESTING = change(_ENOUGH, RESTING_TOO, **_GO).returning(*_BACK)
# What is given to somebody else is paid: the part that is owed stays with who owes it.
_LEAVE_PAID = change(_ENOUGH, ACTIVE, CreditLot.unpaid_minor == 0, **_GO).returning(*_BACK)
_COME_BACK = change(
    CreditLot.removed >= _COUNT,
    remaining=CreditLot.remaining + _COUNT,
    removed=CreditLot.removed - _COUNT,
    status=case((or_(CreditLot.status == "refunded", CreditLot.status == "closed"), "active"), else_=CreditLot.status),
).returning(*CHANGED)


def value_of(lot: CreditLot, credits: int) -> tuple[int, int]:
    """What `credits` of a lot would take with them if they left now: net value and their part of the tax."""
    before = lot.redeemed + lot.burned + lot.removed
    left = before + credits
    return (
        next_value(lot.net_minor, left, lot.quantity, lot.recognised_minor, lot.unpaid_net_minor),
        (tax_share(lot, before, credits) if lot.tax_prepaid else next_tax(lot, left)).minor,
    )


def tax_share(lot: Any, before: int, credits: int) -> CreditTax:
    """The part of the tax that was paid for these credits; of a package paid in parts no more than its sessions had left."""

    def share(paid: int, percent: Decimal) -> int:
        if not lot.unpaid_minor:
            return part_of(paid, before, credits, lot.quantity)
        whole = paid + percent_of(lot.unpaid_net_minor, percent)
        taken = cumulative_share(whole, before, lot.quantity)
        return max(0, min(cumulative_share(whole, before + credits, lot.quantity), paid) - taken)

    second = share(lot.second_tax_minor, lot.second_tax_percent)
    return CreditTax(share(lot.tax_minor - lot.second_tax_minor, lot.tax_percent) + second, second)


# How credits leave without a visit.
OUTFLOWS = ("refund", "surrender", "transfer_out", "carry_out", "expire", "withdraw")


@dataclass(frozen=True)
class Left:
    """Credits that left a lot: their value net of tax, and the part of the tax paid for them.

    `not_due_minor` is what of that tax was not due yet; `breakage_minor` (0 or less) what was recognised ahead and is taken
    back. Of both amounts of tax `second_…` is the part of the location's second tax.
    """

    move_id: UUID
    credits: int
    remaining: int
    net_minor: int
    tax_minor: int
    tax_percent: Decimal
    not_due_minor: int = 0
    breakage_minor: int = 0
    second_tax_minor: int = 0
    second_tax_percent: Decimal = Decimal(0)
    second_not_due_minor: int = 0


def surrender(
    session: Session,
    lot_id: UUID,
    credits: int,
    context: ActionContext,
    *,
    kind: str = "refund",
    value_minor: int | None = None,
    even_frozen: bool = True,
) -> Left:
    """Take unused credits out of a lot with their part of what is owed, by one conditional UPDATE.

    The value is round(T·k/n) − recognised so far unless `value_minor` (net, 0 or more, at most what is owed) says otherwise.
    Posting the entry is the caller's. Raises NoCreditLeft when fewer remain, Conflict for a suspended or refunded lot,
    Invalid for a senseless number.
    """
    if kind not in OUTFLOWS:
        raise ValueError(kind)
    if credits < 1:
        raise Invalid(CREDITS_AT_LEAST_ONE, field="credits")
    leave = _LEAVE_PAID if kind == "transfer_out" else _LEAVE_RESTING if even_frozen else _LEAVE
    row = execute(session, leave, lot=lot_id, count=credits).first()
    if row is None:
        raise refuse(session, lot_id, FEWER_CREDITS_LEFT(count=credits))
    before = row.redeemed + row.burned + row.removed - credits
    value = outflow_value(row) if value_minor is None else value_minor
    if not 0 <= value <= row.net_minor - row.recognised_minor:
        raise Invalid(VALUE_ABOVE_WHAT_IS_OWED, field="value_minor")
    later = outflow_tax(row)
    tax = tax_share(row, before, credits) if row.tax_prepaid else later
    moved = write_move(session, lot_id, kind, -credits, row, context, value_minor=-value, tax=-later)
    return Left(
        moved.move_id, credits, row.remaining, value, tax.minor, row.tax_percent, later.minor, moved.breakage_minor,
        tax.second_minor, row.second_tax_percent, later.second_minor,
    )  # fmt: skip


def reinstate(
    session: Session, lot_id: UUID, credits: int, context: ActionContext, *, undoes: UUID, value_minor: int
) -> Moved:
    """Bring credits back that had left, when what they left for has failed; `undoes` is that move, its value is owed again.

    Raises Conflict when so many have not left.
    """
    row = execute(session, _COME_BACK, lot=lot_id, count=credits).first()
    if row is None:
        raise Conflict(CREDITS_HAVE_NOT_LEFT, lot_id=str(lot_id))
    undone = session.get_one(CreditMove, undoes)
    tax = -CreditTax(undone.tax_minor, undone.second_tax_minor)
    return write_move(
        session, lot_id, "reinstate", credits, row, context, value_minor=value_minor, tax=tax, reverses_id=undoes
    )


_CLOSE = (
    update(CreditLot)
    .where(LOT, CreditLot.remaining + CreditLot.held == 0)
    .values(status=bindparam("as_status"))
    .returning(CreditLot.id)
)
_ITEMS = select(LotItem.item_id, LotItem.role, LotItem.list_minor).where(LotItem.lot_id == bindparam("lot"))


def transfer(
    session: Session, lot: CreditLot, credits: int, context: ActionContext, *, receiver_id: UUID
) -> tuple[Left, CreditLot]:
    """Give credits of a lot to another client as a lot of their own in the same package, with their part of value and tax.

    What is owed in all stays the same. Raises Invalid for the owner themselves, and as `surrender` does.
    """
    if same_person(session, receiver_id, lot.client_id):
        raise Invalid(CREDITS_THEIRS_ALREADY, field="client_id")
    if lot.unpaid_minor:
        raise Conflict(PACKAGE_NOT_FULLY_PAID)
    left = surrender(session, lot.id, credits, context, kind="transfer_out", even_frozen=False)
    new = NewLot(
        client_id=receiver_id,
        location_id=lot.location_id,
        currency=lot.currency,
        quantity=credits,
        net_minor=left.net_minor,
        tax_minor=left.tax_minor,
        tax_percent=lot.tax_percent,
        second_tax_minor=left.second_tax_minor,
        second_tax_percent=lot.second_tax_percent,
        expires_on=lot.expires_on,
        items=tuple((row.item_id, row.role, row.list_minor) for row in execute(session, _ITEMS, lot=lot.id)),
        tax_prepaid=lot.tax_prepaid,
        origin_lot_id=lot.id,
        tier=lot.tier,
    )
    return left, open_lot(session, lot.package_id, new, context.step("in"), kind="transfer_in")


def close(session: Session, lot_id: UUID, *, status: str = "refunded") -> bool:
    """Mark a lot without credits as `refunded` or `closed`, so that nothing comes back to it; whether it was done.

    It is no move: call it in the transaction of the move that emptied the lot.
    """
    return execute(session, _CLOSE, lot=lot_id, as_status=status).first() is not None


def due_to_expire(session: Session, location_id: UUID, before: date) -> list[UUID]:
    """Lots of a location with credits left whose last day was before `before`; frozen, suspended and held ones wait."""
    return list(
        session.scalars(
            select(CreditLot.id)
            .where(
                CreditLot.location_id == location_id,
                CreditLot.expires_on < before,
                CreditLot.remaining > 0,
                CreditLot.held == 0,
                CreditLot.held_by_order_id.is_(None),
                ACTIVE,
            )
            .order_by(CreditLot.expires_on, CreditLot.granted_at, CreditLot.id)
        )
    )
