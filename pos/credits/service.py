"""Granting, holding, releasing and redeeming credits. Every change goes through one conditional UPDATE.

Measured: only `UPDATE … WHERE remaining >= 1 … RETURNING` kept 100 credits at 100 with eight processes on both databases;
reading first oversold, and so did triggers that sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from pos.catalogue.queries import Plan
from pos.credits.models import CreditLot, CreditMove, LotItem, PurchasedPackage, Redemption
from pos.credits.rules import next_value
from pos.kernel import clock
from pos.kernel.clock import add_months
from pos.kernel.errors import NoCreditLeft
from pos.kernel.ids import new_id
from pos.kernel.money import allocate
from pos.kernel.rows import add_row, add_rows, run
from pos.sales.models import Sale
from pos.sales.rules import PricedLine

_LOT = CreditLot.id == bindparam("lot")
_STEP = {"seq": CreditLot.seq + 1}
_AFTER = (CreditLot.seq, CreditLot.remaining)
_HOLD = (
    update(CreditLot)
    .where(_LOT, CreditLot.remaining >= 1)
    .values(remaining=CreditLot.remaining - 1, held=CreditLot.held + 1, **_STEP)
    .returning(*_AFTER)
)
_RELEASE = (
    update(CreditLot)
    .where(_LOT, CreditLot.held >= 1)
    .values(remaining=CreditLot.remaining + 1, held=CreditLot.held - 1, **_STEP)
    .returning(*_AFTER)
)
_USED = (
    *_AFTER,
    CreditLot.redeemed,
    CreditLot.quantity,
    CreditLot.net_minor,
    CreditLot.recognised_minor,
)
_REDEEM = (
    update(CreditLot)
    .where(_LOT, CreditLot.remaining >= 1)
    .values(remaining=CreditLot.remaining - 1, redeemed=CreditLot.redeemed + 1, **_STEP)
    .returning(*_USED)
)
_REDEEM_HELD = (
    update(CreditLot)
    .where(_LOT, CreditLot.held >= 1)
    .values(held=CreditLot.held - 1, redeemed=CreditLot.redeemed + 1, **_STEP)
    .returning(*_USED)
)
_RECOGNISE = update(CreditLot).where(_LOT).values(recognised_minor=bindparam("recognised"))


@dataclass(frozen=True)
class Moved:
    """A lot after a move."""

    seq: int
    remaining: int


def _move(session: Session, lot_id: UUID, kind: str, delta: int, moved: Moved, key: str, **facts: Any) -> None:
    add_row(
        session,
        CreditMove,
        lot_id=lot_id,
        seq=moved.seq,
        kind=kind,
        delta=delta,
        balance_after=moved.remaining,
        key=key,
        at=clock.now(),
        **facts,
    )


def grant(
    session: Session,
    sale: Sale,
    position: int,
    priced: PricedLine,
    *,
    plan: Plan,
    list_prices: dict[UUID, int],
) -> list[CreditLot]:
    """Create the packages a line sold, one lot each, with the value and terms frozen as sold.

    `list_prices` are the displayed single prices of eligible and included items on the day of sale. A line of several
    packages splits its net and tax by largest remainder.
    """
    assert sale.client_id is not None
    count = priced.line.quantity
    nets, taxes = allocate(priced.net_minor, [1] * count), allocate(priced.tax_minor, [1] * count)
    lots = []
    now = clock.now()
    expires = None
    if plan.expiry_policy != "never":
        expires = add_months(sale.business_on, plan.validity_months)
    for copy, (net, tax) in enumerate(zip(nets, taxes, strict=True), start=1):
        package = PurchasedPackage(
            id=new_id(),
            client_id=sale.client_id,
            location_id=sale.location_id,
            sale_id=sale.id,
            sale_position=position,
            copy=copy,
            name=priced.line.name,
            terms={
                "plan_item_id": str(priced.line.item_id),
                "sessions": plan.sessions,
                "bonus_sessions": plan.bonus_sessions,
                "validity_months": plan.validity_months,
                "refund_policy": plan.refund_policy,
                "expiry_policy": plan.expiry_policy,
                "terms": plan.terms,
                "terms_version": plan.terms_version,
                "paid_minor": net + tax,
            },
            purchased_on=sale.business_on,
            created_at=now,
        )
        lot = CreditLot(
            id=new_id(),
            package_id=package.id,
            client_id=sale.client_id,
            location_id=sale.location_id,
            currency=sale.currency,
            quantity=plan.credits,
            remaining=plan.credits,
            held=0,
            redeemed=0,
            seq=1,
            net_minor=net,
            tax_minor=tax,
            tax_percent=priced.line.tax_percent,
            tax_prepaid=True,
            recognised_minor=0,
            granted_at=now,
            expires_on=expires,
        )
        session.add(package)
        session.flush()
        session.add(lot)
        session.flush()
        roles = [(item, "eligible") for item in plan.eligible] + [(item, "included") for item in plan.included]
        if roles:
            add_rows(
                session,
                LotItem,
                [
                    {"lot_id": lot.id, "item_id": item, "role": role, "list_minor": list_prices.get(item, 0)}
                    for item, role in roles
                ],
            )
        _move(
            session,
            lot.id,
            "grant",
            plan.credits,
            Moved(1, plan.credits),
            f"grant:{lot.id}",
            business_on=sale.business_on,
            sale_id=sale.id,
            staff_id=sale.staff_id,
        )
        lots.append(lot)
    return lots


def hold(session: Session, lot_id: UUID, *, key: str, order_id: UUID, on: date, staff_id: UUID | None) -> None:
    """Set one credit aside while its card money is awaited; raises NoCreditLeft."""
    row = run(session, _HOLD, lot=lot_id).first()
    if row is None:
        raise NoCreditLeft("The credit was used a moment ago.", lot_id=str(lot_id))
    _move(
        session,
        lot_id,
        "hold",
        -1,
        Moved(row.seq, row.remaining),
        f"hold:{key}",
        business_on=on,
        order_id=order_id,
        staff_id=staff_id,
    )


def release(session: Session, lot_id: UUID, *, key: str, order_id: UUID, on: date, staff_id: UUID | None) -> None:
    """Give a held credit back."""
    row = run(session, _RELEASE, lot=lot_id).one()
    _move(
        session,
        lot_id,
        "release",
        1,
        Moved(row.seq, row.remaining),
        f"release:{key}",
        business_on=on,
        order_id=order_id,
        staff_id=staff_id,
    )


def redeem(
    session: Session,
    lot_id: UUID,
    *,
    sale: Sale,
    position: int,
    number: int,
    therapist_id: UUID | None,
    held: bool,
    service_on: date,
) -> tuple[Redemption, int]:
    """Use one credit on one visit and fix the value it turns into revenue; returns it with the credits left.

    `held` uses a credit set aside before; otherwise one that remains. Session k of n is worth round(T·k/n) less what was
    recognised so far. Raises NoCreditLeft.
    """
    row = run(session, _REDEEM_HELD if held else _REDEEM, lot=lot_id).first()
    if row is None:
        raise NoCreditLeft("The credit was used a moment ago.", lot_id=str(lot_id))
    value = next_value(row.net_minor, row.redeemed, row.quantity, row.recognised_minor)
    run(session, _RECOGNISE, lot=lot_id, recognised=row.recognised_minor + value)
    _move(
        session,
        lot_id,
        "redeem",
        0 if held else -1,
        Moved(row.seq, row.remaining),
        f"redeem:{sale.id}:{position}:{number}",
        business_on=service_on,
        sale_id=sale.id,
        staff_id=sale.staff_id,
    )
    assert sale.client_id is not None
    facts: dict[str, Any] = {
        "id": new_id(),
        "lot_id": lot_id,
        "sale_id": sale.id,
        "sale_position": position,
        "number": number,
        "client_id": sale.client_id,
        "therapist_id": therapist_id,
        "value_minor": value,
        "service_on": service_on,
        "at": clock.now(),
    }
    add_row(session, Redemption, **facts)
    return Redemption(**facts), row.remaining
