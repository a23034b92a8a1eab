"""Packages paid in parts at the desk: priced as a line of what is paid now, reserved while a card is asked, paid last.

The tax point is the part: each part is taxed on its own invoice, at the rate the package was sold at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos.core.errors import Conflict, Invalid
from pos.core.messages.packages import NO_SUCH_PACKAGE
from pos.core.messages.sales import (
    DEPOSIT_OUT_OF_RANGE,
    INSTALMENT_ABOVE_UNPAID,
    INSTALMENT_NOT_POSSIBLE,
    INSTALMENT_TAX_FIXED,
    ONLY_PACKAGES_IN_PARTS,
    PACKAGE_BOUGHT_BY_OTHER,
    PACKAGE_NOT_SOLD_IN_PARTS,
    PACKAGE_ON_TICKET_ALREADY,
)
from pos.core.money import percent_of, plain
from pos.domain.catalogue.models import Item
from pos.domain.catalogue.queries import Picked
from pos.domain.clients.persons import same_person
from pos.domain.credits import instalments
from pos.domain.credits.instalments import PartPaid
from pos.domain.credits.lot_writes import CreditTax
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.locations.action_context import ActionContext
from pos.domain.locations.queries import Place
from pos.domain.sales.cart_options import Part
from pos.domain.sales.carts import CartLineRequest
from pos.domain.sales.models import Order, Sale
from pos.domain.sales.pricing import Cart


def deposit_of(item: Picked) -> int | None:
    """The least that is paid at once of a package's price, as displayed; None where all of it is."""
    # Tax that becomes due session by session would be due of what is not paid yet.
    if item.plan is None or item.tax_point != "sale" or not (percent := Decimal(item.plan.deposit_percent)):
        return None
    return max(1, percent_of(item.price_minor, percent))


def first_part(place: Place, line: CartLineRequest, item: Picked) -> Part | None:
    """What is paid now by a line that sells a package in parts; raises Invalid for too little or for all of it."""
    part = line.part
    if part is None:
        return None
    if item.plan is None:
        raise Invalid(ONLY_PACKAGES_IN_PARTS, field="part")
    least = deposit_of(item)
    if line.visit_conversion is not None or line.exemption is not None or least is None:
        raise Invalid(PACKAGE_NOT_SOLD_IN_PARTS, field="part")
    if not least <= part.amount_minor < item.price_minor:
        below = plain(item.price_minor, place.currency)
        raise Invalid(
            DEPOSIT_OUT_OF_RANGE(least=plain(least, place.currency), below=below),
            field="part",
            least_minor=least,
        )
    return Part(part.amount_minor, None, item.price_minor)


def pick_parts(
    session: Session, place: Place, lines: Iterable[CartLineRequest], *, client_id: UUID | None
) -> dict[UUID, tuple[Picked, Part]]:
    """Later parts as something to price, by line, taxed as their packages were; each with the whole price.

    Raises Invalid for a package that is somebody else's or for more than is to be paid, Conflict for one that is over.
    """
    found: dict[UUID, tuple[Picked, Part]] = {}
    seen: set[UUID] = set()
    for line in lines:
        assert line.part is not None
        if line.exemption is not None:
            raise Invalid(INSTALMENT_TAX_FIXED, field="exemption")
        row = session.execute(
            select(CreditLot, PurchasedPackage, Item)
            .join(PurchasedPackage, PurchasedPackage.id == CreditLot.package_id)
            .join(Item, Item.id == line.item_id)
            .where(CreditLot.id == line.part.lot_id, CreditLot.location_id == place.id)
            .execution_options(populate_existing=True)
        ).first()
        if row is None or str(line.item_id) != row.PurchasedPackage.terms.get("plan_item_id"):
            raise Invalid(NO_SUCH_PACKAGE, field="part")
        lot = row.CreditLot
        if not same_person(session, client_id, row.PurchasedPackage.client_id):
            raise Invalid(PACKAGE_BOUGHT_BY_OTHER, field="part")
        if lot.id in seen:
            raise Invalid(PACKAGE_ON_TICKET_ALREADY, field="part")
        seen.add(lot.id)
        if not lot.remaining or lot.status not in ("active", "frozen"):
            raise Conflict(INSTALMENT_NOT_POSSIBLE, why="over")
        if line.part.amount_minor > lot.unpaid_minor:
            raise Invalid(INSTALMENT_ABOVE_UNPAID(unpaid=plain(lot.unpaid_minor, place.currency)), field="part")
        picked = Picked(
            item_id=line.item_id,
            kind="package",
            name=row.PurchasedPackage.name,
            service_id=None,
            service_name=None,
            minutes=None,
            code=None,
            key=None,
            tax_category=row.Item.tax_category,
            price_minor=line.part.amount_minor,
            tax_percent=lot.tax_percent,
            second_tax_percent=lot.second_tax_percent,
        )
        found[line.line_id] = picked, replace(line.part, price_minor=lot.price_minor)
    return found


def _later(cart: Cart) -> Iterable[tuple[int, UUID, int]]:
    """Position, lot and amount of each later part in a cart."""
    for position, priced in enumerate(cart.lines, start=1):
        part = priced.line.part
        if part is not None and part.lot_id is not None:
            yield position, part.lot_id, part.amount_minor


def hold_later_parts(session: Session, order: Order, cart: Cart) -> None:
    """Keep what a new order pays of packages; raises Conflict where somebody else is paying."""
    for _, lot_id, amount in _later(cart):
        instalments.reserve(session, lot_id, amount, order_id=order.id)


def release_later_parts(session: Session, order: Order, cart: Cart) -> None:
    """An order that is given up pays nothing."""
    for _, lot_id, _ in _later(cart):
        instalments.release(session, lot_id, order_id=order.id)


def pay_later_parts(session: Session, context: ActionContext, sale: Sale, cart: Cart) -> dict[int, PartPaid]:
    """Pay the parts of a completed sale, by the position of their line; raises Conflict where somebody was faster."""
    return {
        position: instalments.pay(
            session,
            lot_id,
            sale,
            position,
            context,
            amount_minor=amount,
            net_minor=cart.lines[position - 1].net_minor,
            tax=CreditTax(cart.lines[position - 1].tax_minor, cart.lines[position - 1].second_tax_minor),
        )
        for position, lot_id, amount in _later(cart)
    }
