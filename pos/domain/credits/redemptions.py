"""Granting, holding, releasing and redeeming credits: what a sale does with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.core.clock import add_months
from pos.core.database.prepared import add_row, run
from pos.core.ids import new_id
from pos.core.money import allocate
from pos.domain.catalogue.queries import Plan
from pos.domain.clients.persons import same_person
from pos.domain.credits import sharing
from pos.domain.credits.grants import NewLot, open_lot, open_package
from pos.domain.credits.instalments import note_first
from pos.domain.credits.lot_writes import (
    ACTIVE,
    CHANGED,
    UNLOCKED,
    Moved,
    change,
    outflow_tax,
    outflow_value,
    refuse,
    write_move,
)
from pos.domain.credits.models import CreditLot, Redemption
from pos.domain.locations.action_context import ActionContext
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.pricing import PricedLine

_HELD = CreditLot.held >= 1
_ONE_LESS = {"remaining": CreditLot.remaining - 1}
_ONE_HELD_LESS = {"held": CreditLot.held - 1}
_HOLD = change(UNLOCKED, ACTIVE, **_ONE_LESS, held=CreditLot.held + 1).returning(*CHANGED)
_RELEASE = change(_HELD, **_ONE_HELD_LESS, remaining=CreditLot.remaining + 1).returning(*CHANGED)
_REDEEM = change(UNLOCKED, ACTIVE, **_ONE_LESS, redeemed=CreditLot.redeemed + 1).returning(*CHANGED)
# What is held was promised to a payment under way: a freeze that came between does not break the promise.
_REDEEM_HELD = change(_HELD, **_ONE_HELD_LESS, redeemed=CreditLot.redeemed + 1).returning(*CHANGED)
_ORDER_FOR = select(Order.client_id).where(Order.id == bindparam("order"))


def grant(
    session: Session,
    sale: Sale,
    position: int,
    priced: PricedLine,
    context: ActionContext,
    *,
    plan: Plan,
    list_prices: dict[UUID, int],
) -> list[CreditLot]:
    """Create the packages a line sold, one lot each, with the value and terms frozen as sold.

    `list_prices` are the displayed single prices of eligible and included items on the day of sale. A line of several
    packages splits its net and each tax by largest remainder. One paid in parts gets all its credits and the value that was
    paid.
    """
    assert sale.client_id is not None
    count, part = priced.line.quantity, priced.line.part
    nets = allocate(priced.net_minor, [1] * count)
    firsts = allocate(priced.tax_minor - priced.second_tax_minor, [1] * count)
    seconds = allocate(priced.second_tax_minor, [1] * count)
    expires = None if plan.expiry_policy == "never" else add_months(sale.business_on, plan.validity_months)
    roles = [(item, "eligible") for item in plan.eligible] + [(item, "included") for item in plan.included]
    lots = []
    for copy, (net, first, second) in enumerate(zip(nets, firsts, seconds, strict=True), start=1):
        package = open_package(
            session,
            context,
            client_id=sale.client_id,
            name=priced.line.name,
            terms={
                "plan_item_id": str(priced.line.item_id),
                **plan.snapshot_terms(),
                "paid_minor": net + first + second,
            },
            sale_line=(sale.id, position, copy),
        )
        new = NewLot(
            client_id=sale.client_id,
            location_id=sale.location_id,
            currency=sale.currency,
            quantity=plan.credits,
            net_minor=net,
            tax_minor=first + second,
            tax_percent=priced.line.tax_percent,
            second_tax_minor=second,
            second_tax_percent=priced.line.second_tax_percent,
            expires_on=expires,
            items=tuple((item, role, list_prices.get(item, 0)) for item, role in roles),
            tax_prepaid=priced.line.tax_point == "sale",
            tier=plan.tier,
            price_minor=part.price_minor if part else 0,
            unpaid_minor=part.price_minor - part.amount_minor if part else 0,
        )
        lots.append(open_lot(session, package.id, new, context, sale_id=sale.id, tax_inclusive=sale.tax_inclusive))
        if part:
            note_first(session, lots[-1], sale, position, part.amount_minor)
    return lots


def _person_of(session: Session, order_id: UUID, person_id: UUID | None) -> UUID | None:
    return person_id or run(session, _ORDER_FOR, order=order_id).scalar()


def hold(
    session: Session, lot_id: UUID, context: ActionContext, *, order_id: UUID, person_id: UUID | None = None
) -> None:
    """Set one credit aside while its card money is awaited; raises NoCreditLeft, Conflict for a lot that rests.

    `person_id` is who uses it, where that is not the client of the order.
    """
    row = run(session, _HOLD, lot=lot_id).first()
    if row is None:
        raise refuse(session, lot_id)
    person = _person_of(session, order_id, person_id)
    if person is not None and not same_person(session, person, row.client_id):
        sharing.take(session, lot_id, person)
    write_move(session, lot_id, "hold", -1, row, context.keyed(f"hold:{context.key}"), order_id=order_id)


def release(
    session: Session, lot_id: UUID, context: ActionContext, *, order_id: UUID, person_id: UUID | None = None
) -> None:
    """Give a held credit back; `person_id` as in `hold`."""
    [row] = run(session, _RELEASE, lot=lot_id)
    person = _person_of(session, order_id, person_id)
    if person is not None and not same_person(session, person, row.client_id):
        sharing.give_back(session, lot_id, person)
    write_move(session, lot_id, "release", 1, row, context.keyed(f"release:{context.key}"), order_id=order_id)


@dataclass(frozen=True, slots=True)
class Visit:
    """One credit used by a line of a sale: the `number`th of the line at `position`, and the day of the visit.

    `person_id` is who was treated, where that is not the client of the sale.
    """

    position: int
    number: int
    therapist_id: UUID | None
    service_on: date
    person_id: UUID | None = None


def redeem(session: Session, lot_id: UUID, visit: Visit, context: ActionContext, *, sale: Sale, held: bool) -> Moved:
    """Use one credit on one visit and fix the value it turns into revenue.

    `held` uses a credit set aside before; otherwise one that remains. Session k of n is worth round(T·k/n) less what was
    recognised so far; tax whose point is the redemption becomes due in the same way. Somebody else's lot needs a share with
    room, and its owner is told through the outbox. Raises NoCreditLeft, Conflict for a lot that rests.
    """
    treated = visit.person_id or sale.client_id
    assert treated is not None
    row = run(session, _REDEEM_HELD if held else _REDEEM, lot=lot_id).first()
    if row is None:
        raise refuse(session, lot_id)
    shared = not same_person(session, row.client_id, treated)
    if shared and not held:
        sharing.take(session, lot_id, treated)
    value, tax = outflow_value(row), outflow_tax(row)
    keyed = context.keyed(f"redeem:{sale.id}:{visit.position}:{visit.number}")
    moved = write_move(
        session, lot_id, "redeem", 0 if held else -1, row, keyed, value_minor=-value, tax=-tax, sale_id=sale.id
    )
    facts: dict[str, Any] = {
        "id": new_id(),
        "lot_id": lot_id,
        "sale_id": sale.id,
        "sale_position": visit.position,
        "number": visit.number,
        "client_id": treated,
        "therapist_id": visit.therapist_id,
        "value_minor": value,
        "tax_minor": tax.minor,
        "second_tax_minor": tax.second_minor,
        "service_on": visit.service_on,
        "at": context.now,
    }
    add_row(session, Redemption, **facts)
    if shared:
        sharing.notify_owner(session, facts["id"])
    return moved
