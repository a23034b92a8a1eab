"""What a manager does with tips: move a wrong one, share out the pool of a date. Each is new rows with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core import audit
from pos.core.database.unit_of_work import unit_of_work
from pos.core.errors import (
    AlreadyUsedKey,
    Conflict,
    Invalid,
    NotFound,
)
from pos.core.messages.sales import NO_SUCH_SALE
from pos.core.messages.till import (
    AMOUNT_MISSING,
    POOL_CHANGED,
    POOL_EMPTY,
    POOL_SHARED_BY_VALUE,
    POOL_SHARED_EQUALLY,
    POOL_SHARED_OUT_BUT,
    POOL_WITHOUT_PEOPLE,
    STAFF_MEMBER_MISSING,
    TIP_MOVE_KEY_USED,
    TIP_MOVED_TO_SAME,
    TIP_NOT_MOVED,
    TIP_PAID_OUT_BUT,
    TIP_PARTLY_THERE,
)
from pos.core.money import plain
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.models import Location
from pos.domain.locations.queries import place
from pos.domain.refunds import repository as refunds
from pos.domain.sales.models import Sale
from pos.domain.staff.models import StaffLocation
from pos.domain.tips import repository as tips
from pos.domain.tips.models import TipAllocation
from pos.domain.tips.rules import Holder, Shares, share_pool
from pos.services.packages.authorization import reason_of

MOVED = "tips.moved"
SHARED = "tips.shared"


@dataclass(frozen=True)
class MoveTip:
    """Move a part of a sale's tip from one holder to another; None is the pool. `action_id` guards the retry."""

    action_id: UUID
    sale_id: UUID
    from_id: Holder
    to_id: Holder
    amount_minor: int
    reason: str
    staff_id: UUID


@dataclass(frozen=True)
class SharePool:
    """Share out the pool of a business date among `among`; `expected_minor` is what the person saw in it."""

    action_id: UUID
    location_id: UUID
    on: date
    among: frozenset[UUID]
    by_value: bool
    expected_minor: int
    staff_id: UUID


def hold_still(session: Session, location_id: UUID) -> None:
    """Let no other payout, move or sharing of a location's tips run before this transaction ends. Sales do not wait."""
    session.execute(select(Location.id).where(Location.id == location_id).with_for_update(key_share=True))


def shares_json(shares: Shares) -> list[list[str | int]]:
    """What an audit row keeps of an action: holder (empty for the pool) and minor units."""
    return [[str(holder or ""), minor] for holder, minor in shares]


def _written(session: Session, action_id: UUID) -> Shares:
    rows = session.scalars(
        select(TipAllocation).where(TipAllocation.action_id == action_id).order_by(TipAllocation.position)
    )
    return [(row.staff_id, row.amount_minor) for row in rows]


def _require_works_here(session: Session, location_id: UUID, people: frozenset[UUID], field: str) -> None:
    staff_of_location = select(StaffLocation.staff_id).where(StaffLocation.location_id == location_id)
    if people - set(session.scalars(staff_of_location)):
        raise Invalid(STAFF_MEMBER_MISSING, field=field)


def _require_left(session: Session, sale: Sale, holder: Holder, minor: int) -> None:
    """Raise Conflict where a holder has less left of a sale's tip. The location's tips are held still."""
    left = tips.left_of_sale(session, sale).get(holder, 0)
    if minor <= left:
        return
    amount = plain(left, sale.currency)
    if left == tips.held_of_sale(session, sale.id).get(holder, 0):
        why = TIP_PARTLY_THERE(amount=amount)
    elif holder is None:
        why = POOL_SHARED_OUT_BUT(amount=amount)
    else:
        why = TIP_PAID_OUT_BUT(amount=amount)
    raise Conflict(TIP_NOT_MOVED(why=why), field="amount")


@unit_of_work
def move_tip(session: Session, command: MoveTip) -> None:
    """Move a part of a sale's tip; the same command again changes nothing. No account moves: tips are owed as before.

    Raises NotFound, Invalid naming the field, AlreadyUsedKey, Conflict for more than the holder has left of this sale's tip:
    what was shared out of the pool or paid out is not there to be moved.
    """
    sale = session.get(Sale, command.sale_id)
    if sale is None:
        raise NotFound(NO_SUCH_SALE)
    shares: Shares = [(command.from_id, -command.amount_minor), (command.to_id, command.amount_minor)]
    if seen := _written(session, command.action_id):
        if seen != shares:
            raise AlreadyUsedKey(TIP_MOVE_KEY_USED)
        return
    reason = reason_of(command.reason)
    if command.from_id == command.to_id:
        raise Invalid(TIP_MOVED_TO_SAME, field="to")
    if command.amount_minor <= 0:
        raise Invalid(AMOUNT_MISSING, field="amount")
    hold_still(session, sale.location_id)
    refunds.lock_sale(session, sale)
    if command.to_id is not None:
        _require_works_here(session, sale.location_id, frozenset({command.to_id}), "to")
    _require_left(session, sale, command.from_id, command.amount_minor)
    context = ActionContext.at(place(session, sale.location_id), actor_id=command.staff_id, reason=reason)
    tips.move(session, context, sale, shares, action_id=command.action_id)
    _note(session, MOVED, command.action_id, shares, context, sale_id=str(sale.id))


@unit_of_work
def share_out(session: Session, command: SharePool) -> None:
    """Share out what is in the pool of a business date; the same command again changes nothing.

    Raises Invalid for nobody or somebody who does not work here, Conflict when the pool is not what was shown.
    """
    if _written(session, command.action_id):
        return
    where = place(session, command.location_id)
    if not command.among:
        raise Invalid(POOL_WITHOUT_PEOPLE, field="among")
    hold_still(session, where.id)
    worth = tips.treated(session, where.id, command.on)
    # Who treated that day shares in it even if they have left since.
    _require_works_here(session, where.id, command.among - frozenset(worth), "among")
    minor = tips.in_pool(session, where.id, command.on)
    if minor != command.expected_minor:
        raise Conflict(POOL_CHANGED)
    if not minor:
        raise Conflict(POOL_EMPTY)
    shares = [
        (None, -minor),
        *share_pool(minor, {one: worth.get(one, 0) for one in command.among}, by_value=command.by_value),
    ]
    reason = POOL_SHARED_BY_VALUE if command.by_value else POOL_SHARED_EQUALLY
    context = ActionContext.at(where, actor_id=command.staff_id, reason=reason)
    tips.write(session, shares, context, action_id=command.action_id, kind="pool_share", pool_on=command.on)
    _note(session, SHARED, command.action_id, shares, context, pool_on=command.on.isoformat())


def _note(session: Session, action: str, action_id: UUID, shares: Shares, context: ActionContext, **more: str) -> None:
    audit.note(
        session,
        action,
        actor_id=context.actor_id,
        location_id=context.location.id,
        subject_id=action_id,
        shares=shares_json(shares),
        business_on=context.business_date.isoformat(),
        reason=context.reason,
        **more,
    )
