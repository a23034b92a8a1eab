"""Writing whose a tip is, in the transaction of what moved it, and reading who is owed what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos.core.database.prepared import add_rows
from pos.domain.locations.action_context import ActionContext
from pos.domain.refunds.models import Refund
from pos.domain.sales.models import Sale, SaleLine
from pos.domain.till.models import CashMovement
from pos.domain.tips.models import TipAllocation
from pos.domain.tips.rules import (
    TREATMENT,
    Holder,
    Shares,
    share_tip,
    take_back,
)


def _last_position(session: Session, sale_id: UUID) -> int:
    query = select(func.coalesce(func.max(TipAllocation.position), 0)).where(TipAllocation.sale_id == sale_id)
    return int(session.scalar(query) or 0)


def write(
    session: Session,
    shares: Shares,
    context: ActionContext,
    *,
    action_id: UUID,
    kind: str,
    pool_on: date,
    sale_id: UUID | None = None,
    after: int = 0,
) -> None:
    """Write amounts of one action; those of nobody in particular belong to the pool of `pool_on`."""
    if not shares:
        return
    rows = [
        {
            "action_id": action_id,
            "position": after + number,
            "kind": kind,
            "location_id": context.location.id,
            "staff_id": holder,
            "pool_on": pool_on if holder is None else None,
            "amount_minor": minor,
            "sale_id": sale_id,
            "reason": context.reason,
            "actor_id": context.actor_id,
            "business_on": context.business_date,
            "at": context.now,
        }
        for number, (holder, minor) in enumerate(shares, start=1)
    ]
    add_rows(session, TipAllocation, rows)


def give(session: Session, context: ActionContext, sale: Sale, lines: Iterable[tuple[UUID | None, str, int]]) -> None:
    """Give a sale's tip to whom it belongs; a sale without a tip writes and asks nothing. `lines` as in `share_tip`."""
    if not sale.tip_minor:
        return
    write(
        session,
        share_tip(sale.tip_minor, sale.tip_staff_id, lines),
        context,
        action_id=sale.id,
        kind="sale",
        pool_on=sale.business_on,
        sale_id=sale.id,
    )


def give_back(session: Session, context: ActionContext, refund: Refund, sale: Sale) -> None:
    """Take a tip that is given back from those who have it. The sale is locked by the refund."""
    if not refund.tip_minor:
        return
    write(
        session,
        take_back(refund.tip_minor, held_of_sale(session, sale.id)),
        context,
        action_id=refund.id,
        kind="refund",
        pool_on=sale.business_on,
        sale_id=sale.id,
        after=_last_position(session, sale.id),
    )


def move(session: Session, context: ActionContext, sale: Sale, shares: Shares, *, action_id: UUID) -> None:
    """Move amounts of a locked sale's tip; they sum to nothing."""
    write(
        session,
        shares,
        context,
        action_id=action_id,
        kind="move",
        pool_on=sale.business_on,
        sale_id=sale.id,
        after=_last_position(session, sale.id),
    )


def pay_out(session: Session, context: ActionContext, movement: CashMovement) -> None:
    """A tip paid out of a drawer is no longer owed."""
    assert movement.recipient_id is not None
    write(
        session,
        [(movement.recipient_id, -movement.amount_minor)],
        context,
        action_id=movement.id,
        kind="payout",
        pool_on=movement.business_on,
    )


def held_of_sale(session: Session, sale_id: UUID) -> dict[Holder, int]:
    """Who has what of a sale's tip now, before the pool was shared out and before anything was paid out; minor units."""
    rows = session.execute(
        select(TipAllocation.staff_id, func.sum(TipAllocation.amount_minor))
        .where(TipAllocation.sale_id == sale_id)
        .group_by(TipAllocation.staff_id)
    )
    return {holder: int(minor) for holder, minor in rows if minor}


def left_of_sale(session: Session, sale: Sale) -> dict[Holder, int]:
    """What of a sale's tip each holder still has after the pool was shared out and tips were paid out; minor units."""
    found = {}
    for holder, minor in held_of_sale(session, sale.id).items():
        if holder is None:
            has = in_pool(session, sale.location_id, sale.business_on)
        else:
            has = owed_to(session, sale.location_id, holder)
        if has > 0:
            found[holder] = min(minor, has)
    return found


def owed_to(session: Session, location_id: UUID, staff_id: UUID) -> int:
    """Tips owed to one person at a location, minor units; below zero where more was paid out than stayed theirs."""
    total = select(func.coalesce(func.sum(TipAllocation.amount_minor), 0)).where(
        TipAllocation.location_id == location_id, TipAllocation.staff_id == staff_id
    )
    return int(session.scalar(total) or 0)


def owed(session: Session, location_id: UUID) -> dict[UUID, int]:
    """Tips owed to each person at a location, minor units; nobody with nothing."""
    rows = session.execute(
        select(TipAllocation.staff_id, func.sum(TipAllocation.amount_minor))
        .where(TipAllocation.location_id == location_id, TipAllocation.staff_id.is_not(None))
        .group_by(TipAllocation.staff_id)
    )
    return {holder: int(minor) for holder, minor in rows if holder and minor}


def pools(session: Session, location_id: UUID) -> dict[date, int]:
    """What is in the pool of each business date that is not shared out, oldest first; minor units."""
    rows = session.execute(
        select(TipAllocation.pool_on, func.sum(TipAllocation.amount_minor))
        .where(TipAllocation.location_id == location_id, TipAllocation.pool_on.is_not(None))
        .group_by(TipAllocation.pool_on)
        .order_by(TipAllocation.pool_on)
    )
    return {on: int(minor) for on, minor in rows if on and minor}


def in_pool(session: Session, location_id: UUID, on: date) -> int:
    """What is in the pool of one business date; minor units."""
    total = select(func.coalesce(func.sum(TipAllocation.amount_minor), 0)).where(
        TipAllocation.location_id == location_id, TipAllocation.pool_on == on
    )
    return int(session.scalar(total) or 0)


def treated(session: Session, location_id: UUID, on: date) -> dict[UUID, int]:
    """The therapists named on a business date's treatments, with the undiscounted price of what they gave; minor units."""
    rows = session.execute(
        select(SaleLine.therapist_id, func.sum(SaleLine.list_minor))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(
            Sale.location_id == location_id,
            Sale.business_on == on,
            SaleLine.kind.in_(TREATMENT),
            SaleLine.therapist_id.is_not(None),
        )
        .group_by(SaleLine.therapist_id)
    )
    return {therapist: int(minor) for therapist, minor in rows if therapist}
