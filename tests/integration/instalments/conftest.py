"""A desk that sells packages in parts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update

from pos.domain.catalogue.models import PackagePlan
from pos.domain.credits.models import CreditLot, PurchasedPackage
from pos.domain.sales.cart_options import Part
from pos.domain.sales.carts import CartRequest
from pos.services.checkout.ring_up import RungUp
from tests.integration.refunds.conftest import build_desk, card_desk
from tests.support.clinic import Clinic, line
from tests.support.gift_card_desk import command

__all__ = ["build_desk", "card_desk"]


def allow_deposit(world: Clinic, percent: str = "20") -> Clinic:
    """Every plan may be sold for a deposit."""
    world.write(lambda session: session.execute(update(PackagePlan).values(deposit_percent=Decimal(percent))))
    return world


def part_of(world: Clinic, amount_minor: int, *, plan: str = "ten", lot_id: UUID | None = None) -> CartRequest:
    """A ticket that sells a package for a first part, or with its lot pays a later one."""
    wanted = world.wanted(line(plan))
    return replace(wanted, lines=(replace(wanted.lines[0], part=Part(amount_minor, lot_id)),))


def pay(world: Clinic, amount_minor: int, *, lot_id: UUID | None = None, client: UUID | None = None) -> RungUp:
    """Pay a part in exact cash."""
    wanted, who = part_of(world, amount_minor, lot_id=lot_id), client or world.ana
    return world.ring_up(command(world, wanted, cash=world.due(wanted, client=who), client=who))


def lot_of(world: Clinic, sale_id: UUID) -> CreditLot:
    """The lot a sale sold."""
    with world.read() as session:
        query = select(CreditLot).join(PurchasedPackage).where(PurchasedPackage.sale_id == sale_id)
        return session.scalars(query).one()
