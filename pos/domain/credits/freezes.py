"""Rest and time: freezing, the suspension during a dispute, and what moves a lot's expiry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from pos.core.database.base import execute
from pos.core.errors import Conflict, Invalid
from pos.core.ids import new_id
from pos.core.messages.packages import (
    CREDITS_NEVER_EXPIRE,
    EXTENSION_ABOVE_TERMS,
    FREEZE_ABOVE_TERMS,
    FREEZE_DAYS_USED_UP,
    FREEZE_END_NOT_LATER,
    LAST_DAY_NOT_LATER,
    PACKAGE_HAS_CHANGED,
    PACKAGE_NOT_FROZEN,
)
from pos.domain.credits.lot_writes import (
    ACTIVE,
    CHANGED,
    RESTING_TOO,
    Moved,
    change,
    refuse,
    write_move,
)
from pos.domain.credits.models import CreditLot, LotExtension, LotFreeze
from pos.domain.locations.action_context import ActionContext, kept_reason

_FREEZE = change(ACTIVE, status="frozen").returning(*CHANGED)
_THAW = change(CreditLot.status == "frozen", status="active").returning(*CHANGED)
_SUSPEND = change(CreditLot.status == "active", status="suspended").returning(*CHANGED)
_RESUME = change(CreditLot.status == "suspended", status="active").returning(*CHANGED)
_EXTEND = change(RESTING_TOO, CreditLot.expires_on == bindparam("ends"), expires_on=bindparam("to")).returning(*CHANGED)
_ENDS = select(CreditLot.expires_on).where(CreditLot.id == bindparam("lot"))
_SET_END = update(CreditLot).where(CreditLot.id == bindparam("lot")).values(expires_on=bindparam("to"))


@dataclass(frozen=True)
class FreezeFacts:
    """One freeze as it stands: `ended_on` is empty while it lasts, `until_on` while nothing ends it by itself."""

    lot_id: UUID
    cause: str
    from_on: date
    until_on: date | None
    ended_on: date | None
    reason: str


def freezes_of(session: Session, lot_ids: list[UUID]) -> list[FreezeFacts]:
    """Every rest of some lots, oldest first."""
    rows = session.scalars(
        select(LotFreeze).where(LotFreeze.lot_id.in_(lot_ids)).order_by(LotFreeze.from_on, LotFreeze.id)
    )
    return [FreezeFacts(f.lot_id, f.cause, f.from_on, f.until_on, f.ended_on, kept_reason(f.reason)) for f in rows]


def days_used(freezes: list[FreezeFacts], today: date) -> int:
    """How many days of freezes that were not medical a lot has had; an open one counts until today."""
    return sum(((f.ended_on or max(today, f.from_on)) - f.from_on).days for f in freezes if f.cause == "freeze")


def freeze(
    session: Session, lot_id: UUID, context: ActionContext, *, until_on: date | None, medical: bool, most_days: int
) -> Moved:
    """Let a lot rest from today; one that is not medical ends by itself when the days the terms allow are used up.

    Raises Conflict for a lot that rests already, Invalid for an end that is not later or beyond the allowance.
    """
    if until_on is not None and until_on <= context.business_date:
        raise Invalid(FREEZE_END_NOT_LATER, field="until_on")
    if not medical:
        allowed = most_days - days_used(freezes_of(session, [lot_id]), context.business_date)
        if allowed < 1:
            raise Invalid(FREEZE_DAYS_USED_UP(count=most_days), field="until_on")
        last = context.business_date + timedelta(days=allowed)
        if until_on is not None and until_on > last:
            raise Invalid(FREEZE_ABOVE_TERMS(count=allowed), field="until_on", last_on=last.isoformat())
        until_on = until_on or last
    row = execute(session, _FREEZE, lot=lot_id).first()
    if row is None:
        raise refuse(session, lot_id)
    moved = write_move(session, lot_id, "freeze", 0, row, context)
    _rest(session, lot_id, "medical" if medical else "freeze", until_on, context)
    return moved


def _rest(session: Session, lot_id: UUID, cause: str, until_on: date | None, context: ActionContext) -> None:
    session.add(
        LotFreeze(
            lot_id=lot_id,
            cause=cause,
            from_on=context.business_date,
            until_on=until_on,
            ended_on=None,
            reason=context.reason[:200],
        )
    )


def _end(session: Session, lot_id: UUID, moved: Moved, on: date, cause: str) -> date | None:
    """End the open rest of a lot on a day and move its expiry by the days it lasted; returns the new expiry."""
    rest = session.scalars(select(LotFreeze).where(LotFreeze.lot_id == lot_id, LotFreeze.ended_on.is_(None))).one()
    rest.ended_on = max(on, rest.from_on)
    session.flush()
    ends: date | None = execute(session, _ENDS, lot=lot_id).scalar()
    days = rest.ended_on - rest.from_on
    if ends is None or not days:
        return ends
    execute(session, _SET_END, lot=lot_id, to=ends + days)
    _note(session, lot_id, moved, cause, ends, ends + days)
    return ends + days


def _note(session: Session, lot_id: UUID, moved: Moved, cause: str, before: date, after: date) -> None:
    session.add(
        LotExtension(
            id=new_id(),
            lot_id=lot_id,
            move_id=moved.move_id,
            cause=cause,
            from_on=before,
            to_on=after,
        )
    )


def unfreeze(session: Session, lot_id: UUID, context: ActionContext, *, ended_on: date | None = None) -> date | None:
    """End a freeze on `ended_on` (default today): the expiry moves by the frozen days. Returns the new expiry.

    Raises Conflict when the lot is not frozen.
    """
    row = execute(session, _THAW, lot=lot_id).first()
    if row is None:
        raise Conflict(PACKAGE_NOT_FROZEN, lot_id=str(lot_id))
    moved = write_move(session, lot_id, "unfreeze", 0, row, context)
    return _end(session, lot_id, moved, ended_on or context.business_date, "freeze")


def end_freeze_for_good(session: Session, lot_id: UUID, context: ActionContext) -> None:
    """End a freeze where there is one: a lot that is given back whole rests no more."""
    if session.scalar(select(CreditLot.status).where(CreditLot.id == lot_id)) == "frozen":
        unfreeze(session, lot_id, context.step("thaw"))


def _lots_of(session: Session, package_id: UUID, status: str) -> list[UUID]:
    query = select(CreditLot.id).where(CreditLot.package_id == package_id, CreditLot.status == status)
    return list(session.scalars(query.order_by(CreditLot.id)))


def suspend_package(session: Session, package_id: UUID, context: ActionContext) -> int:
    """Suspend every living lot of a package, those given to others too, while its payment is disputed.

    Returns how many credits are suspended. A freeze ends first. Doing it again suspends nothing more.
    """
    for lot_id in _lots_of(session, package_id, "frozen"):
        unfreeze(session, lot_id, context.step(f"thaw:{lot_id}"))
    credits = 0
    for lot_id in _lots_of(session, package_id, "active"):
        row = execute(session, _SUSPEND, lot=lot_id).first()
        if row is None:
            continue
        write_move(session, lot_id, "suspend", 0, row, context.step(lot_id))
        _rest(session, lot_id, "dispute", None, context)
        credits += row.remaining
    return credits


def resume_package(session: Session, package_id: UUID, context: ActionContext) -> int:
    """Give the suspended lots of a package back; each expires later by the days lost. Returns how many credits came back."""
    credits = 0
    for lot_id in _lots_of(session, package_id, "suspended"):
        row = execute(session, _RESUME, lot=lot_id).first()
        if row is None:
            continue
        moved = write_move(session, lot_id, "resume", 0, row, context.step(lot_id))
        _end(session, lot_id, moved, context.business_date, "dispute")
        credits += row.remaining
    return credits


def days_extended(session: Session, lot_id: UUID) -> int:
    """By how many days people have moved a lot's expiry so far."""
    earlier = session.execute(
        select(LotExtension.from_on, LotExtension.to_on).where(
            LotExtension.lot_id == lot_id, LotExtension.cause == "manager"
        )
    )
    return sum((row.to_on - row.from_on).days for row in earlier)


def extend(session: Session, lot: CreditLot, to: date, context: ActionContext, *, most_days: int) -> Moved:
    """Move a lot's expiry to a later day; raises Invalid for one that is not later or beyond what the terms allow in all.

    Conflict when the lot rests suspended, or its expiry was moved meanwhile.
    """
    if lot.expires_on is None:
        raise Invalid(CREDITS_NEVER_EXPIRE, field="to")
    if to <= lot.expires_on:
        raise Invalid(LAST_DAY_NOT_LATER, field="to")
    given = days_extended(session, lot.id)
    if given + (to - lot.expires_on).days > most_days:
        raise Invalid(EXTENSION_ABOVE_TERMS(count=most_days, given=given), field="to")
    row = execute(session, _EXTEND, lot=lot.id, ends=lot.expires_on, to=to).first()
    if row is None:
        raise Conflict(PACKAGE_HAS_CHANGED, lot_id=str(lot.id))
    moved = write_move(session, lot.id, "extend", 0, row, context)
    _note(session, lot.id, moved, "manager", lot.expires_on, to)
    return moved


def freezes_due_to_end(session: Session, location_id: UUID, on: date) -> list[tuple[UUID, date]]:
    """Frozen lots of a location whose freeze ends by itself on a day or ended before, with that day."""
    rows = session.execute(
        select(LotFreeze.lot_id, LotFreeze.until_on)
        .join(CreditLot, CreditLot.id == LotFreeze.lot_id)
        .where(
            CreditLot.location_id == location_id,
            CreditLot.status == "frozen",
            LotFreeze.ended_on.is_(None),
            LotFreeze.until_on <= on,
        )
        .order_by(LotFreeze.until_on, LotFreeze.id)
    )
    return [(lot_id, until_on) for lot_id, until_on in rows if until_on is not None]
