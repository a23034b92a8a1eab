"""Opening packages and lots: by a sale, by a manager, free of charge, from an older system, from another client's lot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pos.core.database.prepared import add_row, add_rows
from pos.core.ids import new_id
from pos.core.money import inside, rates_of
from pos.domain.credits.models import (
    CreditLot,
    CreditMove,
    LotItem,
    PurchasedPackage,
)
from pos.domain.credits.rules.value import usable
from pos.domain.locations.action_context import ActionContext


@dataclass(frozen=True)
class NewLot:
    """What a lot starts with: credits, their value net of tax for all together, what it is good for and until when.

    `items` are (item, role, list price in minor units), role `eligible` or `included`. Tax that is not `tax_prepaid` becomes
    due as the credits are used; `second_tax_minor` of it is the location's second tax. Of a package paid in parts
    `price_minor` is the whole price as displayed, `unpaid_minor` what of it is paid later.
    """

    client_id: UUID
    location_id: UUID
    currency: str
    quantity: int
    net_minor: int
    tax_minor: int
    tax_percent: Decimal
    expires_on: date | None
    items: tuple[tuple[UUID, str, int], ...]
    tax_prepaid: bool = True
    origin_lot_id: UUID | None = None
    price_minor: int = 0
    unpaid_minor: int = 0
    tier: int = 0
    second_tax_minor: int = 0
    second_tax_percent: Decimal = Decimal(0)


def open_package(
    session: Session,
    context: ActionContext,
    *,
    client_id: UUID,
    name: str,
    terms: dict[str, Any],
    kind: str = "sale",
    reason: str = "",
    sale_line: tuple[UUID, int, int] | None = None,
) -> PurchasedPackage:
    """Write a package; `kind` is sale, complimentary or opening, `sale_line` the sale, position and copy it came from."""
    sale_id, position, copy = sale_line or (None, None, None)
    package = PurchasedPackage(
        id=new_id(),
        client_id=client_id,
        location_id=context.location.id,
        kind=kind,
        reason=reason[:200],
        sale_id=sale_id,
        sale_position=position,
        copy=copy,
        name=name,
        terms=terms,
        purchased_on=context.business_date,
        created_at=context.now,
    )
    session.add(package)
    session.flush()
    return package


def open_lot(
    session: Session,
    package_id: UUID,
    new: NewLot,
    context: ActionContext,
    *,
    kind: str = "grant",
    sale_id: UUID | None = None,
    tax_inclusive: bool = False,
) -> CreditLot:
    """Write a lot with its first move, which brings all its credits and all its value; `context.key` may be empty.

    `tax_inclusive`: the price of a package paid in parts holds its tax.
    """
    unpaid_tax = inside(new.unpaid_minor, rates_of(new).total) if tax_inclusive else 0
    lot = CreditLot(
        id=new_id(),
        package_id=package_id,
        client_id=new.client_id,
        location_id=new.location_id,
        currency=new.currency,
        quantity=new.quantity,
        remaining=new.quantity,
        held=0,
        redeemed=0,
        burned=0,
        removed=0,
        status="active",
        origin_lot_id=new.origin_lot_id,
        seq=1,
        net_minor=new.net_minor,
        tax_minor=new.tax_minor,
        tax_percent=new.tax_percent,
        second_tax_minor=new.second_tax_minor,
        second_tax_percent=new.second_tax_percent,
        tax_prepaid=new.tax_prepaid,
        recognised_minor=0,
        tax_due_minor=new.tax_minor if new.tax_prepaid else 0,
        second_tax_due_minor=new.second_tax_minor if new.tax_prepaid else 0,
        breakage_minor=0,
        price_minor=new.price_minor,
        unpaid_minor=new.unpaid_minor,
        unpaid_net_minor=new.unpaid_minor - unpaid_tax,
        locked=new.quantity - usable(new.price_minor, new.price_minor - new.unpaid_minor, new.quantity),
        held_by_order_id=None,
        tier=new.tier,
        granted_at=context.now,
        expires_on=new.expires_on,
    )
    session.add(lot)
    session.flush()
    _good_for(session, lot.id, new.items)
    add_row(
        session,
        CreditMove,
        id=new_id(),
        lot_id=lot.id,
        seq=1,
        kind=kind,
        delta=new.quantity,
        balance_after=new.quantity,
        key=context.key or f"grant:{lot.id}",
        business_on=context.business_date,
        at=context.now,
        sale_id=sale_id,
        staff_id=context.actor_id,
        approver_id=context.approver_id,
        reason=context.reason[:200],
        value_minor=new.net_minor,
        tax_minor=0 if new.tax_prepaid else new.tax_minor,
        second_tax_minor=0 if new.tax_prepaid else new.second_tax_minor,
        breakage_minor=0,
    )
    return lot


def _good_for(session: Session, lot_id: UUID, items: Iterable[tuple[UUID, str, int]]) -> None:
    rows = [{"lot_id": lot_id, "item_id": item, "role": role, "list_minor": minor} for item, role, minor in items]
    if rows:
        add_rows(session, LotItem, rows)
