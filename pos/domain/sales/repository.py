"""Placing orders and writing completed sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos.core import clock
from pos.core.database.base import as_loaded
from pos.core.database.prepared import add_row, add_rows, run
from pos.core.errors import AlreadyUsedKey, Conflict, NotFound
from pos.core.messages.sales import NO_SUCH_ORDER, ORDER_SETTLED_ALREADY, SALE_KEY_USED
from pos.domain.sales.cart_json import cart_to_json
from pos.domain.sales.cart_options import StoredPart
from pos.domain.sales.models import (
    Order,
    Sale,
    SaleLine,
    TaxExemption,
)
from pos.domain.sales.pricing import Cart, Cover

ORDER_TRANSITIONS = {"placed": {"completed", "released"}, "completed": set(), "released": set()}


@dataclass(frozen=True)
class SaleDraft:
    """Who agreed on what, where: the head of a sale."""

    sale_id: UUID
    location_id: UUID
    desk_id: UUID | None
    staff_id: UUID | None
    client_id: UUID | None
    ticket_id: UUID | None
    channel: str
    business_on: date
    completed_at: datetime
    tip_minor: int
    tip_staff_id: UUID | None
    content_hash: str


# The content of the sale already made under the key `sale`.
SEEN_HASH = select(Sale.content_hash).where(Sale.id == bindparam("sale"))


def find(session: Session, sale_id: UUID, content_hash: str) -> Sale | None:
    """The sale already made under this key; raises AlreadyUsedKey if it was for something else."""
    seen = run(session, SEEN_HASH, sale=sale_id).scalar()
    if seen is None:
        return None
    if seen != content_hash:
        raise AlreadyUsedKey(SALE_KEY_USED)
    return session.get_one(Sale, sale_id)


def _cover(cover: Cover | None) -> str:
    return "" if cover is None else "credit" if cover.kind == "first" else cover.kind


def complete(session: Session, agreed: SaleDraft, cart: Cart) -> Sale:
    """Write a sale and its lines; they never change afterwards."""
    head: dict[str, Any] = {
        "id": agreed.sale_id,
        "location_id": agreed.location_id,
        "desk_id": agreed.desk_id,
        "staff_id": agreed.staff_id,
        "client_id": agreed.client_id,
        "ticket_id": agreed.ticket_id,
        "channel": agreed.channel,
        "business_on": agreed.business_on,
        "completed_at": agreed.completed_at,
        "currency": cart.currency,
        "tax_inclusive": cart.tax_inclusive,
        "tax_method": cart.tax_method,
        "list_minor": cart.list_minor,
        "covered_minor": cart.covered_minor,
        "discount_minor": cart.discount_minor,
        "net_minor": cart.net_minor,
        "tax_minor": cart.tax_minor,
        "second_tax_minor": cart.second_tax_minor,
        "total_minor": cart.total_minor,
        "tip_minor": agreed.tip_minor,
        "tip_staff_id": agreed.tip_staff_id,
        "content_hash": agreed.content_hash,
    }
    add_row(session, Sale, **head)
    add_rows(
        session,
        SaleLine,
        [
            {
                "sale_id": agreed.sale_id,
                "position": position,
                "item_id": p.line.item_id,
                "kind": p.line.kind,
                "name": p.line.name,
                "quantity": p.line.quantity,
                "unit_minor": p.line.unit_minor,
                "catalogue_minor": p.line.agreed.list_minor if p.line.agreed else None,
                "price_reason": p.line.agreed.reason if p.line.agreed else "",
                "list_minor": p.list_minor,
                "cover": _cover(p.line.cover),
                "covered_minor": p.covered_minor,
                "discount_minor": p.discount_minor,
                "discount_reason": p.line.discount.reason if p.line.discount else "",
                "net_minor": p.net_minor,
                "tax_minor": p.tax_minor,
                "second_tax_minor": p.second_tax_minor,
                "tax_category": p.line.tax_category,
                "tax_percent": p.line.tax_percent,
                "second_tax_percent": p.line.second_tax_percent,
                "tax_point": p.line.tax_point,
                "therapist_id": p.line.therapist_id,
                "person_id": p.line.person_id,
            }
            for position, p in enumerate(cart.lines, start=1)
        ],
    )
    exempt = [
        {
            "sale_id": agreed.sale_id,
            "position": position,
            "exempt": p.line.exempt_units,
            "units": p.line.units,
            "net_minor": p.exempt_minor,
            "reason": p.line.exemption.reason,
            "reference": p.line.exemption.reference,
        }
        for position, p in enumerate(cart.lines, start=1)
        if p.line.exemption
    ]
    if exempt:
        add_rows(session, TaxExemption, exempt)
    return as_loaded(Sale, head)


def place(
    session: Session,
    agreed: SaleDraft,
    cart: Cart,
    *,
    grants: dict[str, Any],
    cash_tendered_minor: int,
    card_minor: int,
    locale: str,
    stored: tuple[StoredPart, ...] = (),
    buyer: dict[str, Any] | None = None,
) -> Order:
    """Freeze a cart, the terms of the packages in it and what stored value pays, until its card money arrives."""
    order = Order(
        id=agreed.sale_id,
        location_id=agreed.location_id,
        desk_id=agreed.desk_id,
        staff_id=agreed.staff_id,
        client_id=agreed.client_id,
        ticket_id=agreed.ticket_id,
        channel=agreed.channel,
        cart=cart_to_json(cart),
        grants=grants,
        stored=[part.to_json() for part in stored],
        buyer=buyer,
        currency=cart.currency,
        total_minor=cart.total_minor,
        tip_minor=agreed.tip_minor,
        tip_staff_id=agreed.tip_staff_id,
        cash_tendered_minor=cash_tendered_minor,
        card_minor=card_minor,
        locale=locale,
        state="placed",
        content_hash=agreed.content_hash,
        placed_at=clock.now(),
    )
    session.add(order)
    session.flush()
    return order


def lock_order(session: Session, order_id: UUID) -> Order:
    """An order, locked for this transaction; raises NotFound."""
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound(NO_SUCH_ORDER)
    return order


def move_order(order: Order, state: str) -> None:
    """Complete or release a locked order; raises Conflict for a step that was taken already."""
    if state not in ORDER_TRANSITIONS[order.state]:
        raise Conflict(ORDER_SETTLED_ALREADY)
    order.state = state
    order.closed_at = clock.now()


def exemptions_of(session: Session, sale_id: UUID) -> dict[int, TaxExemption]:
    """What of a sale is free of tax, by the position of its line."""
    rows = session.scalars(select(TaxExemption).where(TaxExemption.sale_id == sale_id))
    return {row.position: row for row in rows}


def lines_of(session: Session, sale_id: UUID) -> list[SaleLine]:
    """The lines of a sale in their order."""
    return list(session.scalars(select(SaleLine).where(SaleLine.sale_id == sale_id).order_by(SaleLine.position)))


def sale(session: Session, sale_id: UUID) -> Sale | None:
    """A completed sale, if there is one under this key."""
    return session.get(Sale, sale_id)


def order(session: Session, order_id: UUID) -> Order:
    """An order; raises NoResultFound where there is none."""
    return session.get_one(Order, order_id)


def placed_order(session: Session, ticket_id: UUID) -> Order | None:
    """The order by which a ticket is being paid, if it is."""
    return session.scalar(select(Order).where(Order.ticket_id == ticket_id, Order.state == "placed"))
